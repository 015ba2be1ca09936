import { WORD_BITS, type SynodScope } from './scope.js';

/**
 * A state of the single-decree model as 32-bit words. First a word for each acceptor; then the set of all messages ever sent, a bit for each message that is possible. Bits that are
 * looked at together (a field) lie in one word: the promises of one acceptor in one ballot; the values proposed in one ballot; the acceptors that have accepted one proposal.
 */
export type SynodState = readonly number[];

/** Where a field lies. */
export interface Field {
  readonly word: number;
  readonly shift: number;
}

/** An acceptor: ballots from 0, -1 for none; the value is 0 if none. */
export interface AcceptorState {
  readonly promised: number;
  readonly acceptedIn: number;
  readonly value: number;
}

/** What a promise reports: nothing, or a value accepted in a ballot. */
export interface PromiseReport {
  readonly acceptedIn: number;
  readonly value: number;
}

/** The fields of all messages for a scope. */
export interface Layout {
  readonly words: number;
  /** A bit for each ballot. */
  readonly prepares: Field;
  /** By acceptor and ballot: bit 0 for a promise that reports nothing, bit 1 + b * values + v for one that reports v accepted in b. */
  readonly promises: readonly (readonly Field[])[];
  /** By ballot: a bit for each value. */
  readonly proposals: readonly Field[];
  /** By ballot and value: a bit for each acceptor. */
  readonly acceptances: readonly (readonly Field[])[];
}

/** Lays the fields out one after another, none across two words. */
export function layoutOf({ acceptors, values, ballots }: SynodScope): Layout {
  let word = acceptors;
  let used = 0;
  const field = (bits: number): Field => {
    if (used + bits > WORD_BITS) {
      word++;
      used = 0;
    }
    used += bits;
    return { word, shift: used - bits };
  };
  const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);
  const prepares = field(ballots);
  const promises = times(acceptors, () => times(ballots, () => field(1 + ballots * values)));
  const proposals = times(ballots, () => field(values));
  const acceptances = times(ballots, () => times(values, () => field(acceptors)));
  return { words: word + 1, prepares, promises, proposals, acceptances };
}

/** The bits of a field from its lowest on; those of later fields in the same word come with them. */
export function bitsOf(state: SynodState, { word, shift }: Field): number {
  return (state[word] as number) >>> shift;
}

/** The state with one bit of a field set, and an acceptor's word replaced if one is given. */
export function withBit(state: SynodState, { word, shift }: Field, bit: number, acceptor = -1, acceptorWord = 0): SynodState {
  const next = state.slice();
  next[word] = (next[word] as number) | (1 << (shift + bit));
  if (acceptor >= 0) next[acceptor] = acceptorWord;
  return next;
}

/** An acceptor's word: a byte each, ballots one higher so that none is 0. */
export function packAcceptor(promised: number, acceptedIn: number, value: number): number {
  return (promised + 1) | ((acceptedIn + 1) << 8) | (value << 16);
}

/** Reads an acceptor's word. */
export function unpackAcceptor(word: number): AcceptorState {
  return { promised: (word & 0xff) - 1, acceptedIn: ((word >>> 8) & 0xff) - 1, value: word >>> 16 };
}
