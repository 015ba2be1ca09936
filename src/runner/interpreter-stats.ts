import type { Completion } from './worker.js';
import type { ProcessId } from '../history/op.js';

/** What an interpretation did. */
export interface InterpreterStats {
  /** Client operations invoked, and how they ended. */
  readonly operations: number;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** Of those that ended `info`: at the deadline. */
  readonly timeouts: number;
  /** Operations of nemeses, and how many of them ended with an error. */
  readonly faults: number;
  readonly faultErrors: number;
  readonly clientsOpened: number;
  /** Operations that failed because no client could be opened. */
  readonly openFailures: number;
  /** Length, nanoseconds of the clock. */
  readonly durationNs: number;
  /** Whether the signal ended it before the generator was done. */
  readonly interrupted: boolean;
  /** The process of each client thread afterwards: the `processes` of a further interpretation into the same history. */
  readonly processes: readonly number[];
}

export class StatsCounter {
  #operations = 0;
  readonly #ended = { ok: 0, fail: 0, info: 0 };
  #timeouts = 0;
  #openFailures = 0;
  #faults = 0;
  #faultErrors = 0;
  clientsOpened = 0;

  invoked(process: ProcessId): void {
    if (typeof process === 'number') this.#operations++;
    else this.#faults++;
  }

  completed(process: ProcessId, { type, error }: Completion): void {
    if (typeof process === 'string') {
      if (error !== undefined) this.#faultErrors++;
      return;
    }
    this.#ended[type]++;
    if (type === 'info' && error?.code === 'timeout') this.#timeouts++;
    if (error?.code === 'open-failed') this.#openFailures++;
  }

  result(end: Pick<InterpreterStats, 'durationNs' | 'interrupted' | 'processes'>): InterpreterStats {
    return {
      operations: this.#operations,
      ...this.#ended,
      timeouts: this.#timeouts,
      faults: this.#faults,
      faultErrors: this.#faultErrors,
      clientsOpened: this.clientsOpened,
      openFailures: this.#openFailures,
      ...end,
    };
  }
}
