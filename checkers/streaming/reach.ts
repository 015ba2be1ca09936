import { canonical } from '../shared/canonical.js';
import type { Model, ModelOp } from '../linearizable/model.js';
import type { ListNode } from '../linearizable/models/append-list.js';

/** By model: whether an operation of known result that does not fit a state can fit one that others lead to from there. */
const REACH: Readonly<Record<string, (state: unknown, op: ModelOp) => boolean>> = {
  // Lists only grow, and at their end.
  'append-list': (state, { f, result }) => {
    const list = state as ListNode;
    if (f === 'append') return typeof result !== 'number' || list.length < result - 1;
    return !Array.isArray(result) ? list.length === 0 : beginsWith(result, list);
  },
};

/**
 * False only if the operation fits no state that can follow; then there is no point in letting others take effect before it. It spares
 * the search of all orders of open operations, and decides nothing.
 */
export function mayComeToFit(model: Model<unknown>, state: unknown, op: ModelOp): boolean {
  return REACH[model.name]?.(state, op) ?? true;
}

function beginsWith(result: readonly unknown[], list: ListNode): boolean {
  if (list.length > result.length) return false;
  for (let node: ListNode | undefined = list; node?.parent !== undefined; node = node.parent) if (node.element !== canonical(result[node.length - 1])) return false;
  return true;
}
