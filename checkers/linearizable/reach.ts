import { MASKS, STATE, STEP } from './configurations.js';
import type { Kinds } from './kinds.js';
import type { States } from './states.js';
import { WORD, type Timeline } from './timeline.js';

/**
 * Where objects only grow: an operation that must still take effect with its result has no hope once the state has grown past it. Looks at the operations that are open, and at
 * the observer that is invoked next: to look further is not worth its time, as whatever that one sees is past all that the later ones can miss.
 */
export class Reach {
  readonly #line: Timeline;
  readonly #states: States;
  readonly #words: number;
  /** By operation: the kind of the first observer from it on that must take effect, or -1. */
  readonly #nextObserver: Int32Array;

  constructor(line: Timeline, kinds: Kinds, states: States) {
    this.#line = line;
    this.#states = states;
    this.#words = Math.max(1, Math.ceil(line.width / WORD));
    const { kind, op, optional, step, returns } = line;
    this.#nextObserver = new Int32Array(op.length + 1).fill(-1);
    for (let i = op.length - 1; i >= 0; i--) {
      const required = optional[i] === 0 && (step[i] as number) < returns.length;
      this.#nextObserver[i] = required && kinds.observes[kind[i] as number] === 1 ? (kind[i] as number) : (this.#nextObserver[i + 1] as number);
    }
  }

  /** Whether the configuration leads nowhere. */
  isHopeless(at: Int32Array, open: Int32Array): boolean {
    const { kind, opened, step, returns, optional } = this.#line;
    const state = at[STATE] as number;
    const next = this.#nextObserver[opened[at[STEP] as number] as number] as number;
    if (next >= 0 && !this.#states.leadsTo(state, next)) return true;
    for (let slot = 0; slot < open.length; slot++) {
      const op = open[slot] as number;
      if (op < 0 || optional[op] === 1 || (step[op] as number) >= returns.length) continue;
      const word = MASKS + (slot >>> 5);
      if (((((at[word] as number) | (at[word + this.#words] as number)) >>> (slot & 31)) & 1) === 1) continue;
      if (!this.#states.leadsTo(state, kind[op] as number)) return true;
    }
    return false;
  }
}
