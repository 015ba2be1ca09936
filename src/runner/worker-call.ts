import type { FaultlineError } from '../errors.js';

/** How long an aborted call has to end by itself before it is given up, milliseconds. */
export const GRACE_MS = 500;

/**
 * The deadline of something that was asked of a plug-in: its signal is aborted at the deadline, and after a time of grace
 * it counts as abandoned. The interpreter looks at the deadlines of all workers in turn: a timer for each would cost more
 * than the calls.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #atNs: number;
  readonly #reason: () => FaultlineError;

  constructor(atNs: number, reason: () => FaultlineError) {
    this.#atNs = atNs;
    this.#reason = reason;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Looks at the clock: aborts at the deadline; true if the time of grace is over too. */
  abandoned(nowNs: number): boolean {
    if (nowNs < this.#atNs) return false;
    if (!this.#controller.signal.aborted) this.#controller.abort(this.#reason());
    return nowNs >= this.#atNs + GRACE_MS * 1e6;
  }

  abort(reason: FaultlineError): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(reason);
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
