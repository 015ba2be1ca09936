import { valueOf } from '../../../src/index.js';
import { listOf } from '../../shared/words.js';
import type { ObjectHistory, Quick } from '../object-history.js';
import { Covering, coverOf } from './covering.js';
import { lifetimesOf, notApplicable, operationsOf, relaxed, violation, type Lifetimes, type Refusal, type Words } from './lifetimes.js';

const WORDS: Words = { insert: 'insert', inserted: 'inserted', remove: 'extract-min', removed: 'extracted' };

/** The priority of an element: itself if it is a number, else the first of a pair; undefined if it has none. */
export function priorityOf(element: unknown): number | undefined {
  const priority: unknown = Array.isArray(element) && element.length === 2 ? element[0] : element;
  return typeof priority === 'number' && Number.isFinite(priority) ? priority : undefined;
}

/**
 * Decides histories of a priority queue into which no element is inserted twice, in O(n log n), but for some in which the outcome of an extraction is
 * not known (as for a stack). Priorities may be equal.
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
  const found = judge(history, lifetimes, priorities);
  if (found === undefined) return { kind: 'valid' };
  if (lifetimes.open.length === 0) return found;
  return judge(history, relaxed(history, lifetimes), priorities) ?? notApplicable('an extract-min of unknown outcome may have taken an element');
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
