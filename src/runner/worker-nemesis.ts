import { FaultlineError } from '../errors.js';
import type { AssignedDraft } from '../generator/ask.js';
import type { OpError, ProcessId } from '../history/op.js';
import type { Worker, WorkerHost } from './worker.js';
import { Deadline, started } from './worker-call.js';
import { thrownError } from './worker-outcome.js';

/** Does what a nemesis was told; the result is the completion's value. */
export type NemesisInvoke = (call: { readonly f: string; readonly value: unknown }, signal: AbortSignal) => Promise<unknown>;

interface Task {
  readonly op: AssignedDraft;
  readonly process: ProcessId;
  readonly deadline: Deadline;
}

/** Performs the operations of one nemesis. They complete as `info`: a fault is neither right nor wrong. */
export class NemesisWorker implements Worker {
  readonly #invoke: NemesisInvoke;
  readonly #timeoutMs: number;
  readonly #host: WorkerHost;
  #task: Task | undefined;
  #stopped = false;

  constructor(invoke: NemesisInvoke, timeoutMs: number, host: WorkerHost) {
    this.#invoke = invoke;
    this.#timeoutMs = timeoutMs;
    this.#host = host;
  }

  start(op: AssignedDraft, process: ProcessId): void {
    const timeout = (): FaultlineError => new FaultlineError('timeout', `not done within ${this.#timeoutMs} ms`);
    const task: Task = { op, process, deadline: new Deadline(new AbortController(), this.#host.clock.now() + this.#timeoutMs * 1e6, timeout) };
    const { signal } = task.deadline;
    this.#host.invoked(op, process);
    // The host stops everyone if it cannot record.
    if (this.#stopped) return;
    this.#task = task;
    started(() => this.#invoke({ f: op.f, value: op.value }, signal)).then(
      (value) => this.#settle(task, value ?? null, undefined),
      (error: unknown) => this.#settle(task, op.value, thrownError(error, signal)),
    );
  }

  get dueNs(): number {
    return this.#task?.deadline.dueNs ?? Infinity;
  }

  tick(nowNs: number): void {
    const task = this.#task;
    if (task?.deadline.abandoned(nowNs) === true) this.#settle(task, task.op.value, { code: 'timeout', message: `not done within ${this.#timeoutMs} ms, and it did not stop` });
  }

  stop(reason: FaultlineError): void {
    this.#stopped = true;
    const task = this.#task;
    if (task === undefined) return;
    this.#task = undefined;
    task.deadline.abort(reason);
    this.#complete(task, task.op.value, { code: reason.code, message: reason.message });
  }

  async close(): Promise<void> {
    // A nemesis belongs to the run, which heals it.
  }

  #settle(task: Task, value: unknown, error: OpError | undefined): void {
    if (this.#task !== task) return;
    this.#task = undefined;
    this.#complete(task, value, error);
    this.#host.released(task.op, false);
  }

  #complete(task: Task, value: unknown, error: OpError | undefined): void {
    this.#host.completed(task.op, task.process, error === undefined ? { type: 'info', value } : { type: 'info', value, error });
  }
}
