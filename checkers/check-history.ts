import type { CheckResult, Operation, OpTable } from '../src/index.js';
import { LEVELS, weakerPromises } from './consistency/index.js';
import { checkTable, type CheckOptions } from './linearizable/check.js';
import { checkInParallel } from './linearizable/parallel.js';
import { modelOf, type AnyModel } from './linearizable/models/index.js';

/** Histories longer than this are not judged by weaker promises too. */
const MOST_FOR_PROMISES = 200_000;
const PROMISES_MS = 10_000;
/** The same where values repeat, so that an order has to be searched for: in long histories mostly in vain. */
const MOST_TO_SEARCH = 5_000;
const SEARCHED_MS = 300;

/**
 * Judges a history against a model, on all cores where that pays; and if it is a register that is not linearizable, tells which weaker promises it keeps all the same.
 * Throws FaultlineError (usage) as checkTable does.
 */
export async function checkHistory(table: OpTable, model: string | AnyModel, options: CheckOptions): Promise<CheckResult> {
  const chosen = modelOf(model);
  const result = (await checkInParallel(table, chosen, options)) ?? checkTable(table, chosen, options);
  const searched = result.details?.searched !== 0;
  if (result.valid !== false || chosen.register === undefined || table.size > (searched ? MOST_TO_SEARCH : MOST_FOR_PROMISES)) return result;
  const promises = weakerPromises(operationsIn(table), {
    initial: chosen.init(options.initial),
    linearizable: false,
    timeLimitMs: Math.min(searched ? SEARCHED_MS : PROMISES_MS, options.timeLimitMs),
    memoryLimitBytes: options.memoryLimitBytes,
  });
  const isKnown = promises.undecided.length < LEVELS.length;
  return { ...result, summary: isKnown ? `${result.summary}; what it keeps: ${promises.summary}` : result.summary, details: { ...result.details, promises } };
}

/** The operations of a table as objects. */
export function operationsIn(table: OpTable): readonly Operation[] {
  return Array.from({ length: table.size }, (_, row) => table.operation(row));
}
