/**
 * Single-decree Paxos as Lamport specifies it (tlaplus/Examples, PaxosHowToWinATuringAward/Paxos.tla): acceptors, and a set of messages that never shrinks. A message in it may be received
 * at any time, again and again, or never: so loss, repetition and any order are covered. Proposers have no state: what they may do is decided by the messages sent.
 *
 * The steps are counted as TLC counts them: one for each way in which an action's existential quantifiers can be met, also where several lead to the same state.
 */
import type { Emit, Fingerprint, Model } from '../../../../src/index.js';
import { changesBetween } from './describe.js';
import { labelsOf, type Labels } from './labels.js';
import { bitsOf, layoutOf, packAcceptor, withBit, type Layout, type SynodState } from './layout.js';
import { proposable, quorumsOf, type Quorum } from './proposable.js';
import { scopeProblem, type SynodScope } from './scope.js';
import { symmetryOf } from './symmetry.js';

/** The model for a scope. `symmetry`: states that differ only by the names of acceptors (and of values, unless ballots own them) count as one. Throws FaultlineError (usage) for a scope that does not fit. */
export function synodModel(scope: SynodScope, symmetry = false): Model<SynodState> {
  const problem = scopeProblem(scope);
  if (problem !== undefined) throw problem;
  const model = new SynodModel(scope);
  return symmetry ? Object.assign(model, { canonical: symmetryOf(scope, model.layout) }) : model;
}

class SynodModel implements Model<SynodState> {
  readonly layout: Layout;
  readonly #labels: Labels;
  readonly #quorums: readonly Quorum[];
  readonly #forgets: ((state: SynodState, acceptor: number) => number) | undefined;
  /** By number of acceptors that accepted, as bits: whether they are a quorum. */
  readonly #isQuorum: readonly boolean[];

  constructor(readonly scope: SynodScope) {
    this.layout = layoutOf(scope);
    this.#labels = labelsOf(scope);
    this.#quorums = quorumsOf(scope.acceptors, scope.q1);
    this.#forgets = forgettingOf(scope);
    this.#isQuorum = Array.from({ length: 1 << scope.acceptors }, (_, bits) => countBits(bits) >= scope.q2);
  }

  initial(): readonly SynodState[] {
    const { acceptors } = this.scope;
    return [Array.from({ length: this.layout.words }, (_, word) => (word < acceptors ? packAcceptor(-1, -1, 0) : 0))];
  }

  successors(state: SynodState, emit: Emit<SynodState>): void {
    const { acceptors, ballots } = this.scope;
    for (let ballot = 0; ballot < ballots; ballot++) {
      emit(withBit(state, this.layout.prepares, ballot), this.#labels.prepare[ballot] as string);
      this.#propose(state, ballot, emit);
    }
    for (let acceptor = 0; acceptor < acceptors; acceptor++) {
      this.#promise(state, acceptor, emit);
      this.#accept(state, acceptor, emit);
      if (this.#forgets === undefined) continue;
      const next = state.slice();
      next[acceptor] = this.#forgets(state, acceptor);
      emit(next, this.#labels.forget[acceptor] as string);
    }
  }

  fingerprint(state: SynodState, into: Fingerprint): void {
    for (let word = 0; word < state.length; word++) into.add(state[word] as number);
  }

  violation(state: SynodState): string | undefined {
    const { ballots, values, acceptors } = this.scope;
    const mask = (1 << acceptors) - 1;
    let chosen = -1;
    for (let ballot = 0; ballot < ballots; ballot++) {
      const fields = this.layout.acceptances[ballot] as Layout['acceptances'][number];
      for (let value = 0; value < values; value++) {
        if (this.#isQuorum[bitsOf(state, fields[value] as (typeof fields)[number]) & mask] !== true || chosen === value) continue;
        if (chosen >= 0) return `Agreement: both v${chosen} and v${value} are chosen`;
        chosen = value;
      }
    }
    return undefined;
  }

  changes(before: SynodState, after: SynodState): readonly string[] {
    return changesBetween(this.scope, this.layout, before, after);
  }

  /** Phase 2a. */
  #propose(state: SynodState, ballot: number, emit: Emit<SynodState>): void {
    const { values, mutant } = this.scope;
    const field = this.layout.proposals[ballot] as Layout['proposals'][number];
    if (mutant !== 'two-values-per-ballot' && (bitsOf(state, field) & ((1 << values) - 1)) !== 0) return;
    const labels = this.#labels.propose[ballot] as readonly string[];
    proposable(this.scope, this.layout, this.#quorums, state, ballot, (value) => emit(withBit(state, field, value), labels[value] as string));
  }

  /** Phase 1b. */
  #promise(state: SynodState, acceptor: number, emit: Emit<SynodState>): void {
    const { ballots, values, mutant } = this.scope;
    const word = state[acceptor] as number;
    const promised = (word & 0xff) - 1;
    const acceptedIn = ((word >>> 8) & 0xff) - 1;
    const value = word >>> 16;
    const prepared = bitsOf(state, this.layout.prepares);
    const report = acceptedIn < 0 ? 0 : 1 + acceptedIn * values + value;
    for (let ballot = mutant === 'promise-lower' ? 0 : promised + 1; ballot < ballots; ballot++) {
      if ((prepared & (1 << ballot)) === 0 || ballot === promised) continue;
      const field = this.layout.promises[acceptor]?.[ballot] as Layout['proposals'][number];
      emit(withBit(state, field, report, acceptor, packAcceptor(ballot, acceptedIn, value)), this.#labels.promise[acceptor]?.[ballot]?.[report] as string);
    }
  }

  /** Phase 2b. */
  #accept(state: SynodState, acceptor: number, emit: Emit<SynodState>): void {
    const { ballots, values, mutant } = this.scope;
    const promised = ((state[acceptor] as number) & 0xff) - 1;
    for (let ballot = mutant === 'accept-below-promise' ? 0 : Math.max(0, promised); ballot < ballots; ballot++) {
      const proposed = bitsOf(state, this.layout.proposals[ballot] as Layout['proposals'][number]);
      const raised = mutant === 'accept-no-promise-bump' ? promised : Math.max(promised, ballot);
      for (let value = 0; value < values; value++) {
        if ((proposed & (1 << value)) === 0) continue;
        const field = this.layout.acceptances[ballot]?.[value] as Layout['proposals'][number];
        emit(withBit(state, field, acceptor, acceptor, packAcceptor(raised, ballot, value)), this.#labels.accept[acceptor]?.[ballot]?.[value] as string);
      }
    }
  }
}

/** What is left of an acceptor's word, with the mutants that lose state. */
function forgettingOf({ mutant, acceptors }: SynodScope): ((state: SynodState, acceptor: number) => number) | undefined {
  switch (mutant) {
    case 'forget-promise':
      return (state, acceptor) => (state[acceptor] as number) & ~0xff;
    case 'forget-accepted':
      return (state, acceptor) => (state[acceptor] as number) & 0xff;
    case 'forget-all':
      return () => 0;
    case 'recover-from-all-others':
      return (state, acceptor) => highestOf(state.slice(0, acceptors).filter((_, other) => other !== acceptor));
    default:
      return undefined;
  }
}

function highestOf(words: readonly number[]): number {
  const promised = Math.max(...words.map((word) => word & 0xff));
  const accepted = words.map((word) => word >>> 8).reduce((high, word) => ((word & 0xff) > (high & 0xff) ? word : high), 0);
  return promised | (accepted << 8);
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
