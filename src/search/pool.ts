import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { FaultlineError } from '../errors.js';
import type { StoredPlan } from '../store/schema.js';
import type { RunSummary } from './summary.js';

/** A worker that says nothing for so long hangs, milliseconds: no simulated run takes that long. */
const SILENCE_MS = 300_000;

/** Runs plans in virtual time on worker threads, each of which does one at a time. */
export class Pool implements AsyncDisposable {
  readonly #idle: Worker[] = [];
  readonly #workers = new Set<Worker>();
  readonly #program: URL;
  #wanted: ((worker: Worker) => void)[] = [];
  #over = false;

  /** Starts so many workers, which run a program that answers each plan with its summary. */
  constructor(
    readonly size: number,
    program = script(),
  ) {
    this.#program = program;
    for (let i = 0; i < size; i++) this.#start();
  }

  /** Carries out a plan as soon as a worker is free. Rejects only when the signal is aborted, or with what killed the worker. */
  async run(plan: StoredPlan, signal: AbortSignal): Promise<RunSummary> {
    signal.throwIfAborted();
    if (this.#idle.length === 0 && this.#workers.size < this.size) this.#start();
    const worker = this.#idle.pop() ?? (await new Promise<Worker>((resolve) => this.#wanted.push(resolve)));
    if (signal.aborted) this.#free(worker);
    signal.throwIfAborted();
    let summary: RunSummary;
    try {
      summary = await ask(worker, plan, signal);
    } catch (error) {
      // What it was doing it may be doing still.
      void worker.terminate();
      throw error;
    }
    if (this.#workers.has(worker)) this.#free(worker);
    return summary;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    this.#wanted = [];
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #start(): void {
    const worker = new Worker(this.#program);
    this.#workers.add(worker);
    worker.on('error', () => undefined);
    worker.on('exit', () => this.#gone(worker));
    this.#free(worker);
  }

  /** Another one takes its place when there is something to do. */
  #gone(worker: Worker): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    if (!this.#over && this.#wanted.length > 0) this.#start();
  }

  #free(worker: Worker): void {
    const next = this.#wanted.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
  }
}

/** Compiled beside this file; to tests, which are run from the sources, what the last build left. */
function script(): URL {
  const here = new URL('./run-worker.js', import.meta.url);
  return existsSync(here) ? here : new URL('../../dist/src/search/run-worker.js', import.meta.url);
}

function ask(worker: Worker, plan: StoredPlan, signal: AbortSignal): Promise<RunSummary> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      worker.off('message', answered);
      worker.off('error', failed);
      worker.off('exit', ended);
      signal.removeEventListener('abort', aborted);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const answered = (summary: RunSummary): void => {
      end();
      resolve(summary);
    };
    const failed = (error: Error): void => fail(new FaultlineError('search-worker', `a run of seed ${plan.seed} broke its thread: ${error.message}`, { cause: error }));
    const ended = (): void => fail(new FaultlineError('search-worker', `the thread of a run of seed ${plan.seed} has ended`));
    const aborted = (): void => fail(signal.reason as Error);
    const timer = setTimeout(() => fail(new FaultlineError('search-worker', `the run of seed ${plan.seed} does not come to an end`)), SILENCE_MS);
    worker.on('message', answered);
    worker.on('error', failed);
    worker.on('exit', ended);
    signal.addEventListener('abort', aborted, { once: true });
    worker.postMessage(plan);
  });
}
