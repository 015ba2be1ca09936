import { expired, type Budget } from '../shared/budget.js';
import { Configurations, MASKS, MOVE, PARENT, STATE, STEP, UNSEEN, USES } from './configurations.js';
import { Foresight } from './foresight.js';
import type { Kinds } from './kinds.js';
import type { Way } from './order.js';
import { Reach } from './reach.js';
import { IMPOSSIBLE, type States } from './states.js';
import { WORD, type Timeline } from './timeline.js';
import { Uses } from './uses.js';

/** How far a search came: an order was found, there is none, it stopped deepening, or a limit was hit. */
export type Outcome = 'valid' | 'invalid' | 'stalled' | 'time' | 'memory';

/** Configurations between two looks at the limits. */
const CHECK_EVERY = 256;
/** Tiers of moves: the operation that must come now; what enables it, blind writes after others, indeterminate ones last; the rest in the same order. */
const TIERS = 7;

/**
 * Searches for an order: just-in-time linearization (Lowe, "Testing for linearizability", CCPE 29(4), 2017) depth first. An operation
 * takes effect only when a completion forces it, so that a configuration concerns open operations only and memory follows
 * concurrency, not length. Sound and complete for every model:
 * - An open observer that the state satisfies is satisfied at once: taking effect early cannot hurt, as it changes nothing.
 * - A blind write that is open when another blind write takes effect may stand unseen just before that one: it is free from then on, and
 *   may still be used visibly.
 * - A blind write is not followed by another one before somebody saw its value or a completion was passed: the second alone leads as far, and
 *   leaves the first free.
 * - Of open operations of one kind the one that completes first goes first: two of a kind could be swapped.
 * - An indeterminate operation has no obligation, and counts by class. See Configurations for what is cut.
 * - With foresight, ways in which an operation can no longer find what it needs are left at once. See Foresight and Reach.
 */
export class Search {
  /** Completions that could be put in order at best. */
  deepest = 0;
  readonly #line: Timeline;
  readonly #states: States;
  readonly #observes: readonly number[];
  readonly #overwrites: readonly number[];
  readonly #uses: Uses;
  readonly #visited: Configurations;
  readonly #foresight: Foresight | Reach | undefined;
  readonly #words: number;
  readonly #stride: number;
  #stack: Int32Array;
  #depth = 0;
  /** The configuration at hand, and its number among the visited. */
  readonly #at: Int32Array;
  #id = -1;
  /** Operation in each slot (-1: none) as of the step `cursor`. */
  readonly #open: Int32Array;
  #cursor = 0;
  #progressAt = 0;
  /** By kind, for one expansion: the bound and the free operation that completes first. */
  readonly #firstBound: Int32Array;
  readonly #firstFree: Int32Array;
  readonly #candidates: Int32Array;
  // Moves of one expansion: an operation or -1 - class, the state after it, the tier.
  readonly #moves: Int32Array;
  readonly #nexts: Int32Array;
  readonly #tiers: Uint8Array;

  /**
   * `starts`: states in which the piece may begin. `foresight`: look ahead, where the model knows how: for values of a register that cannot come back, for
   * states that have grown past what must still be seen. A search that does so is as right but leaves ways that lead on for a while, so that it does not tell
   * the longest prefix.
   */
  constructor(line: Timeline, kinds: Kinds, states: States, starts: readonly number[], foresight = false) {
    this.#line = line;
    this.#states = states;
    this.#observes = kinds.observes;
    this.#overwrites = kinds.overwrites;
    this.#uses = new Uses(line.classes.map(({ members }) => members.length));
    this.#words = Math.max(1, Math.ceil(line.width / WORD));
    this.#visited = new Configurations(this.#words, this.#uses);
    this.#stride = this.#visited.stride;
    this.#stack = new Int32Array(64 * this.#stride);
    this.#at = new Int32Array(this.#stride);
    this.#open = new Int32Array(line.width).fill(-1);
    this.#firstBound = new Int32Array(kinds.size).fill(-1);
    this.#firstFree = new Int32Array(kinds.size).fill(-1);
    this.#candidates = new Int32Array(line.width);
    const room = line.width + line.classes.length;
    this.#moves = new Int32Array(room);
    this.#nexts = new Int32Array(room);
    this.#tiers = new Uint8Array(room);
    this.#foresight = !foresight ? undefined : states.grows ? new Reach(line, kinds, states) : kinds.isRegister ? new Foresight(line, kinds, states) : undefined;
    this.#begin(starts);
  }

  /** Configurations visited so far. */
  get visited(): number {
    return this.#visited.size;
  }

  /** Goes on until there is an outcome; `stalled` after so many configurations without one that is deeper, to be taken up by another call. */
  run(budget: Budget, stallAfter: number): Outcome {
    this.#progressAt = this.visited;
    while (this.#depth > 0) {
      this.#pop();
      if (!this.#settle()) return 'valid';
      if (this.#foresight?.isHopeless(this.#at, this.#open, this.#uses, this.#leftState()) === true) continue;
      this.#id = this.#visited.add(this.#at, 0);
      if (this.#id < 0) continue;
      this.#expand();
      const step = this.#at[STEP] as number;
      if (step > this.deepest) {
        this.deepest = step;
        this.#progressAt = this.#visited.size;
      }
      if (this.#visited.size % CHECK_EVERY === 0) {
        const limit = this.#limitHit(budget);
        if (limit !== undefined) return limit;
      }
      if (this.#visited.size - this.#progressAt > stallAfter && this.#depth > 0) return 'stalled';
    }
    return 'invalid';
  }

  /** States seen at the deepest step. */
  deepestStates(): readonly number[] {
    const states = new Set<number>();
    for (let id = 0; id < this.#visited.size; id++) if (this.#visited.field(id, STEP) === this.deepest) states.add(this.#visited.field(id, STATE));
    return [...states];
  }

  /** The way to the order that was found (after `valid`), or to one of the deepest configurations. See orderOf. */
  way(): Way {
    const visited = this.#visited;
    const found = (this.#at[STEP] as number) === this.#line.returns.length;
    const [steps, states, moves]: [number[], number[], number[]] = [[], [], []];
    let id = visited.size - 1;
    if (found) {
      steps.push(this.#at[STEP] as number);
      states.push(this.#at[STATE] as number);
      moves.push(this.#at[MOVE] as number);
      id = this.#at[PARENT] as number;
    } else while (id >= 0 && visited.field(id, STEP) !== this.deepest) id--;
    for (; id >= 0; id = visited.field(id, PARENT)) {
      steps.push(visited.field(id, STEP));
      states.push(visited.field(id, STATE));
      moves.push(visited.field(id, MOVE));
    }
    return { steps: steps.reverse(), states: states.reverse(), moves: moves.reverse() };
  }

  #leftState(): number {
    const parent = this.#at[PARENT] as number;
    return parent < 0 ? (this.#at[STATE] as number) : this.#visited.field(parent, STATE);
  }

  #begin(starts: readonly number[]): void {
    const { opened, slot } = this.#line;
    for (let op = 0; op < (opened[0] as number); op++) this.#open[slot[op] as number] = op;
    for (const start of [...starts].reverse()) {
      this.#at.fill(0);
      this.#at[STATE] = start;
      this.#at[USES] = this.#uses.none;
      this.#at[PARENT] = this.#at[MOVE] = -1;
      for (let op = 0; op < (opened[0] as number); op++) this.#welcome(op);
      this.#push(start, -1);
    }
  }

  /** Goes over completions that are discharged. False: there are no more, an order is found. */
  #settle(): boolean {
    const { returns, opened, slot, kind } = this.#line;
    const at = this.#at;
    const words = this.#words;
    for (;;) {
      const step = at[STEP] as number;
      if (step === returns.length) return false;
      this.#moveTo(step);
      const op = returns[step] as number;
      const place = slot[op] as number;
      const word = MASKS + (place >>> 5);
      const bit = 1 << (place & 31);
      const used = ((at[word] as number) & bit) !== 0;
      if (!used && !(((at[word + words] as number) & bit) !== 0 && this.#observes[kind[op] as number] === 1)) return true;
      at[word] = (at[word] as number) & ~bit;
      at[word + words] = (at[word + words] as number) & ~bit;
      at[STEP] = step + 1;
      at[UNSEEN] = 0;
      this.#moveTo(step + 1);
      for (let i = opened[step] as number; i < (opened[step + 1] as number); i++) this.#welcome(i);
    }
  }

  /** Gives an operation that has just been invoked its first mark. */
  #welcome(op: number): void {
    const { optional, slot, kind } = this.#line;
    const of = kind[op] as number;
    if (optional[op] === 1 || (this.#observes[of] === 1 && this.#states.step(this.#at[STATE] as number, of) !== IMPOSSIBLE)) {
      const place = slot[op] as number;
      const word = MASKS + this.#words + (place >>> 5);
      this.#at[word] = (this.#at[word] as number) | (1 << (place & 31));
    }
  }

  /** Pushes every configuration that one operation leads to, the most promising on top. */
  #expand(): void {
    const target = this.#line.returns[this.#at[STEP] as number] as number;
    const count = this.#gather(target);
    for (let tier = TIERS - 1; tier >= 0; tier--) {
      for (let i = count - 1; i >= 0; i--) if (this.#tiers[i] === tier) this.#pushMove(this.#moves[i] as number, this.#nexts[i] as number);
    }
    const slot = this.#line.slot[target] as number;
    const free = MASKS + this.#words + (slot >>> 5);
    // A free operation need not be seen to take effect.
    if ((((this.#at[free] as number) >>> (slot & 31)) & 1) === 1) this.#use(this.#push(this.#at[STATE] as number, -1), slot);
  }

  /** Collects what could take effect now, in order of completion. */
  #gather(target: number): number {
    const { kind, classes } = this.#line;
    const states = this.#states;
    const state = this.#at[STATE] as number;
    const wanted = kind[target] as number;
    const candidates = this.#candidates;
    const found = this.#findCandidates();
    let count = 0;
    const unseen = this.#at[UNSEEN] === 1;
    for (let i = 0; i < found; i++) {
      const op = candidates[i] as number;
      if (unseen && this.#overwrites[kind[op] as number] === 1) continue;
      const next = states.step(state, kind[op] as number);
      if (next === IMPOSSIBLE) continue;
      this.#moves[count] = op;
      this.#nexts[count] = next;
      this.#tiers[count++] = op === target ? 0 : (states.step(next, wanted) !== IMPOSSIBLE ? 1 : 4) + (this.#overwrites[kind[op] as number] as number);
    }
    const step = this.#at[STEP] as number;
    const vector = this.#at[USES] as number;
    for (let i = 0; i < classes.length; i++) {
      const { kind: effect, from } = classes[i] as Timeline['classes'][number];
      const next = states.step(state, effect);
      if (next === IMPOSSIBLE || (unseen && this.#overwrites[effect] === 1)) continue;
      // One that changes nothing is of no use, unless open blind writes may stand unseen before it.
      if (next === state && this.#overwrites[effect] !== 1) continue;
      const used = this.#uses.of(vector, i);
      if (used >= from.length || (from[used] as number) > step) continue;
      this.#moves[count] = -1 - i;
      this.#nexts[count] = next;
      this.#tiers[count++] = states.step(next, wanted) !== IMPOSSIBLE ? 3 : 6;
    }
    return count;
  }

  /** Open mutators not used yet, in order of completion; of one kind only the first bound one, and a free one if it completes before that. */
  #findCandidates(): number {
    const { kind, step } = this.#line;
    const open = this.#open;
    const found = this.#candidates;
    let count = 0;
    for (let slot = 0; slot < open.length; slot++) {
      const op = open[slot] as number;
      if (op < 0) continue;
      const of = kind[op] as number;
      const word = MASKS + (slot >>> 5);
      if (this.#observes[of] === 1 || (((this.#at[word] as number) >>> (slot & 31)) & 1) === 1) continue;
      const first = (((this.#at[word + this.#words] as number) >>> (slot & 31)) & 1) === 1 ? this.#firstFree : this.#firstBound;
      const rival = first[of] as number;
      if (rival < 0 || (step[op] as number) < (step[rival] as number)) first[of] = op;
      found[count++] = op;
    }
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const op = found[i] as number;
      const of = kind[op] as number;
      const bound = this.#firstBound[of] as number;
      if (bound !== op && !(this.#firstFree[of] === op && (bound < 0 || (step[op] as number) < (step[bound] as number)))) continue;
      // Insertion keeps them sorted: there are few.
      let at = kept++;
      for (; at > 0 && (step[found[at - 1] as number] as number) > (step[op] as number); at--) found[at] = found[at - 1] as number;
      found[at] = op;
    }
    for (let slot = 0; slot < open.length; slot++) {
      const op = open[slot] as number;
      if (op >= 0) this.#firstBound[kind[op] as number] = this.#firstFree[kind[op] as number] = -1;
    }
    return kept;
  }

  #pushMove(move: number, next: number): void {
    const { kind, classes, slot, op } = this.#line;
    const from = this.#at[STATE] as number;
    if (move < 0) {
      const { kind: effect, members } = classes[-1 - move] as Timeline['classes'][number];
      const vector = this.#at[USES] as number;
      const base = this.#push(next, members[this.#uses.of(vector, -1 - move)] as number);
      this.#stack[base + USES] = this.#uses.plusOne(vector, -1 - move);
      this.#freeOthers(base, this.#overwrites[effect] === 1, next, next !== from);
      return;
    }
    const base = this.#push(next, op[move] as number);
    this.#use(base, slot[move] as number);
    this.#freeOthers(base, this.#overwrites[kind[move] as number] === 1, next, next !== from);
  }

  /** Frees the blind writes that may now stand unseen, and the observers that a new state satisfies. */
  #freeOthers(base: number, overwritten: boolean, state: number, changed: boolean): void {
    this.#stack[base + UNSEEN] = overwritten ? 1 : 0;
    if (!overwritten && !changed) return;
    const kind = this.#line.kind;
    const stack = this.#stack;
    for (let slot = 0; slot < this.#open.length; slot++) {
      const op = this.#open[slot] as number;
      if (op < 0) continue;
      const word = base + MASKS + (slot >>> 5);
      const bit = 1 << (slot & 31);
      if ((((stack[word] as number) | (stack[word + this.#words] as number)) & bit) !== 0) continue;
      const of = kind[op] as number;
      const free = this.#observes[of] === 1 ? changed && this.#states.step(state, of) !== IMPOSSIBLE : overwritten && this.#overwrites[of] === 1;
      if (!free) continue;
      stack[word + this.#words] = (stack[word + this.#words] as number) | bit;
      if (this.#observes[of] === 1) stack[base + UNSEEN] = 0;
    }
  }

  /** Pushes a copy of the configuration at hand; returns its offset on the stack. */
  #push(state: number, move: number): number {
    const base = this.#depth * this.#stride;
    if (base + this.#stride > this.#stack.length) {
      const stack = new Int32Array(this.#stack.length * 2);
      stack.set(this.#stack);
      this.#stack = stack;
    }
    const stack = this.#stack;
    for (let i = 0; i < this.#stride; i++) stack[base + i] = this.#at[i] as number;
    stack[base + STATE] = state;
    stack[base + PARENT] = this.#id;
    stack[base + MOVE] = move;
    this.#depth++;
    return base;
  }

  #pop(): void {
    const base = --this.#depth * this.#stride;
    for (let i = 0; i < this.#stride; i++) this.#at[i] = this.#stack[base + i] as number;
  }

  /** Marks an operation as having taken effect. */
  #use(base: number, slot: number): void {
    const word = base + MASKS + (slot >>> 5);
    const bit = 1 << (slot & 31);
    this.#stack[word] = (this.#stack[word] as number) | bit;
    this.#stack[word + this.#words] = (this.#stack[word + this.#words] as number) & ~bit;
  }

  /** Brings the table of open operations to a step. */
  #moveTo(step: number): void {
    if (this.#cursor === step) return;
    const { returns, opened, slot } = this.#line;
    const open = this.#open;
    for (; this.#cursor < step; this.#cursor++) {
      open[slot[returns[this.#cursor] as number] as number] = -1;
      for (let i = opened[this.#cursor] as number; i < (opened[this.#cursor + 1] as number); i++) open[slot[i] as number] = i;
    }
    while (this.#cursor > step) {
      this.#cursor--;
      for (let i = opened[this.#cursor] as number; i < (opened[this.#cursor + 1] as number); i++) open[slot[i] as number] = -1;
      const op = returns[this.#cursor] as number;
      open[slot[op] as number] = op;
    }
  }

  #limitHit(budget: Budget): 'time' | 'memory' | undefined {
    const bytes = this.#visited.bytes + 4 * this.#stack.length + this.#states.bytes + this.#uses.bytes;
    // A table that grows stands beside its double for a moment.
    if (3 * bytes > budget.memoryBytes) return 'memory';
    return expired(budget) ? 'time' : undefined;
  }
}
