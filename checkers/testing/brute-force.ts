import type { Operation } from '../../src/index.js';
import { entriesOf, resultsOf, type Entry } from '../linearizable/entries.js';
import type { AnyModel } from '../linearizable/models/index.js';

/**
 * The definition of linearizability, tried out: every subset of the indeterminate operations, every order that real time allows. For
 * histories of up to nine operations or so. Shares nothing with the checkers but the model and the dropping of failed operations.
 * Operations that are not `required` may be left out even if they succeeded.
 */
export function bruteForce(operations: readonly Operation[], model: AnyModel, initial?: unknown, required: (operation: Operation) => boolean = () => true): boolean {
  const entries = entriesOf(operations, model, resultsOf(operations, model));
  return extend(entries, model, model.init(initial), (entry) => entry.op.known && required(entry.operation));
}

function extend(left: readonly Entry[], model: AnyModel, state: unknown, required: (entry: Entry) => boolean): boolean {
  if (!left.some(required)) return true;
  return left.some((entry) => {
    if (left.some((other) => other.ret < entry.inv && required(other))) return false;
    const next = model.step(state, entry.op);
    // What ended before this began can only be left out from here on.
    return next !== undefined && extend(left.filter((other) => other !== entry && other.ret > entry.inv), model, next, required);
  });
}
