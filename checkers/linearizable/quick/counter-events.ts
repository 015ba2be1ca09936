import { PENDING, type ObjectHistory } from '../object-history.js';
import { argumentId, nameOf, resultId } from './shared.js';

/** Greatest total that is reckoned with: below it sums of integers are exact. */
const EXACT = 2 ** 52;

/** A counter's operations as numbers. */
export interface CounterEvents {
  readonly initial: number;
  /** By operation: what it adds; 0 for a read. */
  readonly amounts: Float64Array;
  /** By operation: the total that it saw, at its end; NaN: it saw none. */
  readonly seen: Float64Array;
  /** By operation: of the total that it saw, what it added itself. */
  readonly own: Float64Array;
  /** The one amount of all additions, those of 0 aside; undefined: they differ. With no additions: 1. */
  readonly amount: number | undefined;
}

/** Numbers of a history, or why the quick algorithms do not apply: they need integers, none of them negative, so that sums do not depend on their order. */
export function counterEvents(history: ObjectHistory, initial: number): CounterEvents | string {
  const { size, values, ret } = history;
  const add = nameOf(history, 'add');
  const amounts = new Float64Array(size);
  const own = new Float64Array(size);
  const seen = new Float64Array(size).fill(NaN);
  let amount: number | undefined = undefined;
  let differ = false;
  let sum = Math.abs(initial);
  for (let op = 0; op < size; op++) {
    const adds = history.f[op] === add;
    const result = resultId(history, op);
    const total = result < 0 ? undefined : values.value(result);
    if (ret[op] !== PENDING && result >= 0 && (!adds || typeof total === 'number')) seen[op] = (total ?? 0) as number;
    if (!adds) continue;
    const value = values.value(argumentId(history, op)) as number;
    if (value < 0) return 'something is subtracted';
    if (!Number.isInteger(value)) return 'not an integer';
    sum += value;
    amounts[op] = value;
    own[op] = value;
    if (value === 0) continue;
    differ ||= amount !== undefined && amount !== value;
    amount = value;
  }
  if (!Number.isInteger(initial) || sum > EXACT) return 'totals that are not exact';
  return { initial, amounts, seen, own, amount: differ ? undefined : (amount ?? 1) };
}
