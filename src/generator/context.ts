import { childPath, drawAt } from '../random/draw.js';
import type { ProcessId } from '../history/op.js';
import type { GeneratorContext, ThreadId, ThreadPredicate } from './types.js';

/** The state of all threads at one moment; replaced, never changed. */
export interface World {
  /** All free threads, in the order of `Scope.threads`. */
  readonly free: readonly ThreadId[];
  /** The process of each client thread: thread + n * the number of client threads. */
  readonly processes: readonly number[];
}

/** A set of threads that remembers its subsets, so that narrowing costs a look-up. */
export class Scope {
  readonly threads: readonly ThreadId[];
  readonly #members: ReadonlySet<ThreadId>;
  readonly #subsets = new WeakMap<ThreadPredicate, Scope>();

  constructor(threads: readonly ThreadId[]) {
    this.threads = threads;
    this.#members = new Set(threads);
  }

  narrow(predicate: ThreadPredicate): Scope {
    const known = this.#subsets.get(predicate);
    if (known !== undefined) return known;
    const threads = this.threads.filter(predicate);
    const subset = threads.length === this.threads.length ? this : new Scope(threads);
    this.#subsets.set(predicate, subset);
    return subset;
  }

  /** Those of `threads` that belong to it. */
  of(threads: readonly ThreadId[]): readonly ThreadId[] {
    return threads.filter((thread) => this.#members.has(thread));
  }
}

/** The context of a moment for the whole tree of generators. */
export function rootContext(time: number, world: World, scope: Scope, path: number): GeneratorContext {
  return new Context(time, world, scope, path, world.free);
}

class Context implements GeneratorContext {
  readonly time: number;
  readonly path: number;
  private readonly world: World;
  private readonly scope: Scope;
  /** Worked out when first asked for. */
  private known: readonly ThreadId[] | undefined;

  constructor(time: number, world: World, scope: Scope, path: number, free: readonly ThreadId[] | undefined) {
    this.time = time;
    this.world = world;
    this.scope = scope;
    this.path = path;
    this.known = free;
  }

  get threads(): readonly ThreadId[] {
    return this.scope.threads;
  }

  get free(): readonly ThreadId[] {
    return (this.known ??= this.scope.of(this.world.free));
  }

  processOf(thread: ThreadId): ProcessId {
    return typeof thread === 'string' ? thread : (this.world.processes[thread] ?? thread);
  }

  threadOf(process: ProcessId): ThreadId | undefined {
    if (typeof process === 'string') return process;
    const thread = process % this.world.processes.length;
    return this.world.processes[thread] === process ? thread : undefined;
  }

  at(i: number): GeneratorContext {
    return new Context(this.time, this.world, this.scope, childPath(this.path, i), this.known);
  }

  draw(k: number): number {
    return drawAt(this.path, k);
  }

  on(threads: ThreadPredicate): GeneratorContext {
    const scope = this.scope.narrow(threads);
    return scope === this.scope ? this : new Context(this.time, this.world, scope, this.path, undefined);
  }
}
