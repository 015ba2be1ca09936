import type { Kinds } from './kinds.js';
import { PENDING, type ObjectHistory } from './object-history.js';
import { OpenOperations } from './open-operations.js';

/** Bits in a word of a mask. */
export const WORD = 32;

/**
 * A history of one object, or a piece of it, laid out for the search. Operations known to have happened are numbered in order of invocation and hold a
 * *slot* while they are open, so that a configuration needs bits for open operations only. Indeterminate operations of equal
 * effect are interchangeable: they form a class, of which only the number used so far counts.
 */
export interface Timeline {
  /** Operations (numbers) in order of completion: the steps of the search. */
  readonly returns: Int32Array;
  /** Before step t, operations below opened[t] have been invoked. */
  readonly opened: Int32Array;
  /** By operation: its number in the history, slot, kind, step at which it completes (the number of steps: none), 1 if it need not happen. */
  readonly op: Int32Array;
  readonly slot: Int32Array;
  readonly kind: Int32Array;
  readonly step: Int32Array;
  readonly optional: Uint8Array;
  /** Slots in use at most: the concurrency. */
  readonly width: number;
  readonly classes: readonly OptionalClass[];
}

/** Indeterminate operations of one kind. */
export interface OptionalClass {
  readonly kind: number;
  /** Numbers in the history, in order of invocation. */
  readonly members: readonly number[];
  /** For each, the first step before which it has been invoked. */
  readonly from: Int32Array;
}

/** What is laid out of a history: completions at positions from `begin` up to, not including, `end`. */
export interface Piece {
  readonly begin: number;
  readonly end: number;
  /** By operation: 1 if it has lost its obligation. That only adds ways to order the rest: if none is left, the full history has none. */
  readonly released?: Uint8Array;
}

/** A history with its kinds, and the indeterminate operations that can matter. */
export interface Classified {
  readonly history: ObjectHistory;
  readonly kind: Int32Array;
  readonly kinds: Kinds;
  /** In order of invocation. */
  readonly indeterminate: readonly number[];
  readonly open: OpenOperations;
}

/**
 * Classifies a history. Indeterminate observers, and indeterminate mutators of a register whose value no other operation needs, transitively, are left
 * out: they can be taken out of any linearization, as whatever follows them there is a write, which has no precondition.
 */
export function classify(history: ObjectHistory, kinds: Kinds): Classified {
  const kind = kinds.of(history);
  const needed = neededValues(history, kind, kinds);
  const indeterminate: number[] = [];
  for (let i = 0; i < history.size; i++) {
    if (history.ret[i] !== PENDING) continue;
    const of = kind[i] as number;
    const makes = kinds.makes[of] as number;
    if (kinds.observes[of] === 0 && (makes < 0 || needed.has(makes))) indeterminate.push(i);
  }
  return { history, kind, kinds, indeterminate, open: new OpenOperations(history) };
}

function neededValues({ size, ret }: ObjectHistory, kind: Int32Array, kinds: Kinds): ReadonlySet<number> {
  const needed = new Set<number>();
  const sources = new Map<number, number[]>();
  for (let i = 0; i < size; i++) {
    const of = kind[i] as number;
    const needs = kinds.needs[of] as number;
    if (needs < 0) continue;
    if (ret[i] !== PENDING) needed.add(needs);
    else {
      const makes = kinds.makes[of] as number;
      const list = sources.get(makes);
      if (list === undefined) sources.set(makes, [needs]);
      else if (!list.includes(needs)) list.push(needs);
    }
  }
  // A Set hands out what is added during the iteration too: what makes a needed value has needs of its own.
  for (const value of needed) for (const source of sources.get(value) ?? []) needed.add(source);
  return needed;
}

/** Pieces longer than this look their operations up in an array over the whole history. */
const LONG = 4096;

/** Lays out a piece of a history. What was invoked before it is optional in it, and what completes after it has no obligation there. */
export function layOut({ history, kind, kinds, indeterminate, open }: Classified, { begin, end, released }: Piece): Timeline {
  const { events, ret, inv } = history;
  const carried = begin === 0 ? [] : open.at(begin);
  const capacity = carried.length + (end - begin);
  const op = new Int32Array(capacity);
  const slot = new Int32Array(capacity);
  const step = new Int32Array(capacity);
  const optional = new Uint8Array(capacity);
  const returns = new Int32Array(end - begin);
  const opened = new Int32Array(end - begin + 1);
  const number = new Map<number, number>();
  const numbers = end - begin > LONG ? new Int32Array(history.size) : undefined;
  const free: number[] = [];
  let [count, steps, width] = [0, 0, 0];
  const admit = (i: number, must: boolean): void => {
    if (ret[i] === PENDING || (kinds.observes[kind[i] as number] === 1 && !must)) return;
    op[count] = i;
    optional[count] = must ? 0 : 1;
    slot[count] = free.pop() ?? width++;
    if (numbers === undefined) number.set(i, count + 1);
    else numbers[i] = count + 1;
    count++;
  };
  for (const i of carried) admit(i, false);
  for (let position = begin; position < end; position++) {
    const event = events[position] as number;
    const i = event >> 1;
    if ((event & 1) === 0) {
      admit(i, released?.[i] !== 1);
      continue;
    }
    const at = (numbers === undefined ? (number.get(i) ?? 0) : (numbers[i] as number)) - 1;
    if (at < 0) continue;
    returns[steps] = at;
    opened[steps] = count;
    step[at] = ++steps;
    free.push(slot[at] as number);
  }
  opened[steps] = count;
  for (let i = 0; i < count; i++) step[i] = step[i] === 0 ? steps : (step[i] as number) - 1;
  const kindOf = new Int32Array(count);
  for (let i = 0; i < count; i++) kindOf[i] = kind[op[i] as number] as number;
  return {
    op: op.subarray(0, count), slot: slot.subarray(0, count), step: step.subarray(0, count), optional: optional.subarray(0, count),
    returns: returns.subarray(0, steps), opened: opened.subarray(0, steps + 1), width, kind: kindOf,
    classes: classesOf(indeterminate.filter((i) => (inv[i] as number) < end), kind, history, returns.subarray(0, steps), op),
  };
}

function classesOf(members: readonly number[], kind: Int32Array, { inv, ret }: ObjectHistory, returns: Int32Array, op: Int32Array): readonly OptionalClass[] {
  const byKind = new Map<number, number[]>();
  for (const i of members) {
    const list = byKind.get(kind[i] as number);
    if (list === undefined) byKind.set(kind[i] as number, [i]);
    else list.push(i);
  }
  const firstStepAfter = (position: number): number => {
    let [low, high] = [0, returns.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ret[op[returns[middle] as number] as number] as number) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return [...byKind].map(([of, list]) => ({ kind: of, members: list, from: Int32Array.from(list, (i) => firstStepAfter(inv[i] as number)) }));
}
