import type { Key, Op } from '../history/op.js';
import type { Generator, GeneratorContext, Next, OpDraft, ThreadId } from './types.js';

/** The answer that has nothing to say. */
export const DONE: Next = { kind: 'done' };

export const NS_PER_MS = 1e6;

/** Nothing now, `until` (ns) optional. */
export function pending(rest: Generator, until?: number): Next {
  return until === undefined ? { kind: 'pending', rest } : { kind: 'pending', rest, until };
}

/** The earlier of two times that may be missing. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined || a <= b ? a : b;
}

/** Asks a generator. An operation that is not due yet comes back as pending, so that combinators only see what can start now. */
export function ask(generator: Generator, context: GeneratorContext): Next {
  const next = generator.next(context);
  if (next.kind !== 'op' || next.op.time === undefined || next.op.time <= context.time) return next;
  return { kind: 'pending', rest: generator, until: next.op.time };
}

/** Tells a generator of an event; the same object comes back if it does not care. */
export function tell(generator: Generator, context: GeneratorContext, event: Op): Generator {
  return generator.update === undefined ? generator : generator.update(context, event);
}

/** Tells child `i` of each, under `context.at(i)`; the same array comes back if none changed. Undefined children are finished ones. */
export function tellAll<T extends Generator | undefined>(children: readonly T[], context: GeneratorContext, event: Op): readonly T[] {
  let told: T[] | undefined;
  for (let i = 0; i < children.length; i++) {
    const child = children[i];
    if (child?.update === undefined) continue;
    const updated = child.update(context.at(i), event);
    if (updated === child) continue;
    told ??= [...children];
    told[i] = updated as T;
  }
  return told ?? children;
}

/** An operation whose thread is fixed. */
export type AssignedDraft = OpDraft & { readonly thread: ThreadId };

/** Fixes the thread of an operation that may go anywhere, by draw `k` of the context; undefined if none is free. */
export function assign(op: OpDraft, context: GeneratorContext, k: number): AssignedDraft | undefined {
  if (op.thread !== undefined) return op as AssignedDraft;
  const { free } = context;
  const thread = free.length === 1 ? free[0] : free[Math.floor(context.draw(k) * free.length)];
  return thread === undefined ? undefined : withThread(op, thread);
}

// The two below are called for every operation, and a literal is several times quicker than a spread.

/** The operation on a thread. */
export function withThread(op: OpDraft, thread: ThreadId): AssignedDraft {
  const { f, value, key, time } = op;
  if (time !== undefined) return { ...op, thread };
  return key === undefined ? { f, value, thread } : { f, value, key, thread };
}

/** The operation on a key. */
export function withKey(op: OpDraft, key: Key): OpDraft {
  const { f, value, thread, time } = op;
  if (time !== undefined) return { ...op, key };
  return thread === undefined ? { f, value, key } : { f, value, key, thread };
}

/** One of several generators that are asked side by side. */
export interface Branch {
  /** Undefined: finished. */
  readonly generator: Generator | undefined;
  readonly context: GeneratorContext;
  /** Its share when several have something to do at once. */
  readonly weight: number;
}

/** What came of asking branches; `rests` are their generators from now on, undefined for finished ones. */
export type Soonest =
  | { readonly kind: 'op'; readonly op: OpDraft; readonly index: number; readonly rests: readonly (Generator | undefined)[] }
  | { readonly kind: 'pending'; readonly until: number | undefined; readonly rests: readonly (Generator | undefined)[] }
  | { readonly kind: 'done' };

/** Asks all branches; of those that have an operation now, one is chosen by weight and the number drawn in [0, 1). */
export function soonest(branches: readonly Branch[], drawn: () => number): Soonest {
  const rests: (Generator | undefined)[] = [];
  const ready: { readonly index: number; readonly op: OpDraft; readonly rest: Generator }[] = [];
  let until: number | undefined;
  let waiting = false;
  for (let index = 0; index < branches.length; index++) {
    const { generator, context } = branches[index] as Branch;
    rests.push(generator);
    if (generator === undefined) continue;
    const next = ask(generator, context);
    if (next.kind === 'done') rests[index] = undefined;
    else if (next.kind === 'op') ready.push({ index, op: next.op, rest: next.rest });
    else {
      waiting = true;
      rests[index] = next.rest;
      until = earlier(until, next.until);
    }
  }
  const chosen = ready.length <= 1 ? ready[0] : ready[weighted(ready.map(({ index }) => branches[index]?.weight ?? 0), drawn())];
  if (chosen === undefined) return waiting ? { kind: 'pending', until, rests } : { kind: 'done' };
  rests[chosen.index] = chosen.rest;
  return { kind: 'op', op: chosen.op, index: chosen.index, rests };
}

/** Index of a weight, in proportion; `drawn` in [0, 1). -1 if all are zero. */
export function weighted(weights: readonly number[], drawn: number): number {
  let total = 0;
  for (const weight of weights) total += weight;
  let left = drawn * total;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] ?? 0;
    if (left < 0) return i;
  }
  // Rounding may leave a last crumb.
  return weights.findLastIndex((weight) => weight > 0);
}
