import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import type { CounterEvents } from './counter-events.js';
import { againstTime, invalid, NONE, OpHeap, told } from './shared.js';

/** What is known of the totals that were seen. Step k of the counter is the addition that makes the total `initial + (k + 1) * amount`. */
interface Steps {
  /** How many there are up to the greatest total seen. */
  readonly count: number;
  /** By step: the addition that answered its total, or NONE. */
  readonly taken: Int32Array;
  /** By operation: the steps at which an addition can be, from first to last; the count of steps: after all of them. */
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/**
 * Additions of one amount, exactly, in O(n log n). The totals seen put reads, and additions that answered their total, into layers:
 * total v, the step to the next total, that total ..., in the same order in every linearization. The other additions are alike but for their times: each step that
 * is not taken gets one of them, and those that are left over, of the acknowledged ones, come after the greatest total seen.
 *
 * An addition a can be at step k if no layer behind k holds an operation that ended before a began, and no layer before k one that began after a ended. So its steps are
 * an interval; its first step grows with its beginning and its last one with its end. Steps are filled in order, each by that addition which is possible and ends first
 * (indeterminate ones last). If any choice fills all steps and places all acknowledged additions, then so does this one: exchange the first addition that differs with the chosen one,
 * which ends sooner and so fits there, while the other fits where that was. Two additions a and b of which a ended before b began keep their order: wherever b is
 * possible, a is or was, and is preferred. Order within layers is free, so with layers in order (no operation ended before one of an earlier layer
 * began) the operations can be put in one order that real time allows.
 */
export function fillSlots(history: ObjectHistory, events: CounterEvents, amount: number): Quick {
  const steps = layOut(history, events, amount);
  if ('kind' in steps) return steps;
  const waiting: number[][] = Array.from({ length: steps.count }, () => []);
  for (let op = 0; op < history.size; op++) {
    if (!floats(events, op)) continue;
    const first = steps.first[op] as number;
    if (history.ret[op] !== PENDING && first > (steps.last[op] as number)) return noPlace(history, op);
    if (first < steps.count) (waiting[first] as number[]).push(op);
  }
  const ready = new OpHeap(history.ret);
  for (let step = 0; step < steps.count; step++) {
    for (const op of waiting[step] as number[]) ready.push(op);
    const next = ready.first;
    if (steps.taken[step] === NONE) {
      if (next === NONE) return nothingFor(history, events, events.initial + (step + 1) * amount);
      ready.pop();
    }
    const left = ready.first;
    if (left !== NONE && history.ret[left] !== PENDING && (steps.last[left] as number) <= step) return noPlace(history, left);
  }
  return { kind: 'valid' };
}

/** Whether an addition may be at any step: it adds something, and did not answer a total. */
function floats({ amounts, seen }: CounterEvents, op: number): boolean {
  return (amounts[op] as number) > 0 && Number.isNaN(seen[op]);
}

function layOut(history: ObjectHistory, events: CounterEvents, amount: number): Steps | Quick {
  const { seen, own, amounts, initial } = events;
  // Layer 2k: total initial + k * amount; layer 2k + 1: step k.
  const layer = new Int32Array(history.size).fill(NONE);
  let greatest = 0;
  for (let op = 0; op < history.size; op++) {
    const total = seen[op] as number;
    if (Number.isNaN(total)) continue;
    const k = (total - (own[op] as number) - initial) / amount;
    if (!Number.isInteger(k) || k < 0) return invalid('wrong-total', `${told(history, op)}: no number of additions of ${amount} to ${initial} makes that total.`, [op]);
    const adds = (amounts[op] as number) > 0;
    layer[op] = 2 * k + (adds ? 1 : 0);
    greatest = Math.max(greatest, adds ? k + 1 : k);
  }
  const taken = new Int32Array(greatest).fill(NONE);
  for (let op = 0; op < history.size; op++) {
    const at = layer[op] as number;
    if (at < 0 || at % 2 === 0) continue;
    const other = taken[at >> 1] as number;
    if (other !== NONE) return invalid('repeated-total', `Two additions answered the same total: ${told(history, other)} and ${told(history, op)}.`, [other, op]);
    taken[at >> 1] = op;
  }
  return outOfOrder(history, layer) ?? { count: greatest, taken, ...possible(history, layer, greatest) };
}

function outOfOrder(history: ObjectHistory, layer: Int32Array): Quick | undefined {
  const [ended, begun] = againstTime(history, layer) ?? [];
  if (ended === undefined || begun === undefined) return undefined;
  return invalid('stale-read', `${told(history, begun)} goes back: ${told(history, ended)} had ended before it began, and nothing is ever subtracted.`, [ended, begun]);
}

/** For every addition its first step, behind the layers that ended before it began, and its last, before the layers that began after it ended. */
function possible(history: ObjectHistory, layer: Int32Array, count: number): Pick<Steps, 'first' | 'last'> {
  const { events, size } = history;
  const first = new Int32Array(size);
  // An addition of no bound may come after the greatest total.
  const last = new Int32Array(size).fill(count);
  let greatest = -1;
  for (const event of events) {
    const op = event >> 1;
    // Behind total k: step k; behind step k: step k + 1.
    if ((event & 1) === 0) first[op] = (greatest + 1) >> 1;
    else greatest = Math.max(greatest, layer[op] as number);
  }
  let least = 2 * count + 2;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as number;
    const op = event >> 1;
    // Before total k, and before step k: step k - 1.
    if ((event & 1) === 1) last[op] = (least >> 1) - 1;
    else if ((layer[op] as number) >= 0) least = Math.min(least, layer[op] as number);
  }
  return { first, last };
}

function noPlace(history: ObjectHistory, op: number): Quick {
  return invalid('lost-add', `${told(history, op)} is lost: the totals seen before it began and after it ended leave no place for it among the other additions.`, [op]);
}

function nothingFor(history: ObjectHistory, { seen }: CounterEvents, total: number): Quick {
  let witness = NONE;
  for (let op = 0; op < history.size; op++) if ((seen[op] as number) >= total && (witness === NONE || (history.ret[op] as number) < (history.ret[witness] as number))) witness = op;
  return invalid('over-count', `${told(history, witness)}: too much. No addition can have made the total ${showValue(total)}: those that began in time are needed for others, or for later totals.`, [witness]);
}
