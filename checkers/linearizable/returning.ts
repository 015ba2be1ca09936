import { MASKS, STEP, USES } from './configurations.js';
import type { Kinds } from './kinds.js';
import type { States } from './states.js';
import type { Timeline } from './timeline.js';
import type { Uses } from './uses.js';

const NONE = -1;

/**
 * Which values of a register can come back. A state that an operation still has to find, and that no operation left can make again, must not be
 * left before: a configuration that leaves it leads nowhere. Histories of mostly unique values are all but forced by this.
 */
export class Returning {
  readonly #line: Timeline;
  readonly #words: number;
  /** By state: the last operation (number) that must find it, and the last that makes it; -1: none. */
  readonly #lastNeed: Int32Array;
  readonly #lastMake: Int32Array;
  /** By state: classes of indeterminate operations that make it. */
  readonly #classes: readonly (readonly number[] | undefined)[];
  /** By kind: the state that it needs to find, or makes; -1: none. */
  readonly #needs: Int32Array;
  readonly #makes: Int32Array;
  readonly #observes: readonly number[];

  constructor(line: Timeline, kinds: Kinds, states: States) {
    this.#line = line;
    this.#words = Math.max(1, Math.ceil(line.width / 32));
    this.#observes = kinds.observes;
    this.#needs = kinds.needsState(states);
    this.#makes = kinds.makesState(states);
    this.#lastNeed = new Int32Array(states.size).fill(NONE);
    this.#lastMake = new Int32Array(states.size).fill(NONE);
    for (let op = 0; op < line.op.length; op++) {
      const of = line.kind[op] as number;
      const [needs, makes] = [this.#needs[of] as number, this.#makes[of] as number];
      if (needs !== NONE && line.optional[op] === 0 && (line.step[op] as number) < line.returns.length) this.#lastNeed[needs] = op;
      if (makes !== NONE) this.#lastMake[makes] = op;
    }
    const classes: number[][] = [];
    for (const [i, { kind }] of line.classes.entries()) (classes[this.#makes[kind] as number] ??= []).push(i);
    this.#classes = classes;
  }

  /** Whether the configuration may not leave the state by a move (an operation, or -1 - class). */
  isLost(state: number, move: number, at: Int32Array, open: Int32Array, uses: Uses): boolean {
    if (state >= this.#lastNeed.length) return false;
    const { opened, kind, classes, optional } = this.#line;
    const invoked = opened[at[STEP] as number] as number;
    if ((this.#lastMake[state] as number) >= invoked) return false;
    let needed = (this.#lastNeed[state] as number) >= invoked;
    for (let slot = 0; slot < open.length; slot++) {
      const op = open[slot] as number;
      if (op < 0 || op === move) continue;
      const word = MASKS + (slot >>> 5);
      if ((((at[word] as number) >>> (slot & 31)) & 1) === 1) continue;
      const of = kind[op] as number;
      if (this.#makes[of] === state) return false;
      // An observer of this state is satisfied already; what completes after the piece, or is free, has no obligation.
      if (this.#needs[of] === state && this.#observes[of] === 0 && optional[op] === 0 && (this.#line.step[op] as number) < this.#line.returns.length) {
        needed ||= (((at[word + this.#words] as number) >>> (slot & 31)) & 1) === 0;
      }
    }
    if (!needed) return false;
    const vector = at[USES] as number;
    return this.#classes[state]?.some((i) => uses.of(vector, i) + (move === -1 - i ? 1 : 0) < (classes[i]?.members.length ?? 0)) !== true;
  }
}
