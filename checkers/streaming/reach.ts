import type { Model, ModelOp } from '../linearizable/model.js';

/** An operation that may yet take effect, and how many times. */
export interface Yet {
  readonly op: ModelOp;
  readonly count: number;
}

type Reach = (state: unknown, op: ModelOp, others: Iterable<Yet>) => boolean;

/** By model: whether an operation of known result that does not fit a state can fit one that others lead to from there. */
const REACH: Readonly<Record<string, Reach>> = {
  counter: totalReach,
  'grow-only-counter': totalReach,
};

/**
 * False only if the operation fits no state that the others can lead to; then there is no point in letting them take effect before it. It spares
 * the search of all orders of open operations, and decides nothing.
 */
export function mayComeToFit(model: Model<unknown>, state: unknown, op: ModelOp, others: Iterable<Yet>): boolean {
  return REACH[model.name]?.(state, op, others) ?? model.leadsTo?.(state, op) ?? true;
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
