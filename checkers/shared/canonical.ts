import { canonical } from '../../src/index.js';

export { canonical };

/** Numbers for values: deeply equal JSON values, and only those, get the same small integer, counted from 0. */
export class Interner {
  readonly #ids = new Map<unknown, number>();
  readonly #values: unknown[] = [];

  id(value: unknown): number {
    const key = identity(value);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#values.length);
    return this.#values.push(value) - 1;
  }

  /** The id of a value seen before, or undefined. */
  find(value: unknown): number | undefined {
    return this.#ids.get(identity(value));
  }

  value(id: number): unknown {
    return this.#values[id];
  }

  get size(): number {
    return this.#values.length;
  }
}

/** Numbers and strings stand for themselves; a leading NUL keeps the text of other values apart from strings. */
function identity(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value.startsWith('\0') ? `\0${JSON.stringify(value)}` : value;
  return `\0${canonical(value)}`;
}
