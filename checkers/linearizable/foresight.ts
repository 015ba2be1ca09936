import { MASKS, STATE, STEP, USES } from './configurations.js';
import type { Kinds } from './kinds.js';
import type { States } from './states.js';
import { WORD, type Timeline } from './timeline.js';
import type { Uses } from './uses.js';

const NONE = -1;

/**
 * Which values of a register can come back. An operation that must still find a value has no hope if the value is not there and nothing that
 * may take effect before its completion makes it: neither an open operation, nor one invoked in time, nor an indeterminate one. A configuration
 * with such an operation leads nowhere, and is cut long before the search would run into it.
 */
export class Foresight {
  readonly #line: Timeline;
  readonly #words: number;
  /** By state: the last operation (number) that must find it, and all that make it. */
  readonly #lastNeed: Int32Array;
  readonly #makers: readonly (readonly number[] | undefined)[];
  /** By state: classes of indeterminate operations that make it. */
  readonly #classes: readonly (readonly number[] | undefined)[];
  /** By kind: the state that it needs to find, or makes; -1: none. */
  readonly #needs: Int32Array;
  readonly #makes: Int32Array;
  /** By state: the last look at which an open operation made it. */
  readonly #madeAt: Int32Array;
  #look = 0;

  constructor(line: Timeline, kinds: Kinds, states: States) {
    this.#line = line;
    this.#words = Math.max(1, Math.ceil(line.width / WORD));
    this.#needs = kinds.needsState(states);
    this.#makes = kinds.makesState(states);
    this.#madeAt = new Int32Array(states.size);
    this.#lastNeed = new Int32Array(states.size).fill(NONE);
    const makers: number[][] = [];
    for (let op = 0; op < line.op.length; op++) {
      const of = line.kind[op] as number;
      const needs = this.#needs[of] as number;
      const makes = this.#makes[of] as number;
      if (needs !== NONE && this.#isRequired(op)) this.#lastNeed[needs] = op;
      if (makes !== NONE) (makers[makes] ??= []).push(op);
    }
    this.#makers = makers;
    const classes: number[][] = [];
    for (const [i, { kind }] of line.classes.entries()) (classes[this.#makes[kind] as number] ??= []).push(i);
    this.#classes = classes;
  }

  /** Whether the configuration leads nowhere; `left`: the state that was left last. */
  isHopeless(at: Int32Array, open: Int32Array, uses: Uses, left: number): boolean {
    const { kind, opened, step } = this.#line;
    const state = at[STATE] as number;
    const look = ++this.#look;
    const invoked = opened[at[STEP] as number] as number;
    for (let slot = 0; slot < open.length; slot++) {
      const op = open[slot] as number;
      if (op < 0) continue;
      const makes = this.#makes[kind[op] as number] as number;
      if (makes !== NONE && (((at[MASKS + (slot >>> 5)] as number) >>> (slot & 31)) & 1) === 0) this.#madeAt[makes] = look;
    }
    for (let slot = 0; slot < open.length; slot++) {
      const op = open[slot] as number;
      if (op < 0) continue;
      const needs = this.#needs[kind[op] as number] as number;
      if (needs === NONE || needs === state || this.#madeAt[needs] === look || !this.#isRequired(op)) continue;
      const word = MASKS + (slot >>> 5);
      if (((((at[word] as number) | (at[word + this.#words] as number)) >>> (slot & 31)) & 1) === 1) continue;
      if (!this.#comesBack(needs, invoked, opened[step[op] as number] as number, at, uses)) return true;
    }
    if (left === state || left >= this.#lastNeed.length || (this.#lastNeed[left] as number) < invoked || this.#madeAt[left] === look) return false;
    return !this.#comesBack(left, invoked, this.#line.op.length, at, uses);
  }

  /** Whether an operation numbered from `from` up to `to`, or an indeterminate one, makes the state. */
  #comesBack(state: number, from: number, to: number, at: Int32Array, uses: Uses): boolean {
    const makers = this.#makers[state] ?? [];
    let low = 0;
    let high = makers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((makers[middle] as number) < from) low = middle + 1;
      else high = middle;
    }
    if (low < makers.length && (makers[low] as number) < to) return true;
    const vector = at[USES] as number;
    return this.#classes[state]?.some((i) => uses.of(vector, i) < (this.#line.classes[i]?.members.length ?? 0)) === true;
  }

  #isRequired(op: number): boolean {
    return this.#line.optional[op] === 0 && (this.#line.step[op] as number) < this.#line.returns.length;
  }
}
