import { count, listOf } from '../../shared/words.js';
import type { ObjectHistory, Quick } from '../object-history.js';
import { operationsOf, notApplicable, violation, type Lifetimes, type Refusal, type Words } from './lifetimes.js';
import { SuffixMin } from './suffix-min.js';

/** What a container says of the elements that nothing answered. */
export interface Container {
  readonly words: Words;
  /** Explains what is impossible, if something is; not looking at what is open. */
  readonly judge: (lifetimes: Lifetimes) => (() => Refusal) | undefined;
  /**
   * For each of the elements, what it must have been gone by if it was there from when it came: an element (by when that went), a removal that found nothing, as
   * emptyRemoval, or NOTHING. If `sure` this is so in all linearizations, else it is a guess.
   */
  readonly before: (elements: readonly number[], sure: boolean) => Int32Array;
}

export const NOTHING = -1;

/** A removal that found nothing as a number that is not an element. */
export function emptyRemoval(op: number): number {
  return -2 - op;
}

/**
 * Decides a history in which the outcome of removals may not be known. Each may have taken any one element that nothing answered, after it began, or none.
 *
 * - If the history is possible without them, it is possible.
 * - If more elements must have been gone by some time than such removals had begun, it is impossible.
 * - If each of the removals is given an element, which may then go after that began, or never, and the history is possible so, it is possible. Of two removals
 *   the one that began first allows more, so it is for the element that must be gone earlier; what must is not always clear, so two orders are tried.
 * - If it is impossible though all such elements may have gone after the first of the removals began, it is impossible: in a linearization they did, or stayed
 *   until the end.
 * - Else a search decides.
 */
export function decide(history: ObjectHistory, lifetimes: Lifetimes, container: Container): Quick {
  const found = container.judge(lifetimes);
  if (found === undefined) return { kind: 'valid' };
  if (lifetimes.open.length === 0) return found();
  const left = [...lifetimes.remove.keys()].filter((element) => (lifetimes.remove[element] as number) < 0);
  for (const sure of [true, false]) {
    const given = assign(history, lifetimes, left, container.before(left, sure));
    if (sure && given.tooMany !== undefined) return tooMany(history, lifetimes, given.tooMany, container.words);
    if (container.judge(given.lifetimes) === undefined) return { kind: 'valid' };
  }
  const first = beganAt(history, lifetimes, 0);
  const goesFrom = Int32Array.from(lifetimes.goesFrom);
  for (const element of left) goesFrom[element] = Math.max(first, lifetimes.comesFrom[element] as number);
  return container.judge({ ...lifetimes, goesFrom })?.() ?? notApplicable(`a ${container.words.remove} of unknown outcome may have taken an element`);
}

/** A table for `before`: puts the removals that found nothing there, by when they began. */
export function deadlines({ inv, ret }: ObjectHistory, { start, end, empties }: Lifetimes): SuffixMin {
  const least = new SuffixMin(end + 1);
  for (const op of empties) least.put(start + (inv[op] as number), start + (ret[op] as number), emptyRemoval(op));
  return least;
}

interface TooMany {
  readonly elements: readonly number[];
  readonly before: readonly number[];
  readonly removals: readonly number[];
}

/** Gives removals to elements, the first begun to those that must be gone first, of them to the last that came; and says if too many must be gone by some time. */
function assign(history: ObjectHistory, lifetimes: Lifetimes, left: readonly number[], before: Int32Array): { readonly lifetimes: Lifetimes; readonly tooMany?: TooMany } {
  const { goneBy, cameBy, comesFrom, start, end, open } = lifetimes;
  const limit = (at: number): number => {
    const by = before[at] as number;
    return by === NOTHING ? end + 1 : by >= 0 ? (goneBy[by] as number) : start + (history.ret[-2 - by] as number);
  };
  const limits = Int32Array.from(left, (_, at) => limit(at));
  const order = [...left.keys()].sort((a, b) => (limits[a] as number) - (limits[b] as number) || (cameBy[left[b] as number] as number) - (cameBy[left[a] as number] as number));
  const goesFrom = Int32Array.from(lifetimes.goesFrom);
  for (const [i, at] of order.entries()) {
    const element = left[at] as number;
    const began = i < open.length ? beganAt(history, lifetimes, i) : end;
    if (limits[at] !== end + 1 && began > (limits[at] as number)) {
      const those = order.slice(0, i + 1);
      return { lifetimes, tooMany: { elements: those.map((one) => left[one] as number), before: those.map((one) => before[one] as number), removals: open.slice(0, i) } };
    }
    goesFrom[element] = Math.max(began, comesFrom[element] as number);
  }
  return { lifetimes: { ...lifetimes, goesFrom } };
}

function beganAt({ inv }: ObjectHistory, { start, open }: Lifetimes, i: number): number {
  return start + (inv[open[i] as number] as number);
}

function tooMany(history: ObjectHistory, lifetimes: Lifetimes, { elements, before, removals }: TooMany, { remove, removed }: Words): Refusal {
  const without: Lifetimes = { ...lifetimes, open: [] };
  const lost = operationsOf(without, elements);
  const seen = [...new Set(before)].flatMap((by) => (by >= 0 ? operationsOf(without, [by]) : [-2 - by]));
  const operations = [...lost, ...seen, ...removals];
  return violation(history, 'lost-element', operations, (texts) => {
    const parts = [texts.slice(0, lost.length), texts.slice(lost.length, lost.length + seen.length), texts.slice(lost.length + seen.length)].map((part) => listOf(part));
    return `${elements.length === 1 ? 'An element was never' : `${elements.length} elements were never`} ${removed} and yet must have been gone before others: ${parts[0]}; see ${parts[1]}. ${
      removals.length === 0 ? `No ${remove} of unknown outcome had begun by then` : `Only ${count(removals.length, `${remove} of unknown outcome`, `operations ${remove} of unknown outcome`)} had begun by then: ${parts[2]}`}.`;
  });
}
