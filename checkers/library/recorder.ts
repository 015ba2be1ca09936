import type { Key } from '../../src/index.js';
import type { HistoryEvent } from './given-history.js';

/** Where an operation belongs. */
export interface Recorded {
  readonly key?: Key;
  /** Whether an error proves that the operation took no effect. Default: none does. */
  readonly isFailure?: (error: unknown) => boolean;
}

/** Records what clients do at the moment they do it, as events for a check. */
export class Recorder {
  readonly #events: HistoryEvent[] = [];

  /** All that was recorded so far. */
  get history(): readonly HistoryEvent[] {
    return this.#events;
  }

  /**
   * Does an operation and gives what it gives. One that throws is recorded as `info`, for it may have taken effect all the same, or as `fail` if `isFailure` says so;
   * the error is thrown on. A process does one thing at a time.
   */
  async run<T>(process: number, f: string, value: unknown, action: () => T | Promise<T>, { key, isFailure }: Recorded = {}): Promise<T> {
    const common = { process, f, ...(key === undefined ? {} : { key }) };
    this.#events.push({ ...common, type: 'invoke', value });
    try {
      const result = await action();
      this.#events.push({ ...common, type: 'ok', value: result });
      return result;
    } catch (error) {
      this.#events.push({ ...common, type: isFailure?.(error) === true ? 'fail' : 'info', value });
      throw error;
    }
  }
}
