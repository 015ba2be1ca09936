import { FaultlineError } from '../errors.js';
import type { Op, ProcessId } from '../history/op.js';
import { rootPath } from '../random/draw.js';
import { assign, tell, type AssignedDraft } from './ask.js';
import { rootContext, Scope, type World } from './context.js';
import { isClientThread, nemesisThread } from './route.js';
import type { Source } from './source.js';
import type { Generator, GeneratorContext, OpDraft, ThreadId } from './types.js';
import { validate } from './validate.js';

export interface ScheduleOptions {
  readonly generator: Source;
  /** Number of client threads. */
  readonly threads: number;
  /** Names of the nemeses, each a thread `nemesis/<name>`. */
  readonly nemeses?: readonly string[];
  readonly seed: number | string;
  /** The process that each client thread starts as; by default its own number. Congruent to the thread modulo `threads`. */
  readonly processes?: readonly number[];
}

export type Decision =
  /** Invoke this now; its thread is busy from now on. */
  | { readonly kind: 'invoke'; readonly op: AssignedDraft; readonly process: ProcessId }
  /** Nothing before an event, or before `until` (ns). */
  | { readonly kind: 'wait'; readonly until: number | undefined }
  | { readonly kind: 'done' };

/** So many answers in a row that wait for a moment already past count as an endless search. */
const MAX_STALE_ANSWERS = 1000;

/**
 * Where a generator stands in a run: the generator, which threads are free, which process each is. The interpreter and
 * the simulation drive the same one, so that both see the same plan. No clock, no I/O.
 */
export class Schedule {
  readonly #scope: Scope;
  readonly #rank: ReadonlyMap<ThreadId, number>;
  readonly #path: number;
  readonly #clients: number;
  #world: World;
  #generator: Generator;
  #draws = 0;

  /** Throws FaultlineError `generator-argument` for numbers that do not fit. */
  constructor(options: ScheduleOptions) {
    const { threads, seed } = options;
    const processes = options.processes ?? Array.from({ length: threads }, (_, thread) => thread);
    if (!Number.isInteger(threads) || threads < 0 || processes.length !== threads || processes.some((process, thread) => process % threads !== thread)) {
      throw new FaultlineError('generator-argument', `a schedule of ${threads} client threads cannot have the processes [${processes.join(', ')}]`);
    }
    const all = [...Array(threads).keys(), ...(options.nemeses ?? []).map(nemesisThread)];
    this.#scope = new Scope(all);
    this.#rank = new Map(all.map((thread, rank) => [thread, rank]));
    this.#path = rootPath(seed);
    this.#clients = threads;
    this.#world = { free: all, processes };
    this.#generator = validate('the run', options.generator);
  }

  /** The process of each client thread at present. */
  get processes(): readonly number[] {
    return this.#world.processes;
  }

  /** Whether no operation is open and no thread is resting. */
  get idle(): boolean {
    return this.#world.free.length === this.#scope.threads.length;
  }

  processOf(thread: ThreadId): ProcessId {
    return typeof thread === 'string' ? thread : (this.#world.processes[thread] ?? thread);
  }

  /**
   * What to do at `now` (ns). Throws FaultlineError `generator-stuck` if nothing can ever happen again although the
   * generator is not done, and `generator-invalid` for an answer that is none.
   */
  decide(now: number): Decision {
    const context = this.#context(now);
    for (let stale = 0; stale < MAX_STALE_ANSWERS; stale++) {
      const next = this.#generator.next(context.at(0));
      if (next.kind === 'done') return { kind: 'done' };
      if (next.kind === 'op' && (next.op.time === undefined || next.op.time <= now)) return this.#begin(next.op, next.rest, context);
      const until = next.kind === 'op' ? next.op.time : next.until;
      if (next.kind === 'pending') this.#generator = next.rest;
      if (until === undefined && this.idle) throw new FaultlineError('generator-stuck', 'the generator waits for an event, but nothing is open and so none can come');
      if (until === undefined || until > now) return { kind: 'wait', until };
    }
    throw new FaultlineError('generator-stuck', 'the generator keeps waiting for a moment that is past');
  }

  /** An invocation or completion happened. */
  tell(event: Op): void {
    if (this.#generator.update === undefined) return;
    this.#generator = tell(this.#generator, this.#context(event.time).at(0), event);
  }

  /** A busy thread is free again; `retired`: as a new process, because nobody knows what became of the old one's operation. */
  release(thread: ThreadId, retired = false): void {
    const { free, processes } = this.#world;
    const rank = this.#rank.get(thread) ?? 0;
    const at = free.findIndex((other) => (this.#rank.get(other) ?? 0) >= rank);
    if (free[at] === thread) return;
    this.#world = {
      free: free.toSpliced(at === -1 ? free.length : at, 0, thread),
      processes: retired && isClientThread(thread) ? processes.with(thread, (processes[thread] ?? thread) + this.#clients) : processes,
    };
  }

  #begin(op: OpDraft, rest: Generator, context: GeneratorContext): Decision {
    const assigned = assign(op, context, this.#draws);
    if (assigned === undefined) throw new FaultlineError('generator-invalid', `the generator gave ${op.f} though no thread is free`);
    if (op.thread === undefined) this.#draws++;
    const { thread } = assigned;
    this.#generator = rest;
    const { free, processes } = this.#world;
    this.#world = { free: free.toSpliced(free.indexOf(thread), 1), processes };
    return { kind: 'invoke', op: assigned, process: this.processOf(thread) };
  }

  #context(now: number): GeneratorContext {
    return rootContext(now, this.#world, this.#scope, this.#path);
  }
}
