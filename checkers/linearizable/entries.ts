import { canonical, OUTCOME, type Operation, type OpTable } from '../../src/index.js';
import type { ModelOp } from './model.js';
import type { AnyModel } from './models/index.js';
import { modelOp, operationOf, type ObjectHistory, type Results } from './object-history.js';

/** An operation on one object, for an explanation. */
export interface Entry {
  readonly operation: Operation;
  readonly op: ModelOp;
  /** Event of its invocation. */
  readonly inv: number;
  /** Event of its completion; Infinity if it is indeterminate. a precedes b in real time exactly if a.ret < b.inv. */
  readonly ret: number;
}

/** An operation of a history with all that is known of it. */
export function entryOf(history: ObjectHistory, number: number): Entry {
  const operation = operationOf(history, number);
  const op = modelOp(history, number);
  return { operation, op, inv: operation.invoke.index, ret: op.known ? (operation.completion?.index ?? Infinity) : Infinity };
}

/**
 * Whether the answers of the model's `echoes` are results: not if each of them only repeats its argument, as Jepsen's clients do.
 * Decided over a whole history, so that a broken service cannot pass for one that echoes on a single key.
 */
export function resultsOf(table: OpTable, model: AnyModel): Results {
  const echoes = table.names.map((name) => model.echoes?.includes(name) === true);
  if (!echoes.includes(true)) return 'judge';
  for (let row = 0; row < table.size; row++) {
    if (table.outcome[row] !== OUTCOME.ok || echoes[table.f[row] as number] !== true) continue;
    if (table.argument[row] !== table.result[row] || table.argument2[row] !== table.result2[row]) return 'judge';
  }
  return 'ignore';
}

/** Names of operations whose results are not to be judged. */
export function ignoredResults(model: AnyModel, results: Results): readonly string[] {
  return [...(model.silent ?? []), ...(results === 'ignore' ? (model.echoes ?? []) : [])];
}

/** Whether two values are deeply equal. */
export function same(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}
