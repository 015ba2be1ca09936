import { setMaxListeners } from 'node:events';
import { FaultlineError } from '../errors.js';
import { Schedule } from '../generator/schedule.js';
import { nemesisThread } from '../generator/route.js';
import type { Source } from '../generator/source.js';
import type { AssignedDraft } from '../generator/ask.js';
import type { ThreadId } from '../generator/types.js';
import type { Op, ProcessId } from '../history/op.js';
import type { Clock } from '../time/clock.js';
import type { Client } from './client.js';
import { Alarm } from './interpreter-alarm.js';
import { StatsCounter, type InterpreterStats } from './interpreter-stats.js';
import type { Unrecorded } from './recorder.js';
import { ClientWorker } from './worker-client.js';
import { NemesisWorker, type NemesisInvoke } from './worker-nemesis.js';
import { closeWithin, type Completion, type Worker, type WorkerHost } from './worker.js';

export type { InterpreterStats } from './interpreter-stats.js';
export type { NemesisInvoke } from './worker-nemesis.js';

export interface InterpreterOptions {
  readonly generator: Source;
  /** Number of client threads. */
  readonly threads: number;
  /** The processes they start as, if the history has earlier ones: the `processes` of the previous statistics. */
  readonly processes?: readonly number[];
  /** By name; each is a thread `nemesis/<name>`. */
  readonly nemeses?: ReadonlyMap<string, NemesisInvoke>;
  /** Opens a client for a process; a rejection is recorded as `fail`, code `open-failed`, of the operation that wanted it. */
  readonly openClient: (client: { readonly thread: number; readonly process: number }, signal: AbortSignal) => Promise<Client>;
  /** What messages about a misbehaving client call it. */
  readonly clientName?: string;
  /** The node that a client thread is pinned to: recorded with its events. */
  readonly nodeOf?: (thread: number) => string | undefined;
  readonly clock: Clock;
  readonly seed: number | string;
  /** Records an event, at once. What it throws ends the run. */
  readonly record: (event: Unrecorded) => Op;
  /** Back-pressure: asked before every invocation; nothing is invoked before the promise it gives, if any, resolves. */
  readonly ready?: () => Promise<void> | undefined;
  readonly callTimeoutMs: number;
  /** Default: callTimeoutMs. */
  readonly openTimeoutMs?: number;
  /** Default: 60 s. */
  readonly nemesisTimeoutMs?: number;
  /** How long a client may take to close. Default: 2 s. */
  readonly closeTimeoutMs?: number;
  /** Ends the run: open operations are recorded as `info` with code `interrupted`. */
  readonly signal?: AbortSignal;
}

/** After so much work without a break, timers and sockets get their turn. */
const TURN_NS = 4e6;
const INTERRUPTED_CLOSE_MS = 250;

/**
 * Performs what a generator says: each client thread and each nemesis is a worker that does one operation at a time. An
 * invocation is recorded immediately before the call and a completion in the very callback of its answer, so that recorded
 * intervals are as tight as they can be and the order of events is their order in real time.
 *
 * Every call has a deadline; a client that ignores its signal is abandoned half a second later. An operation that ends
 * `info` retires its process: nobody knows whether it will still take effect, so nothing else may happen under its name.
 *
 * Resolves when the generator is done and everything has completed, or quickly after the signal. Rejects with what the
 * generator or `record` threw (FaultlineError `generator-invalid`, `generator-stuck`, `journal-write` ...), after having
 * recorded open operations as `info`.
 */
export async function interpret(options: InterpreterOptions): Promise<InterpreterStats> {
  return new Interpreter(options).run();
}

class Interpreter implements WorkerHost {
  readonly clock: Clock;
  readonly #options: InterpreterOptions;
  readonly #schedule: Schedule;
  readonly #workers = new Map<ThreadId, Worker>();
  readonly #nodes: readonly (string | undefined)[];
  readonly #stats = new StatsCounter();
  readonly #alarm: Alarm;
  readonly #closing = new Set<Promise<void>>();
  readonly #end = new AbortController();
  readonly #startedNs: number;
  /** Operations that were given to a worker and have not completed. */
  #open = 0;
  #turnNs: number;
  #pumping = false;
  #paused = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: InterpreterOptions) {
    const { clock, threads, nodeOf } = options;
    const nemeses = options.nemeses ?? new Map<string, NemesisInvoke>();
    this.#options = options;
    this.clock = clock;
    this.#schedule = new Schedule({ ...options, nemeses: [...nemeses.keys()] });
    this.#nodes = Array.from({ length: threads }, (_, thread) => nodeOf?.(thread));
    for (let thread = 0; thread < threads; thread++) this.#workers.set(thread, this.#clientWorker(thread));
    for (const [name, invoke] of nemeses) this.#workers.set(nemesisThread(name), new NemesisWorker(invoke, options.nemesisTimeoutMs ?? 60_000, this));
    this.#alarm = new Alarm(clock, () => this.#pump());
    this.#startedNs = this.#turnNs = clock.now();
    // Every worker may be in a pause that ends with it: that is no leak.
    setMaxListeners(0, this.#end.signal);
  }

  get ended(): AbortSignal {
    return this.#end.signal;
  }

  async run(): Promise<InterpreterStats> {
    const { signal } = this.#options;
    const interrupt = (): void => this.#stop();
    signal?.addEventListener('abort', interrupt, { once: true });
    if (signal?.aborted === true) this.#stop();
    const watch = this.#watchDeadlines();
    this.#pump();
    await watch;
    signal?.removeEventListener('abort', interrupt);
    const durationNs = this.clock.now() - this.#startedNs;
    await this.#closeAll();
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#stats.result({ durationNs, interrupted: this.#interrupted, processes: this.#schedule.processes });
  }

  invoked(op: AssignedDraft, process: ProcessId): void {
    this.#stats.invoked(process);
    this.#record(op, process, 'invoke', op.value);
  }

  completed(op: AssignedDraft, process: ProcessId, completion: Completion): void {
    this.#open--;
    this.#stats.completed(process, completion);
    this.#record(op, process, completion.type, completion.value, completion.error);
  }

  released(op: AssignedDraft, retired: boolean): void {
    this.#schedule.release(op.thread, retired);
    this.#pump();
  }

  discard(client: AsyncDisposable): void {
    const closing = closeWithin(this.#closeMs, client, this.clock).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  get #interrupted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  get #closeMs(): number {
    return this.#interrupted ? INTERRUPTED_CLOSE_MS : (this.#options.closeTimeoutMs ?? 2000);
  }

  #clientWorker(thread: number): ClientWorker {
    const { openClient, callTimeoutMs, openTimeoutMs = callTimeoutMs, clientName = 'the client' } = this.#options;
    const open = async (process: number, signal: AbortSignal): Promise<Client> => {
      const client = await openClient({ thread, process }, signal);
      this.#stats.clientsOpened++;
      return client;
    };
    return new ClientWorker({ name: clientName, open, callTimeoutMs, openTimeoutMs }, this);
  }

  /** Asks the generator as long as it has something to do now. The one place where operations begin. */
  #pump(): void {
    if (this.#pumping || this.#paused || this.ended.aborted) return;
    this.#pumping = true;
    try {
      while (this.#begin());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** Begins one operation; false if there is none now. */
  #begin(): boolean {
    if (this.ended.aborted) return false;
    const now = this.clock.now();
    if (now - this.#turnNs > TURN_NS) {
      const turn = this.clock.turn();
      if (turn !== undefined) return this.#pauseFor(turn);
    }
    const ready = this.#options.ready?.();
    if (ready !== undefined) return this.#pauseFor(ready);
    const decision = this.#schedule.decide(now);
    switch (decision.kind) {
      case 'invoke': {
        this.#open++;
        this.#workers.get(decision.op.thread)?.start(decision.op, decision.process);
        return true;
      }
      case 'wait':
        if (decision.until !== undefined) this.#alarm.set(decision.until);
        return false;
      case 'done':
        if (this.#open === 0) this.#stop();
        return false;
    }
  }

  #pauseFor(promise: Promise<void>): false {
    this.#paused = true;
    promise.then(
      () => {
        this.#paused = false;
        this.#turnNs = this.clock.now();
        this.#pump();
      },
      (error: unknown) => this.#fail(error),
    );
    return false;
  }

  #record(op: AssignedDraft, process: ProcessId, type: Op['type'], value: unknown, error?: Op['error']): void {
    const event: { -readonly [K in keyof Unrecorded]: Unrecorded[K] } = { process, type, f: op.f, value };
    if (op.key !== undefined) event.key = op.key;
    const node = typeof op.thread === 'number' ? this.#nodes[op.thread] : undefined;
    if (node !== undefined) event.node = node;
    if (error !== undefined) event.error = error;
    try {
      const recorded = this.#options.record(event);
      if (!this.ended.aborted) this.#schedule.tell(recorded);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stop();
  }

  /** The end, of whatever kind. Idempotent. */
  #stop(): void {
    if (this.ended.aborted) return;
    const reason = new FaultlineError('interrupted', 'the run was ended while this was open');
    this.#end.abort(reason);
    this.#alarm.clear();
    for (const worker of this.#workers.values()) worker.stop(reason);
  }

  /** Looks at all deadlines, often enough that one is missed by a twentieth of the shortest at most, or 25 ms. */
  async #watchDeadlines(): Promise<void> {
    const { callTimeoutMs, openTimeoutMs = callTimeoutMs, nemesisTimeoutMs = callTimeoutMs } = this.#options;
    const shortestMs = Math.min(callTimeoutMs, openTimeoutMs, nemesisTimeoutMs);
    const leastMs = Math.min(25, Math.max(1, shortestMs / 20));
    while (!this.ended.aborted) {
      await this.clock.sleep(Math.max(leastMs, Math.min(shortestMs, this.#nextDeadlineMs())), this.ended).catch(() => undefined);
      const now = this.clock.now();
      for (const worker of this.#workers.values()) if (!this.ended.aborted) worker.tick(now);
    }
  }

  /** In how many milliseconds the earliest deadline is. Of what is begun from now on none is earlier than the shortest time that is given. */
  #nextDeadlineMs(): number {
    let dueNs = Infinity;
    for (const worker of this.#workers.values()) dueNs = Math.min(dueNs, worker.dueNs);
    return (dueNs - this.clock.now()) / 1e6;
  }

  async #closeAll(): Promise<void> {
    for (const worker of this.#workers.values()) this.discard({ [Symbol.asyncDispose]: () => worker.close() });
    await Promise.all(this.#closing);
  }
}
