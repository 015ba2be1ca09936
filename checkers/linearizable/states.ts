import type { Kind } from './timeline.js';
import type { AnyModel } from './models/index.js';

/** The operation cannot take effect in the state. */
export const IMPOSSIBLE = -1;

/** Kinds up to which the transitions of a state are a row of an array rather than a map. */
const DENSE_KINDS = 256;
const UNKNOWN = -2;
/** Rough size of a state with its key and row, for the memory limit; bytes. */
const STATE_BYTES = 300;

/** The states of a model as small integers, found as the search meets them, and its steps as a table. */
export class States {
  readonly initial: number;
  readonly #model: AnyModel;
  readonly #kinds: readonly Kind[];
  readonly #states: unknown[] = [];
  readonly #ids = new Map<string, number>();
  readonly #rows: (Int32Array | Map<number, number>)[] = [];
  #bytes = 0;

  constructor(model: AnyModel, kinds: readonly Kind[], initial: unknown) {
    this.#model = model;
    this.#kinds = kinds;
    this.initial = this.#id(initial);
  }

  /** The state after an operation of the kind, or IMPOSSIBLE. */
  step(state: number, kind: number): number {
    const row = this.#rows[state] as Int32Array | Map<number, number>;
    const known = row instanceof Map ? (row.get(kind) ?? UNKNOWN) : (row[kind] ?? UNKNOWN);
    if (known !== UNKNOWN) return known;
    const next = this.#model.step(this.#states[state], (this.#kinds[kind] as Kind).op);
    const id = next === undefined ? IMPOSSIBLE : this.#id(next);
    if (row instanceof Map) {
      row.set(kind, id);
      this.#bytes += 40;
    } else row[kind] = id;
    return id;
  }

  /** A state for people. */
  show(state: number): string {
    const value = this.#states[state];
    return this.#model.show?.(value) ?? this.#model.key(value);
  }

  /** Memory in use, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  #id(state: unknown): number {
    const key = this.#model.key(state);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const dense = this.#kinds.length <= DENSE_KINDS;
    this.#bytes += STATE_BYTES + 2 * key.length + (dense ? 4 * this.#kinds.length : 0);
    this.#ids.set(key, this.#states.length);
    this.#rows.push(dense ? new Int32Array(this.#kinds.length).fill(UNKNOWN) : new Map<number, number>());
    return this.#states.push(state) - 1;
  }
}
