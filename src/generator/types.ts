import type { Key, Op, ProcessId } from '../history/op.js';

/** What a generator asks to be done: an operation before it has an index, a time and an outcome. */
export interface OpDraft {
  readonly f: string;
  readonly value: unknown;
  readonly key?: Key;
  /** Fixed by the combinators that route; otherwise any free thread that the generator may use. */
  readonly thread?: ThreadId;
  /** Earliest time to start it, nanoseconds of the run's clock; undefined: at once. Until then the generator counts as pending and is asked again. */
  readonly time?: number;
}

/** A worker: client threads are 0 .. concurrency-1, every nemesis is one (`nemesis/partition`). A thread keeps its number when its process is retired. */
export type ThreadId = number | string;

/** Chooses threads. Must be pure: what it said of a thread once is remembered. */
export type ThreadPredicate = (thread: ThreadId) => boolean;

/** What a generator sees. Immutable: the same context gives the same answer. */
export interface GeneratorContext {
  /** Nanoseconds of the run's clock. */
  readonly time: number;
  /** Threads this generator may use (combinators narrow it), in ascending order, nemeses last. */
  readonly threads: readonly ThreadId[];
  /** Those of them that are free now. */
  readonly free: readonly ThreadId[];
  /** The process that a thread is at present. */
  processOf(thread: ThreadId): ProcessId;
  /** The thread that a process belongs to, or undefined for one long retired. */
  threadOf(process: ProcessId): ThreadId | undefined;
  /** Names this position in the tree of generators; with the number of the draw it decides every random choice. */
  readonly path: number;
  /** This context for child `i`: another path. A combinator that draws, or that has several children, hands on `at(i)`. */
  at(i: number): GeneratorContext;
  /** The k-th random number in [0, 1) of this position: a pure function of seed, path and k. */
  draw(k: number): number;
  /** This context with fewer threads. */
  on(threads: ThreadPredicate): GeneratorContext;
}

export type Next =
  /** Do this; `rest` is the generator afterwards. */
  | { readonly kind: 'op'; readonly op: OpDraft; readonly rest: Generator }
  /** Nothing now. Ask `rest` when a completion came in or, at the latest, at `until` (nanoseconds). Whoever gets this keeps `rest`: it may remember since when it waits. */
  | { readonly kind: 'pending'; readonly rest: Generator; readonly until?: number }
  /** Nothing any more. */
  | { readonly kind: 'done' };

/** A schedule of operations as a pure value. The essay is at the head of generator/index.ts. */
export interface Generator {
  next(context: GeneratorContext): Next;
  /** Tells the generator of an invocation or a completion that happened; returns the generator from now on. Absent: it does not care. */
  update?(context: GeneratorContext, event: Op): Generator;
}
