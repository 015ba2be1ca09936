import type { Op } from '../../src/index.js';
import { checkOperations, modelOf } from '../linearizable/index.js';
import { streamingMonitor } from '../streaming/index.js';
import { operationsOf } from './arbitrary.js';

/** Where a monitor reports, or -1; and how many keys it gave up, which it does past so many configurations. */
export function reported(ops: readonly Op[], model: string, maxConfigurations?: number): { readonly at: number; readonly givenUp: number } {
  const monitor = streamingMonitor(modelOf(model), maxConfigurations === undefined ? {} : { maxConfigurations });
  const at = ops.findIndex((op) => monitor.observe(op) !== undefined);
  return { at, givenUp: monitor.watching.givenUp };
}

/** The last event of the first prefix that has no linearization, or -1, by checking every prefix from scratch. */
export function firstInvalid(ops: readonly Op[], model: string): number {
  return ops.findIndex((op, i) => op.type !== 'invoke' && isInvalid(ops.slice(0, i + 1), model));
}

/** Whether the check finds that events have no linearization. */
export function isInvalid(ops: readonly Op[], model: string): boolean {
  return checkOperations(operationsOf(ops), model, { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 29 }).valid === false;
}
