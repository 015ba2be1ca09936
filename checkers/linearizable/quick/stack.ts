import { listOf } from '../../shared/words.js';
import { type ObjectHistory, type Quick } from '../object-history.js';
import { Covering, coverOf } from './covering.js';
import { lifetimesOf, operationsOf, violation, type Lifetimes, type Refusal, type Words } from './lifetimes.js';
import { impossibleNesting } from './nesting.js';
import { deadlines, decide, NOTHING } from './open-removals.js';
import { shrink } from './shrink.js';

const WORDS: Words = { insert: 'push', inserted: 'pushed', remove: 'pop', removed: 'popped' };

/**
 * Decides histories of a stack into which no element is pushed twice, in O(n log n), but for some in which the outcome of a pop is not known.
 *
 * A pop that answers null needs an instant at which no zone (from the end of a push to the beginning of its pop) covers a gap of its interval. By 2. in
 * `impossibleNesting` that is enough, and for all of them at once: where no zone is, the stack can be empty, and nothing else changes.
 *
 * Pops of unknown outcome: see `decide`.
 */
export function quickStack(history: ObjectHistory, initial: unknown): Quick {
  const lifetimes = lifetimesOf(history, initial, WORDS);
  if ('kind' in lifetimes) return lifetimes;
  return decide(history, lifetimes, { words: WORDS, judge: (some) => judge(history, some), before: (elements, sure) => below(history, lifetimes, elements, sure) });
}

function judge(history: ObjectHistory, lifetimes: Lifetimes): (() => Refusal) | undefined {
  const { cameBy, goesFrom, start, end, empties, count } = lifetimes;
  const covering = new Covering(empties.length === 0 ? 0 : end + 1);
  if (empties.length > 0) for (let element = 0; element < count; element++) covering.cover(cameBy[element] as number, goesFrom[element] as number);
  for (const pop of empties) {
    const [from, to] = [start + (history.inv[pop] as number), start + (history.ret[pop] as number)];
    if (covering.covered(from, to)) return () => notEmpty(history, lifetimes, pop, coverOf(lifetimes, [...lifetimes.insert.keys()], from, to));
  }
  const chain = impossibleNesting(lifetimes);
  return chain === undefined ? undefined : () => outOfOrder(history, lifetimes, shrink(lifetimes, chain, impossibleNesting));
}

/**
 * What an element is above: one that came before it began to come, and goes after it came. It is gone before that is; of several the one that must be
 * gone first counts. If not sure, before it came is enough.
 */
function below(history: ObjectHistory, lifetimes: Lifetimes, elements: readonly number[], sure: boolean): Int32Array {
  const { count, remove, comesFrom, cameBy, goesFrom, goneBy, end } = lifetimes;
  // By position: the element that came by then, and the one of `elements` that is asked for then; + 1.
  const came = new Int32Array(end + 1);
  const asked = new Int32Array(end + 1);
  for (let element = 0; element < count; element++) if ((remove[element] as number) >= 0) came[cameBy[element] as number] = element + 1;
  for (const [at, element] of elements.entries()) asked[(sure ? comesFrom : cameBy)[element] as number] = at + 1;
  const least = deadlines(history, lifetimes);
  const before = new Int32Array(elements.length);
  for (let position = 0; position <= end; position++) {
    const [other, at] = [(came[position] as number) - 1, (asked[position] as number) - 1];
    if (other >= 0) least.put(goesFrom[other] as number, goneBy[other] as number, other);
    if (at >= 0) before[at] = least.leastAbove(cameBy[elements[at] as number] as number, NOTHING);
  }
  return before;
}

function notEmpty(history: ObjectHistory, lifetimes: Lifetimes, pop: number, there: readonly number[]): Refusal {
  const others = operationsOf(lifetimes, there);
  return violation(history, 'not-empty', [pop, ...others], ([text, ...texts]) => `${text} found the stack empty, but at no time of it can it have been: ${listOf(texts)}.`);
}

function outOfOrder(history: ObjectHistory, lifetimes: Lifetimes, elements: readonly number[]): Refusal {
  const lost = elements.some((element) => (lifetimes.remove[element] as number) < 0);
  const pair = fromBelow(lifetimes, elements);
  if (pair !== undefined) {
    const after = lost ? 'nothing ever popped it' : 'it was popped only later';
    return violation(history, lost ? 'lost-element' : 'out-of-order', pair, ([pushUnder = '', popUnder = '', pushOver = '', popOver = '']) => `${popUnder} took an element from below another: ${pushOver} came after ${pushUnder} and had ended before the pop began, and ${after}${popOver === '' ? '' : `, by ${popOver}`}.`);
  }
  const why = elements.length === 2 ? 'were in the stack at the same time, and neither can have been below the other' : 'were in the stack without a moment at which it was empty, and none can have been at its bottom all the time';
  const kind = lost ? 'lost-element' : 'out-of-order';
  return violation(history, kind, operationsOf(lifetimes, elements), (texts) => `${elements.length} elements ${why}${lost ? '; one of them was never popped' : ''}: ${listOf(texts)}.`);
}

/**
 * Of two elements the one that certainly lay below the other when it was popped: push below, pop below, push above and pop above (-1: none). Undefined: there is more to it.
 */
function fromBelow({ insert, remove, comesFrom, cameBy, goesFrom, goneBy, open }: Lifetimes, elements: readonly number[]): readonly number[] | undefined {
  if (elements.length !== 2 || open.length > 0) return undefined;
  const [first = 0, second = 0] = elements;
  for (const [under, over] of [[first, second], [second, first]] as const) {
    const [pushUnder = -1, popUnder = -1, pushOver = -1, popOver = -1] = [insert[under], remove[under], insert[over], remove[over]];
    const isAbove = (cameBy[under] as number) < (comesFrom[over] as number) && (cameBy[over] as number) < (goesFrom[under] as number);
    if (pushUnder < 0 || popUnder < 0 || pushOver < 0 || !isAbove || (popOver >= 0 && (goneBy[under] as number) > (goesFrom[over] as number))) continue;
    return [pushUnder, popUnder, pushOver, popOver];
  }
  return undefined;
}
