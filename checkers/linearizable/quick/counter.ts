import { showValue } from '../../shared/words.js';
import type { ObjectHistory, Quick } from '../object-history.js';
import { counterEvents, type CounterEvents } from './counter-events.js';
import { fillSlots } from './counter-slots.js';
import { invalid, notApplicable, told } from './shared.js';

/** Acknowledged additions that a lost one is told with at most. */
const TOLD = 20;

/**
 * Counters to which nothing negative is added, in O(n log n). Totals must not go down, and must lie between what is acknowledged and what may have been added: what breaks that is
 * invalid, whatever the amounts (but that does not make a history valid). If all amounts are equal, the verdict is exact: see fillSlots. Additions of 0 matter to nobody
 * and are dropped: they take effect anywhere.
 */
export function counterQuick(history: ObjectHistory, initial: unknown): Quick {
  const events = counterEvents(history, typeof initial === 'number' ? initial : 0);
  if (typeof events === 'string') return notApplicable(events);
  const wrong = goingDown(history, events) ?? outOfBounds(history, events);
  if (wrong !== undefined) return wrong;
  return events.amount === undefined ? notApplicable('additions of different amounts') : fillSlots(history, events, events.amount);
}

/** A total below one that had been seen before: one pass in order of time. What is seen by an addition holds before it, less its amount, and after it. */
function goingDown(history: ObjectHistory, { seen, own }: CounterEvents): Quick | undefined {
  let greatest = -1;
  const before = new Int32Array(history.size);
  for (const event of history.events) {
    const op = event >> 1;
    const total = seen[op] as number;
    if ((event & 1) === 0) before[op] = greatest;
    else if (!Number.isNaN(total)) {
      const earlier = before[op] as number;
      if (earlier >= 0 && total - (own[op] as number) < (seen[earlier] as number)) {
        return invalid('stale-read', `${told(history, op)} goes back: ${told(history, earlier)} had ended before it began, and nothing is ever subtracted.`, [earlier, op]);
      }
      if (greatest < 0 || total > (seen[greatest] as number)) greatest = op;
    }
  }
  return undefined;
}

/** A total below all that was acknowledged before, or above all that had begun by then. One pass in order of time. */
function outOfBounds(history: ObjectHistory, { seen, amounts, own, initial }: CounterEvents): Quick | undefined {
  let [begun, acknowledged] = [initial, initial];
  const least = new Float64Array(history.size);
  for (const event of history.events) {
    const op = event >> 1;
    if ((event & 1) === 0) {
      begun += amounts[op] as number;
      least[op] = acknowledged;
      continue;
    }
    const total = seen[op] as number;
    acknowledged += amounts[op] as number;
    if (Number.isNaN(total)) continue;
    const certain = (least[op] as number) + (own[op] as number);
    if (total < certain) return lost(history, op, certain, { amounts, seen, own, initial });
    if (total > begun) {
      return invalid('over-count', `${told(history, op)}: too much. All additions that began before it ended make ${begun}: ${showValue(total - begun)} was never added, or was added twice.`, [op]);
    }
  }
  return undefined;
}

/** Names the latest additions that are too much by themselves, or as many of them as anybody reads. */
function lost(history: ObjectHistory, sight: number, certain: number, { amounts, seen, own, initial }: Pick<CounterEvents, 'amounts' | 'seen' | 'own' | 'initial'>): Quick {
  const total = seen[sight] as number;
  const missing: number[] = [];
  let sum = initial + (own[sight] as number);
  for (let op = history.size - 1; op >= 0 && sum <= total && missing.length < TOLD; op--) {
    if (op === sight || amounts[op] === 0 || (history.ret[op] as number) > (history.inv[sight] as number)) continue;
    sum += amounts[op] as number;
    missing.push(op);
  }
  const message = `${told(history, sight)}: too little. What had been acknowledged before it began makes ${certain}: ${showValue(certain - total)} is lost.`;
  return invalid('lost-add', message, [...missing.reverse(), sight]);
}
