import { usageError } from '../config/option-spec.js';
import { checkerOf, models, PROMISES } from '../registry.js';
import type { Checker } from '../runner/checker.js';
import type { CheckerRef, Workload } from '../runner/workload.js';
import { lookUp } from './suggest.js';

/**
 * What judges a workload: its checkers, or, where the system promises less in the setting that was chosen, that promise in the place of linearizability. Throws FaultlineError (usage) if it cannot
 * be judged of what the workload reads and writes.
 */
export function promisedCheckers(workload: Workload, promise: string | undefined): readonly Checker[] {
  return workload.checkers.map((ref) => checkerOf(promise === undefined ? ref : weaker(ref, workload, promise)));
}

function weaker(ref: CheckerRef, workload: Workload, promise: string): CheckerRef {
  lookUp('promise', promise, PROMISES);
  const { model, init } = 'checker' in ref && ref.checker === 'linearizable' ? (ref.options ?? {}) : {};
  if (typeof model !== 'string' || models[model]?.register === undefined) {
    throw usageError(`--workload ${workload.name}: with these options the system promises no more than ${promise} consistency, which is judged of registers only`, 'Take --workload register, or reads that promise more.');
  }
  return { checker: 'consistency', options: { level: promise, ...(init === undefined ? {} : { init }) } };
}
