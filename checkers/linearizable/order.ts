import type { Kinds } from './kinds.js';
import { IMPOSSIBLE, type States } from './states.js';
import type { Timeline } from './timeline.js';

/** One way through a search: configurations from the first to the last, each with the operation that led to it. */
export interface Way {
  /** Completions passed, and the state, of every configuration. */
  readonly steps: readonly number[];
  readonly states: readonly number[];
  /** The operation (its number in the history) that led there; -1: none was visible. Of the first: -1. */
  readonly moves: readonly number[];
}

/** An operation in its place in an order, and the state after it. */
export interface Placed {
  /** Its number in the history. */
  readonly op: number;
  readonly state: number;
}

/**
 * Makes an order of operations out of a way through a search, which tells only what changed the state in sight. An observer stands where its result was first
 * seen while it was open; a write that nobody saw stands just before the last blind write that took effect while it was open.
 */
export function orderOf(way: Way, line: Timeline, kinds: Kinds, states: States, kind: Int32Array): readonly Placed[] {
  const order: { op: number; state: number; hides: boolean; at: number }[] = [];
  const waiting = new Set<number>();
  let welcomed = 0;
  const observe = (state: number): void => {
    for (const number of waiting) {
      if (states.step(state, line.kind[number] as number) === IMPOSSIBLE) continue;
      order.push({ op: line.op[number] as number, state, hides: false, at: welcomed });
      waiting.delete(number);
    }
  };
  const advance = (step: number, state: number): void => {
    for (; welcomed < (line.opened[step] as number); welcomed++) {
      if (kinds.observes[line.kind[welcomed] as number] === 1 && line.optional[welcomed] === 0) waiting.add(welcomed);
    }
    observe(state);
  };
  for (let i = 0; i < way.steps.length; i++) {
    const state = way.states[i] as number;
    const move = way.moves[i] as number;
    if (i > 0 && move >= 0) {
      order.push({ op: move, state, hides: kinds.overwrites[kind[move] as number] === 1, at: welcomed });
      observe(state);
    } else if (i > 0) hide(line.returns[way.steps[i - 1] as number] as number, line, order, states);
    advance(way.steps[i] as number, state);
  }
  return order.map(({ op, state }) => ({ op, state }));
}

/** Puts an operation that completed unseen just before the last blind write that was made while it was open. Optional ones are left out. */
function hide(number: number, line: Timeline, order: { op: number; state: number; hides: boolean; at: number }[], states: States): void {
  if (line.optional[number] === 1) return;
  for (let i = order.length - 1; i >= 0; i--) {
    const { hides, at } = order[i] as (typeof order)[number];
    // `at` counts the operations invoked by then.
    if (!hides || at <= number) continue;
    const before = order[i] as (typeof order)[number];
    order.splice(i, 0, { op: line.op[number] as number, state: states.step(before.state, line.kind[number] as number), hides: false, at });
    return;
  }
  throw new Error(`no write hides operation ${line.op[number]}`);
}
