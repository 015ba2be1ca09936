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
  const judged = (some: Lifetimes): Refusal | undefined => judge(history, some, priorities);
  return decide(history, lifetimes, { words: WORDS, judge: judged, before: (elements, sure) => greater(history, lifetimes, priorities, elements, sure) });
}

/** What an element is smaller than and goes after that came; so it is gone by when that is. Of several the one that is gone first counts. If not sure, began to come is enough. */
function greater(history: ObjectHistory, lifetimes: Lifetimes, priorities: Float64Array, elements: readonly number[], sure: boolean): Int32Array {
  const { remove, comesFrom, cameBy, goesFrom, goneBy } = lifetimes;
  const least = deadlines(history, lifetimes);
  const descending = (a: number, b: number): number => (priorities[b] as number) - (priorities[a] as number);
  const others = [...remove.keys()].filter((element) => (remove[element] as number) >= 0).sort(descending);
  const before = new Int32Array(elements.length);
  let next = 0;
  for (const at of [...elements.keys()].sort((a, b) => descending(elements[a] as number, elements[b] as number))) {
    const element = elements[at] as number;
    for (; next < others.length && (priorities[others[next] as number] as number) > (priorities[element] as number); next++) {
      const other = others[next] as number;
      least.put(goesFrom[other] as number, goneBy[other] as number, other);
    }
    before[at] = least.leastAbove((sure ? cameBy : comesFrom)[element] as number, NOTHING);
  }
  return before;
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

function judge(history: ObjectHistory, lifetimes: Lifetimes, priorities: Float64Array): Refusal | undefined {
  const { count, cameBy, goesFrom, goneBy, start, end, empties } = lifetimes;
  const order = Uint32Array.from(priorities.keys()).sort((a, b) => (priorities[a] as number) - (priorities[b] as number));
  const covering = new Covering(end + 1);
  let covered = 0;
  for (const element of order) {
    for (; priorities[order[covered] as number] !== priorities[element]; covered++) {
      const smaller = order[covered] as number;
      covering.cover(cameBy[smaller] as number, goesFrom[smaller] as number);
    }
    const [from, to] = [goesFrom[element] as number, goneBy[element] as number];
    if (covering.covered(from, to)) return notLeast(history, lifetimes, element, coverOf(lifetimes, order.subarray(0, covered), from, to));
  }
  for (; covered < count; covered++) covering.cover(cameBy[order[covered] as number] as number, goesFrom[order[covered] as number] as number);
  for (const extraction of empties) {
    const [from, to] = [start + (history.inv[extraction] as number), start + (history.ret[extraction] as number)];
    if (covering.covered(from, to)) return notEmpty(history, lifetimes, extraction, coverOf(lifetimes, order, from, to));
  }
  return undefined;
}

function notLeast(history: ObjectHistory, lifetimes: Lifetimes, element: number, smaller: readonly number[]): Refusal {
  const [insert, remove] = [lifetimes.insert[element] as number, lifetimes.remove[element] as number];
  const lost = smaller.some((other) => (lifetimes.remove[other] as number) < 0);
  const operations = [remove, ...operationsOf(lifetimes, smaller), insert];
  return violation(history, lost ? 'lost-element' : 'not-least', operations, ([text, ...texts]) => `${text} did not give the least element, at any time of it: ${listOf(texts.filter((other) => other !== ''))}.`);
}

function notEmpty(history: ObjectHistory, lifetimes: Lifetimes, extraction: number, there: readonly number[]): Refusal {
  return violation(history, 'not-empty', [extraction, ...operationsOf(lifetimes, there)], ([text, ...texts]) => `${text} found nothing, but at no time of it was nothing there: ${listOf(texts)}.`);
}
