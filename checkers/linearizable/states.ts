import type { Kinds } from './kinds.js';
import type { AnyModel } from './models/index.js';

/** The operation cannot take effect in the state. */
export const IMPOSSIBLE = -1;

const UNKNOWN = -2;
/** Transitions are a table of all states by all kinds as long as it has no more entries than this. */
const DENSE_ENTRIES = 1 << 20;
/** Rough size of a state with its key, for the memory limit; bytes. */
const STATE_BYTES = 200;
const EDGE_BYTES = 40;

/** The states of a model as small integers, found as a search meets them, and its steps as a table. Shared by all objects of a history. */
export class States {
  readonly #model: AnyModel;
  readonly #kinds: Kinds;
  readonly #states: unknown[] = [];
  readonly #ids = new Map<string, number>();
  /** State times width plus kind -> next state; for few states and kinds. */
  #dense = new Int32Array(0);
  #width = 0;
  readonly #sparse = new Map<number, number>();
  readonly #leads = new Map<number, boolean>();
  #bytes = 0;

  constructor(model: AnyModel, kinds: Kinds) {
    this.#model = model;
    this.#kinds = kinds;
  }

  get size(): number {
    return this.#states.length;
  }

  /** The number of a state. */
  id(state: unknown): number {
    const key = this.#model.key(state);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#bytes += STATE_BYTES + 2 * key.length;
    this.#ids.set(key, this.#states.length);
    return this.#states.push(state) - 1;
  }

  /** The state after an operation of the kind, or IMPOSSIBLE. */
  step(state: number, kind: number): number {
    const at = state * this.#width + kind;
    if (kind < this.#width && at < this.#dense.length) {
      const next = this.#dense[at] as number;
      return next === UNKNOWN ? (this.#dense[at] = this.#ask(state, kind)) : next;
    }
    return this.#slowly(state, kind);
  }

  /** Whether the model tells where a state can lead. */
  get grows(): boolean {
    return this.#model.leadsTo !== undefined;
  }

  /** False only if the operation is possible in no state that follows this one. */
  leadsTo(state: number, kind: number): boolean {
    const edge = state * 2 ** 26 + kind;
    const known = this.#leads.get(edge);
    if (known !== undefined) return known;
    const leads = this.#model.leadsTo?.(this.#states[state], this.#kinds.ops[kind] as Kinds['ops'][number]) ?? true;
    this.#leads.set(edge, leads);
    return leads;
  }

  /** A state for people. */
  show(state: number): string {
    const value = this.#states[state];
    return this.#model.show?.(value) ?? this.#model.key(value);
  }

  /** Memory in use, roughly. */
  get bytes(): number {
    return this.#bytes + EDGE_BYTES * (this.#sparse.size + this.#leads.size) + 4 * this.#dense.length;
  }

  #ask(state: number, kind: number): number {
    const next = this.#model.step(this.#states[state], this.#kinds.ops[kind] as Kinds['ops'][number]);
    return next === undefined ? IMPOSSIBLE : this.id(next);
  }

  #slowly(state: number, kind: number): number {
    if (this.#widen(state)) return this.step(state, kind);
    const edge = state * 2 ** 26 + kind;
    const known = this.#sparse.get(edge);
    if (known !== undefined) return known;
    const next = this.#ask(state, kind);
    this.#sparse.set(edge, next);
    return next;
  }

  /** Makes room in the table for a state and all kinds there are. False: that would be too large. */
  #widen(state: number): boolean {
    const width = this.#kinds.size;
    const old = this.#width === 0 ? 0 : this.#dense.length / this.#width;
    const rows = Math.max(8, old, state < old ? 0 : 2 * (state + 1));
    if (width * rows > DENSE_ENTRIES) return false;
    const dense = new Int32Array(width * rows).fill(UNKNOWN);
    for (let from = 0; from < old; from++) {
      dense.set(this.#dense.subarray(from * this.#width, (from + 1) * this.#width), from * width);
    }
    this.#dense = dense;
    this.#width = width;
    return true;
  }
}
