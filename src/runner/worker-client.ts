import { FaultlineError } from '../errors.js';
import type { AssignedDraft } from '../generator/ask.js';
import type { ProcessId } from '../history/op.js';
import type { Client, Outcome } from './client.js';
import type { Completion, Worker, WorkerHost } from './worker.js';
import { Deadline, SignalSource, started } from './worker-call.js';
import { checkedOutcome, thrownError } from './worker-outcome.js';

export interface ClientWorkerOptions {
  /** What messages call the client. */
  readonly name: string;
  readonly open: (process: number, signal: AbortSignal) => Promise<Client>;
  readonly callTimeoutMs: number;
  readonly openTimeoutMs: number;
}

/** Pause after a client could not be opened, doubled each time in a row up to the maximum, milliseconds. */
const OPEN_PAUSE_MS = 50;
const MAX_OPEN_PAUSE_MS = 1000;
/** So many failures at once in a row are normal (a compare-and-set that misses); then each is followed by a pause that doubles. */
const FREE_FAILURES = 3;
const FAIL_PAUSE_MS = 1;
const MAX_FAIL_PAUSE_MS = 50;
/** A failure that took longer than this was no spinning. */
const AT_ONCE_NS = 5e6;

/** What the worker is doing; replaced when it is over, so that an answer that comes too late is recognised as such. */
interface Task {
  readonly op: AssignedDraft;
  readonly process: ProcessId;
  readonly deadline: Deadline;
  readonly startedNs: number;
}

/** Performs operations of one client thread through one client at a time, opened when first needed and closed after an `info`. */
export class ClientWorker implements Worker {
  readonly #options: ClientWorkerOptions;
  readonly #host: WorkerHost;
  readonly #signals = new SignalSource();
  #client: Client | undefined;
  #opening: Task | undefined;
  #call: Task | undefined;
  #failedOpens = 0;
  #failures = 0;
  #stopped = false;

  constructor(options: ClientWorkerOptions, host: WorkerHost) {
    this.#options = options;
    this.#host = host;
  }

  start(op: AssignedDraft, process: ProcessId): void {
    if (this.#client === undefined) this.#open(op, process);
    else this.#invoke(this.#client, op, process);
  }

  get dueNs(): number {
    return Math.min(this.#call?.deadline.dueNs ?? Infinity, this.#opening?.deadline.dueNs ?? Infinity);
  }

  tick(nowNs: number): void {
    const { callTimeoutMs, openTimeoutMs } = this.#options;
    if (this.#call?.deadline.abandoned(nowNs) === true) this.#settle(this.#call, { type: 'info', error: { code: 'timeout', message: timeoutMessage(callTimeoutMs) } });
    if (this.#opening?.deadline.abandoned(nowNs) === true) void this.#openFailed(this.#opening, `no client within ${openTimeoutMs} ms`);
  }

  stop(reason: FaultlineError): void {
    this.#stopped = true;
    this.#opening?.deadline.abort(reason);
    this.#opening = undefined;
    const call = this.#call;
    if (call === undefined) return;
    this.#call = undefined;
    call.deadline.abort(reason);
    this.#host.completed(call.op, call.process, { type: 'info', value: call.op.value, error: { code: reason.code, message: reason.message } });
    this.#host.released(call.op, true);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await client[Symbol.asyncDispose]();
  }

  #open(op: AssignedDraft, process: ProcessId): void {
    const opening = this.#task(op, process, this.#options.openTimeoutMs);
    this.#opening = opening;
    started(() => this.#options.open(Number(process), opening.deadline.signal)).then(
      (client) => {
        if (this.#opening !== opening) return this.#host.discard(client);
        this.#opening = undefined;
        this.#failedOpens = 0;
        this.#client = client;
        this.#invoke(client, op, process);
      },
      (error: unknown) => void this.#openFailed(opening, thrownError(error, opening.deadline.signal).message ?? 'unknown'),
    );
  }

  /** The system was not reached, so the operation certainly had no effect. The pause keeps a dead node from filling the history. */
  async #openFailed(opening: Task, message: string): Promise<void> {
    if (this.#opening !== opening) return;
    this.#opening = undefined;
    await this.#pause(Math.min(OPEN_PAUSE_MS * 2 ** this.#failedOpens++, MAX_OPEN_PAUSE_MS));
    if (this.#stopped) return;
    const { op, process } = opening;
    this.#host.invoked(op, process);
    this.#host.completed(op, process, { type: 'fail', value: op.value, error: { code: 'open-failed', message } });
    this.#host.released(op, false);
  }

  #invoke(client: Client, op: AssignedDraft, process: ProcessId): void {
    const call = this.#task(op, process, this.#options.callTimeoutMs);
    const { signal } = call.deadline;
    this.#host.invoked(op, process);
    // The host stops everyone if it cannot record.
    if (this.#stopped) return;
    this.#call = call;
    const { f, key, value } = op;
    started(() => client.invoke(key === undefined ? { f, value } : { f, key, value }, signal)).then(
      (outcome) => this.#settle(call, checkedOutcome(outcome, this.#options.name)),
      (error: unknown) => this.#settle(call, { type: 'info', error: thrownError(error, signal) }),
    );
  }

  #settle(call: Task, outcome: Outcome): void {
    if (this.#call !== call) return;
    this.#call = undefined;
    const { op, process } = call;
    this.#host.completed(op, process, completionOf(op, outcome));
    if (outcome.type === 'fail') return this.#releaseAfterFailure(call);
    this.#failures = 0;
    if (outcome.type === 'info') this.#drop();
    this.#host.released(op, outcome.type === 'info');
  }

  #releaseAfterFailure({ op, startedNs }: Task): void {
    const quick = this.#host.clock.now() - startedNs < AT_ONCE_NS;
    this.#failures = quick ? this.#failures + 1 : 0;
    if (this.#failures <= FREE_FAILURES) return this.#host.released(op, false);
    const pauseMs = Math.min(FAIL_PAUSE_MS * 2 ** (this.#failures - FREE_FAILURES - 1), MAX_FAIL_PAUSE_MS);
    void this.#pause(pauseMs).then(() => {
      if (!this.#stopped) this.#host.released(op, false);
    });
  }

  #drop(): void {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) this.#host.discard(client);
  }

  async #pause(ms: number): Promise<void> {
    await this.#host.clock.sleep(ms, this.#host.ended).catch(() => undefined);
  }

  #task(op: AssignedDraft, process: ProcessId, timeoutMs: number): Task {
    const startedNs = this.#host.clock.now();
    const reason = (): FaultlineError => new FaultlineError('timeout', timeoutMessage(timeoutMs));
    return { op, process, startedNs, deadline: new Deadline(this.#signals.next(), startedNs + timeoutMs * 1e6, reason) };
  }
}

function completionOf(op: AssignedDraft, outcome: Outcome): Completion {
  return outcome.type === 'ok' ? outcome : { type: outcome.type, value: op.value, error: outcome.error };
}

function timeoutMessage(ms: number): string {
  return `no answer within ${ms} ms`;
}
