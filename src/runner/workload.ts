import type { Generator } from '../generator/types.js';
import type { Checker } from './checker.js';
import type { Run } from './run-context.js';

/** What clients do, and what the system promises of it. */
export interface Workload {
  readonly name: string;
  readonly description: string;
  /** The operations it uses, with the shape of argument and result, for the reference. */
  readonly operations: Readonly<Record<string, string>>;
  /** Client operations for the load phase (without a time limit, which the runner adds). */
  generator(run: Run): Generator;
  /** After healing: reads that settle what became of everything. */
  final(run: Run): Generator;
  /** Judges the history. */
  readonly checkers: readonly Checker[];
}
