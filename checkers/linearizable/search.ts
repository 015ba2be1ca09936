import { expired, type Budget } from '../shared/budget.js';
import { Configurations, MASKS, MOVE, PARENT, STATE, STEP, USES } from './configurations.js';
import type { AnyModel } from './models/index.js';
import { IMPOSSIBLE, States } from './states.js';
import { WORD, type Timeline } from './timeline.js';
import { Uses } from './uses.js';

/** How a search ended. `steps` counts completions in order: how far it got at best. */
export type SearchResult =
  | { readonly kind: 'valid'; readonly visited: number }
  | { readonly kind: 'invalid'; readonly visited: number; readonly stuck: Stuck }
  | { readonly kind: 'unknown'; readonly visited: number; readonly limit: 'time' | 'memory'; readonly steps: number; readonly totalSteps: number };

/** Where every way to order the history ends. */
export interface Stuck {
  /** Completions that can be put in order: the longest linearizable prefix. */
  readonly steps: number;
  /** Index into entries of the operation whose completion nothing can take. */
  readonly entry: number;
  /** The states possible before it, for people, at most `STATES_SHOWN` of them, and how many there are. */
  readonly states: readonly string[];
  readonly stateCount: number;
  /** Indices into entries of mutators in the order of one of the longest ways, oldest first, the last `PATH_SHOWN`. */
  readonly path: readonly number[];
}

const STATES_SHOWN = 8;
const PATH_SHOWN = 8;
/** Configurations between two looks at the limits. */
const CHECK_EVERY = 256;

/**
 * Searches for an order: just-in-time linearization (Lowe, "Testing for linearizability", CCPE 29(4), 2017) depth first. An operation
 * takes effect only when a completion forces it, so that a configuration concerns open operations only and memory follows
 * concurrency, not length. Sound and complete for every model:
 * - An open observer that the state satisfies is satisfied at once: taking effect early cannot hurt, as it changes nothing.
 * - A blind write that is open when another blind write takes effect may stand unseen just before that one: it is free from then on, and
 *   may still be used visibly.
 * - Of open operations of one kind the one that completes first goes first: two of a kind could be swapped.
 * - An indeterminate operation has no obligation, and counts by class. See Configurations for what is cut.
 */
export function search(timeline: Timeline, model: AnyModel, initial: unknown, budget: Budget): SearchResult {
  return new Search(timeline, model, initial, budget).run();
}

class Search {
  readonly #line: Timeline;
  readonly #budget: Budget;
  readonly #states: States;
  readonly #uses: Uses;
  readonly #visited: Configurations;
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
  #deepest = 0;
  /** By kind, for one expansion: the bound and the free operation that completes first. */
  readonly #firstBound: Int32Array;
  readonly #firstFree: Int32Array;
  readonly #tiers: readonly number[][] = [[], [], [], [], []];

  constructor(timeline: Timeline, model: AnyModel, initial: unknown, budget: Budget) {
    this.#line = timeline;
    this.#budget = budget;
    this.#states = new States(model, timeline.kinds, model.init(initial));
    this.#uses = new Uses(timeline.classes.length);
    this.#words = Math.ceil(timeline.width / WORD);
    this.#visited = new Configurations(this.#words, this.#uses);
    this.#stride = this.#visited.stride;
    this.#stack = new Int32Array(64 * this.#stride);
    this.#at = new Int32Array(this.#stride);
    this.#open = new Int32Array(timeline.width).fill(-1);
    this.#firstBound = new Int32Array(timeline.kinds.length).fill(-1);
    this.#firstFree = new Int32Array(timeline.kinds.length).fill(-1);
  }

  run(): SearchResult {
    this.#begin();
    while (this.#depth > 0) {
      this.#pop();
      if (!this.#settle()) return { kind: 'valid', visited: this.#visited.size };
      this.#id = this.#visited.add(this.#at, 0);
      if (this.#id < 0) continue;
      this.#deepest = Math.max(this.#deepest, this.#at[STEP] ?? 0);
      if (this.#visited.size % CHECK_EVERY === 0) {
        const limit = this.#limitHit();
        if (limit !== undefined) {
          return { kind: 'unknown', visited: this.#visited.size, limit, steps: this.#deepest, totalSteps: this.#line.returns.length };
        }
      }
      this.#expand();
    }
    return { kind: 'invalid', visited: this.#visited.size, stuck: this.#stuck() };
  }

  #begin(): void {
    this.#at[STATE] = this.#states.initial;
    this.#at[USES] = this.#uses.none;
    this.#at[PARENT] = this.#at[MOVE] = -1;
    for (let op = 0; op < (this.#line.opened[0] ?? 0); op++) {
      this.#open[this.#line.slot[op] ?? 0] = op;
      this.#welcome(op);
    }
    this.#push(this.#at[STATE] ?? 0, -1);
  }

  /** Goes over completions that are discharged. False: there are no more, an order is found. */
  #settle(): boolean {
    const { returns, opened, slot } = this.#line;
    for (;;) {
      const step = this.#at[STEP] ?? 0;
      if (step === returns.length) return false;
      this.#moveTo(step);
      const op = returns[step] ?? 0;
      const at = slot[op] ?? 0;
      const observed = this.#has(this.#at, at, this.#words) && this.#kindOf(op).observes;
      if (!this.#has(this.#at, at, 0) && !observed) return true;
      this.#clear(this.#at, at);
      this.#at[STEP] = step + 1;
      this.#moveTo(step + 1);
      for (let i = opened[step] ?? 0; i < (opened[step + 1] ?? 0); i++) this.#welcome(i);
    }
  }

  /** Gives an operation that has just been invoked its first mark. */
  #welcome(op: number): void {
    const { optional, slot, kind } = this.#line;
    const satisfied = this.#kindOf(op).observes && this.#states.step(this.#at[STATE] ?? 0, kind[op] ?? 0) !== IMPOSSIBLE;
    if (satisfied || optional[op] === 1) this.#mark(this.#at, 0, slot[op] ?? 0, this.#words);
  }

  /** Pushes every configuration that one operation leads to, the most promising on top. */
  #expand(): void {
    const target = this.#line.returns[this.#at[STEP] ?? 0] ?? 0;
    const slot = this.#line.slot[target] ?? 0;
    this.#gather(target);
    for (let tier = this.#tiers.length - 1; tier >= 0; tier--) {
      const moves = this.#tiers[tier] as number[];
      for (let i = moves.length - 1; i >= 0; i--) this.#pushMove(moves[i] ?? 0);
      moves.length = 0;
    }
    if (this.#has(this.#at, slot, this.#words)) {
      const base = this.#push(this.#at[STATE] ?? 0, -1);
      this.#use(base, slot);
    }
  }

  /** Sorts what could take effect now into tiers: the target, what enables it, the rest; certain before indeterminate. A class is coded as -1 - index. */
  #gather(target: number): void {
    const { kind, classes } = this.#line;
    const state = this.#at[STATE] ?? 0;
    const wanted = kind[target] ?? 0;
    const enables = (next: number): boolean => this.#states.step(next, wanted) !== IMPOSSIBLE;
    for (const op of this.#candidates()) {
      const next = this.#states.step(state, kind[op] ?? 0);
      if (next === IMPOSSIBLE) continue;
      this.#tiers[op === target ? 0 : enables(next) ? 1 : 3]?.push(op);
    }
    const vector = this.#at[USES] ?? 0;
    for (const [i, { kind: effect, available }] of classes.entries()) {
      const next = this.#states.step(state, effect);
      if (next === IMPOSSIBLE || this.#uses.of(vector, i) >= available(this.#at[STEP] ?? 0)) continue;
      this.#tiers[enables(next) ? 2 : 4]?.push(-1 - i);
    }
  }

  /** Open mutators not used yet, in order of completion; of one kind only the first bound one, and a free one if it completes before that. */
  #candidates(): readonly number[] {
    const { kind, step } = this.#line;
    const found: number[] = [];
    for (let slot = 0; slot < this.#open.length; slot++) {
      const op = this.#open[slot] ?? -1;
      if (op < 0 || this.#kindOf(op).observes || this.#has(this.#at, slot, 0)) continue;
      found.push(op);
      const first = this.#has(this.#at, slot, this.#words) ? this.#firstFree : this.#firstBound;
      const rival = first[kind[op] ?? 0] ?? -1;
      if (rival < 0 || (step[op] ?? 0) < (step[rival] ?? 0)) first[kind[op] ?? 0] = op;
    }
    const kept = found.filter((op) => {
      const of = kind[op] ?? 0;
      const bound = this.#firstBound[of] ?? -1;
      if (bound === op) return true;
      return this.#firstFree[of] === op && (bound < 0 || (step[op] ?? 0) < (step[bound] ?? 0));
    });
    for (const op of found) this.#firstBound[kind[op] ?? 0] = this.#firstFree[kind[op] ?? 0] = -1;
    return kept.sort((a, b) => (step[a] ?? 0) - (step[b] ?? 0));
  }

  #pushMove(move: number): void {
    const { kind, kinds, classes, slot, entry } = this.#line;
    const from = this.#at[STATE] ?? 0;
    const group = move < 0 ? classes[-1 - move] : undefined;
    const effect = group?.kind ?? kind[move] ?? 0;
    const next = this.#states.step(from, effect);
    const vector = this.#at[USES] ?? 0;
    const base = this.#push(next, group === undefined ? (entry[move] ?? -1) : (group.members[this.#uses.of(vector, -1 - move)] ?? -1));
    if (group === undefined) this.#use(base, slot[move] ?? 0);
    else this.#stack[base + USES] = this.#uses.plusOne(vector, -1 - move);
    this.#freeOthers(base, kinds[effect]?.overwrites === true, next === from ? undefined : next);
  }

  /** Frees the blind writes that may now stand unseen, and the observers that a new state satisfies. */
  #freeOthers(base: number, overwritten: boolean, state: number | undefined): void {
    if (!overwritten && state === undefined) return;
    for (let slot = 0; slot < this.#open.length; slot++) {
      const op = this.#open[slot] ?? -1;
      if (op < 0 || this.#hasBit(this.#stack, base, slot, 0) || this.#hasBit(this.#stack, base, slot, this.#words)) continue;
      const { observes, overwrites } = this.#kindOf(op);
      const satisfied = observes && state !== undefined && this.#states.step(state, this.#line.kind[op] ?? 0) !== IMPOSSIBLE;
      if (satisfied || (overwritten && overwrites)) this.#mark(this.#stack, base, slot, this.#words);
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
    this.#stack.set(this.#at, base);
    this.#stack[base + STATE] = state;
    this.#stack[base + PARENT] = this.#id;
    this.#stack[base + MOVE] = move;
    this.#depth++;
    return base;
  }

  #pop(): void {
    this.#depth--;
    const base = this.#depth * this.#stride;
    this.#at.set(this.#stack.subarray(base, base + this.#stride));
  }

  /** Brings the table of open operations to a step. */
  #moveTo(step: number): void {
    const { returns, opened, slot } = this.#line;
    for (; this.#cursor < step; this.#cursor++) {
      this.#open[slot[returns[this.#cursor] ?? 0] ?? 0] = -1;
      for (let i = opened[this.#cursor] ?? 0; i < (opened[this.#cursor + 1] ?? 0); i++) this.#open[slot[i] ?? 0] = i;
    }
    while (this.#cursor > step) {
      this.#cursor--;
      for (let i = opened[this.#cursor] ?? 0; i < (opened[this.#cursor + 1] ?? 0); i++) this.#open[slot[i] ?? 0] = -1;
      const op = returns[this.#cursor] ?? 0;
      this.#open[slot[op] ?? 0] = op;
    }
  }

  #stuck(): Stuck {
    const states = new Set<number>();
    let last = -1;
    for (let id = 0; id < this.#visited.size; id++) {
      if (this.#visited.field(id, STEP) !== this.#deepest) continue;
      states.add(this.#visited.field(id, STATE));
      last = id;
    }
    const path: number[] = [];
    for (let id = last; id >= 0 && path.length < PATH_SHOWN; id = this.#visited.field(id, PARENT)) {
      const move = this.#visited.field(id, MOVE);
      if (move >= 0) path.unshift(move);
    }
    return {
      steps: this.#deepest,
      entry: this.#line.entry[this.#line.returns[this.#deepest] ?? 0] ?? 0,
      states: [...states].slice(0, STATES_SHOWN).map((state) => this.#states.show(state)),
      stateCount: states.size,
      path,
    };
  }

  #limitHit(): 'time' | 'memory' | undefined {
    const bytes = this.#visited.bytes + 4 * this.#stack.length + this.#states.bytes + this.#uses.bytes;
    // A table that grows stands beside its double for a moment.
    if (3 * bytes > this.#budget.memoryBytes) return 'memory';
    return expired(this.#budget) ? 'time' : undefined;
  }

  #kindOf(op: number): { readonly observes: boolean; readonly overwrites: boolean } {
    return this.#line.kinds[this.#line.kind[op] ?? 0] as { readonly observes: boolean; readonly overwrites: boolean };
  }

  #has(masks: Int32Array, slot: number, words: number): boolean {
    return this.#hasBit(masks, 0, slot, words);
  }

  #hasBit(masks: Int32Array, base: number, slot: number, words: number): boolean {
    return (((masks[base + MASKS + words + (slot >>> 5)] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  #mark(masks: Int32Array, base: number, slot: number, words: number): void {
    const at = base + MASKS + words + (slot >>> 5);
    masks[at] = (masks[at] ?? 0) | (1 << (slot & 31));
  }

  /** Marks an operation as having taken effect. */
  #use(base: number, slot: number): void {
    this.#mark(this.#stack, base, slot, 0);
    const at = base + MASKS + this.#words + (slot >>> 5);
    this.#stack[at] = (this.#stack[at] ?? 0) & ~(1 << (slot & 31));
  }

  #clear(masks: Int32Array, slot: number): void {
    for (const words of [0, this.#words]) {
      const at = MASKS + words + (slot >>> 5);
      masks[at] = (masks[at] ?? 0) & ~(1 << (slot & 31));
    }
  }
}
