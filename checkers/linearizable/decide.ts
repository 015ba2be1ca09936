import { expired, type Budget } from '../shared/budget.js';
import type { Kinds } from './kinds.js';
import type { AnyModel } from './models/index.js';
import type { ObjectHistory } from './object-history.js';
import { Search } from './search.js';
import type { States } from './states.js';
import { classify, layOut, type Classified, type Piece } from './timeline.js';

/** What a search found, and how far it got. Completions are counted: those of operations that certainly happened. */
export type Decision = {
  readonly visited: number;
  /** Completions there are, and how many of them could be put in order at best. */
  readonly completions: number;
  readonly ordered: number;
} & (
  | { readonly valid: true }
  | { readonly valid: false; readonly stuck: Stuck }
  | { readonly valid: 'unknown'; readonly limit: 'time' | 'memory' }
);

/** Where every way to order the history ends. */
export interface Stuck {
  /** The operation whose completion nothing can take. */
  readonly op: number;
  /** The contradiction is complete before this position. */
  readonly end: number;
  /** States possible before it, for people, at most `STATES_SHOWN` of them; how many there are; whether no others are possible. */
  readonly states: readonly string[];
  readonly stateCount: number;
  readonly exhaustive: boolean;
  /** Mutators in the order of one of the longest ways, oldest first, the last of them. */
  readonly path: readonly number[];
  /** A piece of the history that is impossible whatever came before it, if one was found. */
  readonly piece: Piece | undefined;
}

/** What a search needs besides the history. */
export interface Context {
  readonly model: AnyModel;
  readonly initial: unknown;
  readonly kinds: Kinds;
  readonly states: States;
}

const STATES_SHOWN = 8;
/** Configurations without progress after which a piece of the history is looked at by itself; grows with every vain attempt. */
const FIRST_PATIENCE = 2_000;
const LATER_PATIENCE = 4;
/** Lengths of such pieces, in events. */
const SHORTEST_PIECE = 32;
const LONGEST_PIECE = 2048;

/**
 * Decides one object by search. When the search makes no progress, pieces of the history are tried by themselves, which refutes most invalid
 * histories locally; and a register's history is searched with foresight, which decides most of those with few repeated values.
 */
export function decide(history: ObjectHistory, context: Context, budget: Budget): { readonly decision: Decision; readonly classified: Classified } {
  const classified = classify(history, context.kinds);
  const line = layOut(classified, { begin: 0, end: history.positions });
  const starts = [context.states.id(context.model.init(context.initial))];
  const plain = new Search(line, context.kinds, context.states, starts);
  let search = plain;
  const found = (): Omit<Decision, 'valid' | 'stuck' | 'limit'> => ({ visited: plain.visited + (search === plain ? 0 : search.visited), completions: line.returns.length, ordered: Math.max(plain.deepest, search.deepest) });
  for (let patience = FIRST_PATIENCE; ; patience *= LATER_PATIENCE) {
    const outcome = search.run(budget, patience);
    if (outcome === 'valid') return { classified, decision: { ...found(), ordered: line.returns.length, valid: true } };
    if (outcome === 'time' || outcome === 'memory') return { classified, decision: { ...found(), valid: 'unknown', limit: outcome } };
    const last = search.deepest > plain.deepest ? search : plain;
    const op = line.op[line.returns[last.deepest] as number] as number;
    const here = (history.ret[op] as number) + 1;
    const piece = outcome === 'invalid' ? undefined : impossiblePiece(classified, context, here, patience, budget);
    if (outcome === 'invalid' || piece !== undefined) {
      const exhaustive = outcome === 'invalid' && search === plain;
      // Foresight tells that there is no order at all, not where it ends.
      const end = exhaustive || piece !== undefined ? here : history.positions;
      return { classified, decision: { ...found(), valid: false, stuck: { op, end, piece, exhaustive, ...shown(last, context) } } };
    }
    if (search === plain && context.model.register !== undefined) search = new Search(line, context.kinds, context.states, starts, true);
  }
}

function shown(search: Search, context: Context): Pick<Stuck, 'states' | 'stateCount' | 'path'> {
  const { states, path } = search.stuck();
  return { path, stateCount: states.length, states: states.slice(0, STATES_SHOWN).map((state) => context.states.show(state)) };
}

/**
 * Looks for a piece of the history, ending at a position, that no state before it makes possible. In it, operations that were open at its
 * beginning may have taken effect before it, and those that complete after it have no obligation: if not even so an order exists, the
 * whole history has none, however long it is.
 */
export function impossiblePiece(classified: Classified, context: Context, end: number, patience: number, budget: Budget): Piece | undefined {
  for (let length = SHORTEST_PIECE; length <= LONGEST_PIECE && length < end && !expired(budget); length *= 2) {
    const piece = { begin: end - length, end };
    const outcome = tryPiece(classified, context, piece, patience, budget);
    if (outcome === undefined) return undefined;
    if (outcome === 'invalid') return piece;
  }
  return undefined;
}

/** Searches a piece by itself. Undefined: its states cannot be listed, as it does not begin the history. */
export function tryPiece(classified: Classified, context: Context, piece: Piece, patience: number, budget: Budget): ReturnType<Search['run']> | undefined {
  const { model, initial, kinds, states } = context;
  const line = layOut(classified, piece);
  if (piece.begin === 0) return new Search(line, kinds, states, [states.id(model.init(initial))]).run(budget, patience);
  const present = new Set([...line.kind, ...line.classes.map(({ kind }) => kind)]);
  const starts = model.representatives?.([...present].flatMap((kind) => kinds.ops[kind] ?? []), initial);
  if (starts === undefined) return undefined;
  return new Search(line, kinds, states, [...new Set(starts.map((start) => states.id(start)))]).run(budget, patience);
}
