import type { ValueTable } from '../../../src/index.js';

/** The dense table is taken if it is at most this many times as long as the elements are many, plus a constant. */
const DENSE = { times: 8, plus: 1024 };

/** Numbers elements by their value, which is an id of a value or a pair of them. */
export class ElementIds {
  readonly #values: ValueTable;
  /** By id: element + 1. */
  readonly #dense: Int32Array | undefined;
  readonly #many = new Map<number, number>();

  /** `expected`: about how many elements there will be. */
  constructor(values: ValueTable, expected: number) {
    this.#values = values;
    if (values.size <= DENSE.times * expected + DENSE.plus) this.#dense = new Int32Array(values.size);
  }

  /** The element with this value, or -1. */
  get(first: number, second: number): number {
    if (second < 0 && this.#dense !== undefined) return (this.#dense[first] as number) - 1;
    return this.#many.get(this.#key(first, second)) ?? -1;
  }

  /** Gives a value to an element; false: another element has it. */
  set(first: number, second: number, element: number): boolean {
    if (this.get(first, second) >= 0) return false;
    if (second < 0 && this.#dense !== undefined) this.#dense[first] = element + 1;
    else this.#many.set(this.#key(first, second), element);
    return true;
  }

  /** The same for a value that the history need not contain; if it does not, nothing will ask for the element. */
  setValue(value: unknown, element: number): boolean {
    const pair = Array.isArray(value) && value.length === 2 ? (value as readonly unknown[]) : undefined;
    const first = this.#values.find(pair === undefined ? value : pair[0]);
    const second = pair === undefined ? -1 : this.#values.find(pair[1]);
    return first < 0 || (pair !== undefined && second < 0) || this.set(first, second, element);
  }

  #key(first: number, second: number): number {
    return first * (this.#values.size + 1) + second + 1;
  }
}
