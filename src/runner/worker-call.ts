import type { FaultlineError } from '../errors.js';

/** How long an aborted call has to end by itself before it is given up, milliseconds. */
export const GRACE_MS = 500;

/** So many calls in a row get the same signal, if it was not aborted. Fewer than the listeners that Node takes for a leak. */
const CALLS_PER_SIGNAL = 8;

/**
 * Gives the calls of one worker their signals. To make a signal costs more than everything else about an operation, and a
 * worker does one call at a time, so that several in a row can share one: it is aborted in the last of them or never.
 */
export class SignalSource {
  #controller = new AbortController();
  #calls = 0;

  next(): AbortController {
    if (this.#calls++ >= CALLS_PER_SIGNAL || this.#controller.signal.aborted) {
      this.#controller = new AbortController();
      this.#calls = 1;
    }
    return this.#controller;
  }
}

/**
 * The deadline of something that was asked of a plug-in: its signal is aborted at the deadline, and after a time of grace
 * it counts as abandoned. The interpreter looks at the deadlines of all workers in turn: a timer for each would cost more
 * than the calls.
 */
export class Deadline {
  readonly #controller: AbortController;
  readonly #atNs: number;
  readonly #reason: () => FaultlineError;

  constructor(controller: AbortController, atNs: number, reason: () => FaultlineError) {
    this.#controller = controller;
    this.#atNs = atNs;
    this.#reason = reason;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** When there is something to be done about it: at the deadline, and at the end of the time of grace. */
  get dueNs(): number {
    return this.#controller.signal.aborted ? this.#atNs + GRACE_MS * 1e6 : this.#atNs;
  }

  /** Looks at the clock: aborts at the deadline; true if the time of grace is over too. */
  abandoned(nowNs: number): boolean {
    if (nowNs < this.#atNs) return false;
    if (!this.#controller.signal.aborted) this.abort(this.#reason());
    return nowNs >= this.#atNs + GRACE_MS * 1e6;
  }

  abort(reason: FaultlineError): void {
    this.#controller.abort(reason);
  }
}

/** Starts something asynchronous; what it throws before its first await becomes a rejection too. */
export function started<T>(action: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(action());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
