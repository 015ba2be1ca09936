import { valueOf } from '../../../src/index.js';
import { listOf } from '../../shared/words.js';
import type { ObjectHistory, Quick } from '../object-history.js';
import { Covering, coverOf } from './covering.js';
import { lifetimesOf, notApplicable, operationsOf, violation, type Lifetimes, type Refusal, type Words } from './lifetimes.js';
import { deadlines, decide, NOTHING } from './open-removals.js';

const WORDS: Words = { insert: 'insert', inserted: 'inserted', remove: 'extract-min', removed: 'extracted' };

/** The priority of an element: itself if it is a number, else the first of a pair; undefined if it has none. */
export function priorityOf(element: unknown): number | undefined {
  const priority: unknown = Array.isArray(element) && element.length === 2 ? element[0] : element;
  return typeof priority === 'number' && Number.isFinite(priority) ? priority : undefined;
}

/**
 * Decides histories of a priority queue into which no element is inserted twice, in O(n log n), but for some in which the outcome of an extraction is
 * not known (see `decide`). Priorities may be equal.
 *
 * An element is there for certain in its zone: after cameBy and before goesFrom, if that is later. An extraction of v is at an instant t at which nothing
 * smaller is there; so the zones of the smaller elements leave a gap bare between goesFrom and goneBy of v. If they do for every v, the history is linearizable.
 *
 * Proof, by putting the elements into a linearization in order of priority. Let v be greatest, and t in such a gap. Each smaller w has cameBy > t, and
 * goes to the right of t, or else has goesFrom < t, and goes to the left: instants that are on the wrong side are moved to t, in the same order as before,
 * those of the left first; bounds allow it, as comesFrom <= goesFrom < t on the left and t < cameBy <= goneBy on the right. Of elements equal to v nothing is
 * moved. Every extraction stays legal: what is moved to the left comes and goes before t, and beside what comes and goes on the left there is now less; the
 * same on the right, where what is moved from left of t comes later than it did, and goes not before what it went before. Now nothing smaller than v is there at t:
 * v goes there, and came before, just then if need be, as comesFrom <= goesFrom < t. Being greatest it hinders no other extraction.
 *
 * An extraction that finds nothing is the extraction of an element greater than all, which comes and goes at one instant.
 */
export function quickPriorityQueue(history: ObjectHistory, initial: unknown): Quick {
  const lifetimes = lifetimesOf(history, initial, WORDS);
  if ('kind' in lifetimes) return lifetimes;
  const priorities = prioritiesOf(history, lifetimes, Array.isArray(initial) ? (initial as readonly unknown[]) : []);
  if (priorities === undefined) return notApplicable('an element has no priority');
  const order = ascending(priorities);
  return decide(history, lifetimes, { words: WORDS, judge: (some) => judge(history, some, priorities, order), before: (elements, sure) => smaller(history, lifetimes, priorities, order, elements, sure) });
}

/** By element. */
function prioritiesOf({ argument, argument2, values }: ObjectHistory, { count, insert }: Lifetimes, given: readonly unknown[]): Float64Array | undefined {
  const priorities = new Float64Array(count);
  for (let element = 0; element < count; element++) {
    const op = insert[element] as number;
    // The initial elements are first, and none of them was left out.
    const priority = priorityOf(op < 0 ? given[element] : valueOf(values, argument[op] as number, argument2[op] as number));
    if (priority === undefined) return undefined;
    priorities[element] = priority;
  }
  return priorities;
}

/** The elements by priority. Ranks are looked up in the sorted priorities, which takes half the time of sorting elements by a comparison. */
function ascending(priorities: Float64Array): Uint32Array {
  const sorted = Float64Array.from(priorities).sort();
  const used = new Uint32Array(priorities.length);
  const order = new Uint32Array(priorities.length);
  for (let element = 0; element < priorities.length; element++) {
    const priority = priorities[element] as number;
    let [low, high] = [0, priorities.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < priority) low = middle + 1;
      else high = middle;
    }
    const rank = low + (used[low] as number);
    used[low] = (used[low] as number) + 1;
    order[rank] = element;
  }
  return order;
}

function judge(history: ObjectHistory, lifetimes: Lifetimes, priorities: Float64Array, order: Uint32Array): (() => Refusal) | undefined {
  const { count, cameBy, goesFrom, goneBy, start, end, empties } = lifetimes;
  const covering = new Covering(end + 1);
  let covered = 0;
  for (const element of order) {
    for (; priorities[order[covered] as number] !== priorities[element]; covered++) {
      const less = order[covered] as number;
      covering.cover(cameBy[less] as number, goesFrom[less] as number);
    }
    const [from, to] = [goesFrom[element] as number, goneBy[element] as number];
    if (covering.covered(from, to)) return () => notLeast(history, lifetimes, element, coverOf(lifetimes, order.subarray(0, covered), from, to));
  }
  for (; covered < count; covered++) covering.cover(cameBy[order[covered] as number] as number, goesFrom[order[covered] as number] as number);
  for (const extraction of empties) {
    const [from, to] = [start + (history.inv[extraction] as number), start + (history.ret[extraction] as number)];
    if (covering.covered(from, to)) return () => notEmpty(history, lifetimes, extraction, coverOf(lifetimes, order, from, to));
  }
  return undefined;
}

/** What an element is smaller than and goes after that came; so it is gone by when that is. Of several the one that is gone first counts. If not sure, began to come is enough. */
function smaller(history: ObjectHistory, lifetimes: Lifetimes, priorities: Float64Array, order: Uint32Array, elements: readonly number[], sure: boolean): Int32Array {
  const { count, remove, comesFrom, cameBy, goesFrom, goneBy } = lifetimes;
  const places = new Int32Array(count);
  for (const [at, element] of elements.entries()) places[element] = at;
  const least = deadlines(history, lifetimes);
  const before = new Int32Array(elements.length);
  for (let i = count - 1, greater = count - 1; i >= 0; i--) {
    const element = order[i] as number;
    if ((remove[element] as number) >= 0) continue;
    for (; priorities[order[greater] as number] !== priorities[element]; greater--) {
      const other = order[greater] as number;
      if ((remove[other] as number) >= 0) least.put(goesFrom[other] as number, goneBy[other] as number, other);
    }
    before[places[element] as number] = least.leastAbove((sure ? cameBy : comesFrom)[element] as number, NOTHING);
  }
  return before;
}

function notLeast(history: ObjectHistory, lifetimes: Lifetimes, element: number, there: readonly number[]): Refusal {
  const [insert, remove] = [lifetimes.insert[element] as number, lifetimes.remove[element] as number];
  const lost = there.some((other) => (lifetimes.remove[other] as number) < 0);
  const operations = [remove, ...operationsOf(lifetimes, there), insert];
  return violation(history, lost ? 'lost-element' : 'not-least', operations, ([text, ...texts]) => `${text} did not give the least element, at any time of it: ${listOf(texts.filter((other) => other !== ''))}.`);
}

function notEmpty(history: ObjectHistory, lifetimes: Lifetimes, extraction: number, there: readonly number[]): Refusal {
  return violation(history, 'not-empty', [extraction, ...operationsOf(lifetimes, there)], ([text, ...texts]) => `${text} found nothing, but at no time of it was nothing there: ${listOf(texts)}.`);
}
