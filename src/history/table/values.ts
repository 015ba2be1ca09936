import { canonical } from '../canonical.js';

/** Numbers below this get their id by a look into an array, as long as the array stays in proportion to the number of values. */
const DENSE_LIMIT = 1 << 26;

/** Ids for JSON values: deeply equal values, and only those, get the same small integer, counted from 0. */
export class ValueTable {
  readonly #values: unknown[] = [];
  readonly #ids = new Map<unknown, number>();
  /** Small non-negative integer -> id + 1. */
  #dense = new Int32Array(1024);

  /** How many there are. */
  get size(): number {
    return this.#values.length;
  }

  id(value: unknown): number {
    if (typeof value === 'number') return this.ofNumber(value);
    const key = identity(value);
    return this.#ids.get(key) ?? this.#add(key, value);
  }

  /** The same as `id` of a number. */
  ofNumber(value: number): number {
    if (value >= 0 && (value | 0) === value) {
      if (value < this.#dense.length) {
        const known = this.#dense[value] as number;
        if (known > 0) return known - 1;
        this.#values.push(value === 0 ? 0 : value);
        return (this.#dense[value] = this.#values.length) - 1;
      }
      if (value < DENSE_LIMIT && value < 8 * (this.#values.length + 1024) && !this.#ids.has(value)) {
        this.#widen(value);
        return this.ofNumber(value);
      }
    }
    return this.#ids.get(value) ?? this.#add(value, value);
  }

  /** The id of a value seen before, or -1. */
  find(value: unknown): number {
    const dense = typeof value === 'number' && value >= 0 && value < this.#dense.length ? (this.#dense[value] ?? 0) : 0;
    return dense > 0 ? dense - 1 : (this.#ids.get(identity(value)) ?? -1);
  }

  value(id: number): unknown {
    return this.#values[id];
  }

  #add(key: unknown, value: unknown): number {
    const id = this.#values.push(value) - 1;
    this.#ids.set(key, id);
    return id;
  }

  /** Makes the array reach a number; those of the map that lie below move there. */
  #widen(value: number): void {
    const dense = new Int32Array(Math.max(2 * this.#dense.length, value + 1));
    dense.set(this.#dense);
    for (let i = this.#dense.length; this.#ids.size > 0 && i < dense.length; i++) {
      const id = this.#ids.get(i);
      if (id === undefined) continue;
      dense[i] = id + 1;
      this.#ids.delete(i);
    }
    this.#dense = dense;
  }
}

/** Numbers and strings stand for themselves; a leading NUL keeps the text of other values apart from strings. */
function identity(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value.startsWith('\0') ? `\0${JSON.stringify(value)}` : value;
  return `\0${canonical(value)}`;
}
