import { canonical } from '../shared/canonical.js';
import type { Model, ModelOp } from '../linearizable/model.js';
import type { ListNode } from '../linearizable/models/append-list.js';

/** An operation that may yet take effect, and how many times. */
export interface Yet {
  readonly op: ModelOp;
  readonly count: number;
}

type Reach = (state: unknown, op: ModelOp, others: Iterable<Yet>) => boolean;

/** By model: whether an operation of known result that does not fit a state can fit one that others lead to from there. */
const REACH: Readonly<Record<string, Reach>> = {
  'append-list': listReach,
  counter: totalReach,
  'grow-only-counter': totalReach,
};

/**
 * False only if the operation fits no state that the others can lead to; then there is no point in letting them take effect before it. It spares
 * the search of all orders of open operations, and decides nothing.
 */
export function mayComeToFit(model: Model<unknown>, state: unknown, op: ModelOp, others: Iterable<Yet>): boolean {
  return REACH[model.name]?.(state, op, others) ?? true;
}

/** Lists only grow, and at their end. */
function listReach(state: unknown, { f, result }: ModelOp): boolean {
  const list = state as ListNode;
  if (f === 'append') return typeof result !== 'number' || list.length < result - 1;
  return !Array.isArray(result) ? list.length === 0 : beginsWith(result, list);
}

function beginsWith(result: readonly unknown[], list: ListNode): boolean {
  if (list.length > result.length) return false;
  for (let node: ListNode | undefined = list; node?.parent !== undefined; node = node.parent) if (node.element !== canonical(result[node.length - 1])) return false;
  return true;
}

/** Totals move by what can be added, no further. */
function totalReach(state: unknown, { f, argument, result }: ModelOp, others: Iterable<Yet>): boolean {
  const total = f === 'read' ? (result ?? 0) : typeof result === 'number' ? result - Number(argument) : undefined;
  if (typeof total !== 'number') return true;
  let [least, most] = [state as number, state as number];
  for (const { op, count } of others) {
    const amount = count * Number(op.argument);
    if (op.f === 'read' || Number.isNaN(amount)) continue;
    if (amount < 0) least += amount;
    else most += amount;
  }
  return least <= total && total <= most;
}
