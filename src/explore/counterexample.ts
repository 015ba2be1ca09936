import { Fingerprint } from './fingerprint.js';
import type { Model } from './model.js';
import { NO_PARENT, type StateTable } from './state-table.js';

/** One step of a counterexample. */
export interface ExploreStep {
  /** What happens. */
  readonly label: string;
  /** What it changes, a line each. */
  readonly changes: readonly string[];
}

/** A way from a state to begin with to one in which an invariant does not hold. */
export interface Counterexample {
  /** The invariant, in one sentence. */
  readonly violated: string;
  readonly steps: readonly ExploreStep[];
}

/**
 * Finds the steps to a state again, since only fingerprints were kept: from a state to begin with, always on to the successor whose fingerprint is the next one on the way. Under symmetry
 * the states found may differ from those that were explored, by names that do not matter.
 */
export function counterexample<S>(model: Model<S>, table: StateTable, state: number, violated: string): Counterexample {
  const way: number[] = [];
  for (let number = state; number !== NO_PARENT; number = table.parentOf(number)) way.unshift(number);
  const hash = new Fingerprint();
  const isState = (found: S, number: number): boolean => {
    hash.begin();
    model.fingerprint(model.canonical === undefined ? found : model.canonical(found), hash);
    return table.is(number, hash.low, hash.high);
  };
  let current = [...model.initial()].find((initial) => isState(initial, way[0] as number));
  const steps: ExploreStep[] = [];
  for (const number of way.slice(1)) {
    const before = current;
    let step: { readonly next: S; readonly label: string } | undefined;
    if (before !== undefined) model.successors(before, (next, label) => {
      if (step === undefined && isState(next, number)) step = { next, label };
    });
    if (before === undefined || step === undefined) throw new Error('the model gives other successors than before: its steps depend on something that is not in its states');
    steps.push({ label: step.label, changes: model.changes(before, step.next) });
    current = step.next;
  }
  return { violated: (current === undefined ? undefined : model.violation(current)) ?? violated, steps };
}
