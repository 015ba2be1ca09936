import type { Generator } from '../generator/types.js';
import type { Key } from '../history/op.js';
import type { Checker } from './checker.js';
import type { Run } from './run-context.js';

/** A checker by its registered name, with its options; or one that a plug-in brings along. */
export type CheckerRef = Checker | { readonly checker: string; readonly options?: Readonly<Record<string, unknown>> };

/** What clients do, and what the system promises of it. */
export interface Workload {
  readonly name: string;
  readonly description: string;
  /** The operations it uses, with the shape of argument and result, for the reference. */
  readonly operations: Readonly<Record<string, string>>;
  /** Client operations for the load phase, endless and without gaps: the runner adds the rate and the time limit. */
  generator(run: Run): Generator;
  /**
   * After healing, over the keys that the load used: every client shows that it can work again, and reads settle what became of everything. The runner bounds its time. `phase` tells such
   * phases of a run apart, for values that must be unique; `final` if left out.
   */
  final(run: Run, keys: readonly Key[], phase?: string): Generator;
  /** What judges the history, besides the checkers of every run (statistics, liveness, coverage). */
  readonly checkers: readonly CheckerRef[];
}
