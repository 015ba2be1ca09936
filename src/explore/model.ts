import type { Fingerprint } from './fingerprint.js';

/**
 * A system as states and steps, to be explored exhaustively. States are values: nothing changes them once they are given. How two states are told apart is up to `fingerprint`, so
 * it has to take in everything that a later step or an invariant depends on.
 */
export interface Model<S> {
  /** The states to begin with, in any order. */
  initial(): Iterable<S>;
  /** Calls `emit` for every step that is possible, with the state after it and what happens, in words. Steps that lead back to the same state, or the same way twice, count as generated. */
  successors(state: S, emit: Emit<S>): void;
  /** Adds what tells this state from others. */
  fingerprint(state: S, into: Fingerprint): void;
  /** The representative of all states that differ from this one only by names that do not matter (acceptors that are alike). Without it every state stands for itself. */
  canonical?(state: S): S;
  /** The invariant that does not hold in this state, in one sentence; undefined: all hold. */
  violation(state: S): string | undefined;
  /** What a step has changed, a line each, for a person who follows a counterexample. */
  changes(before: S, after: S): readonly string[];
}

/** Takes a successor and the label of the step to it. Labels of big models should be made once, not for every call. */
export type Emit<S> = (next: S, label: string) => void;
