import type { ValueTable } from '../../src/index.js';
import type { ModelOp } from './model.js';
import type { AnyModel } from './models/index.js';
import type { States } from './states.js';
import { modelOp, PENDING, type ObjectHistory } from './object-history.js';

/** No value, or none that counts. */
const NONE = -1;
const FIELDS = 5;
const EMPTY = -1;

/**
 * Operations that a model cannot tell apart have the same *kind*, a small integer. A history of a million operations on five values has some fifty kinds, so
 * that a model is asked a few hundred times and a table afterwards. One table serves all objects of a history.
 */
export class Kinds {
  readonly ops: ModelOp[] = [];
  /** By kind: whether it leaves every state as it is; whether it leads from every state to the same one. */
  readonly observes: number[] = [];
  readonly overwrites: number[] = [];
  /** By kind, for a register: ids of the value that it needs to find and of the one that it leaves, or -1. */
  readonly needs: number[] = [];
  readonly makes: number[] = [];
  readonly #model: AnyModel;
  readonly #values: ValueTable;
  /** Fields of the kinds: name, argument, argument2, result, result2 (-2: indeterminate). */
  #fields = new Int32Array(64 * FIELDS);
  #buckets = new Int32Array(256).fill(EMPTY);

  #needsState: Int32Array = new Int32Array(0);
  #makesState: Int32Array = new Int32Array(0);

  constructor(model: AnyModel, values: ValueTable) {
    this.#model = model;
    this.#values = values;
  }

  get size(): number {
    return this.ops.length;
  }

  get isRegister(): boolean {
    return this.#model.register !== undefined;
  }

  /** The kind of every operation of a history, each of which the model knows. */
  of(history: ObjectHistory): Int32Array {
    const { size, f, argument, argument2, result, result2, ret } = history;
    const kinds = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      const known = ret[i] !== PENDING;
      kinds[i] = this.#find(history, i, f[i] as number, argument[i] as number, argument2[i] as number, known ? (result[i] as number) : -2, known ? (result2[i] as number) : -2);
    }
    return kinds;
  }

  /** By kind, for a register: the state that it needs to find, or -1. A register's state is its value. */
  needsState(states: States): Int32Array {
    if (this.#needsState.length !== this.size) this.#needsState = this.#asStates(this.needs, states);
    return this.#needsState;
  }

  /** By kind, for a register: the state that it leaves, or -1. */
  makesState(states: States): Int32Array {
    if (this.#makesState.length !== this.size) this.#makesState = this.#asStates(this.makes, states);
    return this.#makesState;
  }

  #asStates(values: readonly number[], states: States): Int32Array {
    return Int32Array.from(values, (value) => (value === NONE ? NONE : states.id(this.#values.value(value))));
  }

  #find(history: ObjectHistory, op: number, f: number, argument: number, argument2: number, result: number, result2: number): number {
    const mask = this.#buckets.length - 1;
    let bucket = hash(f, argument, argument2, result, result2) & mask;
    for (;;) {
      const kind = this.#buckets[bucket] as number;
      if (kind === EMPTY) break;
      const at = kind * FIELDS;
      const fields = this.#fields;
      if (fields[at] === f && fields[at + 1] === argument && fields[at + 2] === argument2 && fields[at + 3] === result && fields[at + 4] === result2) return kind;
      bucket = (bucket + 1) & mask;
    }
    const kind = this.#add(history, op);
    if ((kind + 1) * FIELDS > this.#fields.length) {
      const fields = new Int32Array(2 * this.#fields.length);
      fields.set(this.#fields);
      this.#fields = fields;
    }
    this.#fields.set([f, argument, argument2, result, result2], kind * FIELDS);
    this.#buckets[bucket] = kind;
    if (2 * this.size > this.#buckets.length) this.#rehash();
    return kind;
  }

  #add(history: ObjectHistory, op: number): number {
    const asked = modelOp(history, op);
    const role = this.#model.register?.[asked.f];
    const pair = asked.argument as readonly unknown[];
    this.observes.push(this.#model.observes?.(asked) === true ? 1 : 0);
    this.overwrites.push(this.#model.overwrites?.(asked) === true ? 1 : 0);
    this.needs.push(role === 'read' && asked.known ? this.#values.id(asked.result) : role === 'cas' ? this.#values.id(pair[0]) : NONE);
    this.makes.push(role === 'write' ? this.#values.id(asked.argument) : role === 'cas' ? this.#values.id(pair[1]) : NONE);
    return this.ops.push(asked) - 1;
  }

  #rehash(): void {
    const buckets = new Int32Array(2 * this.#buckets.length).fill(EMPTY);
    const mask = buckets.length - 1;
    const field = (at: number): number => this.#fields[at] as number;
    for (let kind = 0; kind < this.size; kind++) {
      const at = kind * FIELDS;
      let bucket = hash(field(at), field(at + 1), field(at + 2), field(at + 3), field(at + 4)) & mask;
      while (buckets[bucket] !== EMPTY) bucket = (bucket + 1) & mask;
      buckets[bucket] = kind;
    }
    this.#buckets = buckets;
  }
}

function hash(f: number, argument: number, argument2: number, result: number, result2: number): number {
  let h = Math.imul(f + 1, 0x9e3779b1) ^ Math.imul(argument + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ Math.imul(argument2 + 3, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13), 0x165667b1) ^ Math.imul(result + 5, 0x9e3779b1) ^ Math.imul(result2 + 7, 0x85ebca77);
  return (h ^ (h >>> 16)) >>> 0;
}
