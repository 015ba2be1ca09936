import type { Model } from '../linearizable/model.js';
import { modelOp, PENDING, type ObjectHistory } from '../linearizable/object-history.js';

/**
 * The definition of linearizability, tried out over the columns of one object: every subset of the indeterminate operations, every order that real time allows. For
 * histories of up to ten operations or so. Shares nothing with the algorithms but the model's `init`, `step` and `key`. Operations that are not `required` may be left out even
 * if they succeeded.
 */
export function bruteObject(history: ObjectHistory, model: Model<unknown>, initial?: unknown, required: (op: number) => boolean = () => true): boolean {
  const { size, inv, ret } = history;
  const ops = Array.from({ length: size }, (_, op) => op);
  const must = (op: number): boolean => ret[op] !== PENDING && required(op);
  const asked = ops.map((op) => modelOp(history, op));
  const failed = new Set<string>();
  const extend = (left: readonly number[], state: unknown): boolean => {
    if (!left.some(must)) return true;
    const configuration = `${left.join(',')} ${model.key(state)}`;
    if (failed.has(configuration)) return false;
    const possible = left.some((op) => {
      if (left.some((other) => (ret[other] as number) < (inv[op] as number) && must(other))) return false;
      const next = model.step(state, asked[op] as (typeof asked)[number]);
      // What ended before this began can only be left out from here on.
      return next !== undefined && extend(left.filter((other) => other !== op && (ret[other] as number) > (inv[op] as number)), next);
    });
    if (!possible) failed.add(configuration);
    return possible;
  };
  return extend(ops, model.init(initial));
}
