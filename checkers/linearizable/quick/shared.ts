import { showOperation } from '../../shared/words.js';
import { operationOf, type ObjectHistory, type Quick } from '../object-history.js';

/** No operation, or no value. */
export const NONE = -1;

/** The id of an operation's argument as one value. */
export function argumentId(history: ObjectHistory, op: number): number {
  return pairId(history, history.argument[op] as number, history.argument2[op] as number);
}

/** The id of an operation's result as one value; NONE if it is not known or not to be judged. */
export function resultId(history: ObjectHistory, op: number): number {
  return pairId(history, history.result[op] as number, history.result2[op] as number);
}

function pairId({ values }: ObjectHistory, first: number, second: number): number {
  return second < 0 ? first : values.id([values.value(first), values.value(second)]);
}

/** The index of a name of an operation in the history's columns; NONE if there is none of that name. */
export function nameOf(history: ObjectHistory, f: string): number {
  return history.names.indexOf(f);
}

/** An operation in a sentence. */
export function told(history: ObjectHistory, op: number): string {
  return showOperation(operationOf(history, op));
}

/** A verdict of invalid. Operations that are NONE are left out. */
export function invalid(kind: string, message: string, operations: readonly number[]): Quick {
  return { kind: 'invalid', violation: { kind, message, operations: [...new Set(operations)].filter((op) => op >= 0) } };
}

/** That the algorithm does not apply, and why not. */
export function notApplicable(reason: string): Quick {
  return { kind: 'not-applicable', reason };
}

/** Whether the object starts with elements in it. */
export function startsFilled(initial: unknown): boolean {
  return Array.isArray(initial) && initial.length > 0;
}

/** A binary heap of operations; the first out is the one of the smallest rank. */
export class OpHeap {
  readonly #heap: number[] = [];
  readonly #rank: Int32Array;

  constructor(rank: Int32Array) {
    this.#rank = rank;
  }

  /** The first one, or NONE. */
  get first(): number {
    return this.#heap[0] ?? NONE;
  }

  get size(): number {
    return this.#heap.length;
  }

  push(op: number): void {
    const [heap, rank] = [this.#heap, this.#rank];
    let at = heap.push(op) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((rank[heap[parent] as number] as number) <= (rank[op] as number)) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = op;
  }

  /** Takes the first one out; NONE if there is none. */
  pop(): number {
    const [heap, rank] = [this.#heap, this.#rank];
    const top = this.first;
    const op = heap.pop();
    if (op === undefined || heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && (rank[heap[child + 1] as number] as number) < (rank[heap[child] as number] as number)) child++;
      if ((rank[heap[child] as number] as number) >= (rank[op] as number)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = op;
    return top;
  }
}

/** Small numbers for the values of one object, counted from 0; `values` of one history serve many objects, so that an array by value would cost too much for a small one. */
export class LocalIds {
  readonly #dense: Int32Array | undefined;
  readonly #sparse = new Map<number, number>();
  #size = 0;

  constructor(history: ObjectHistory) {
    // Reading pairs may add values to the table: one for each result and each argument.
    const room = history.values.size + 2 * history.size;
    this.#dense = room <= 16 * history.size + 1024 ? new Int32Array(room) : undefined;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of a value, or NONE if it has none yet. */
  find(value: number): number {
    if (value < 0) return NONE;
    return (this.#dense?.[value] ?? this.#sparse.get(value) ?? 0) - 1;
  }

  /** The number of a value; a new one if it has none yet. */
  of(value: number): number {
    const known = this.find(value);
    if (known !== NONE) return known;
    this.#size++;
    if (this.#dense !== undefined && value < this.#dense.length) this.#dense[value] = this.#size;
    else this.#sparse.set(value, this.#size);
    return this.#size - 1;
  }
}

/**
 * Operations in layers (NONE: in none) whose order is forced, while any order will do within one: a linear order that real time allows exists if and only if no operation ended
 * before one of an earlier layer began. Gives such a pair, first the one that ended. One pass in order of time: the last layer of what has ended.
 */
export function againstTime(history: ObjectHistory, layer: Int32Array): readonly [ended: number, begun: number] | undefined {
  let last = NONE;
  for (const event of history.events) {
    const op = event >> 1;
    const at = layer[op] as number;
    if (at === NONE) continue;
    if ((event & 1) === 1) {
      if (last === NONE || at > (layer[last] as number)) last = op;
    } else if (last !== NONE && (layer[last] as number) > at) return [last, op];
  }
  return undefined;
}
