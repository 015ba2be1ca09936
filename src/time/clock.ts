import { setTimeout as timer } from 'node:timers/promises';

/** The run's one monotonic clock. The simulation has its own. */
export interface Clock {
  /** Nanoseconds since the clock was made; never goes back. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Real time: the machine's monotonic clock. */
export function realClock(): Clock {
  const origin = process.hrtime.bigint();
  return {
    now: () => Number(process.hrtime.bigint() - origin),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      try {
        await timer(ms, undefined, signal === undefined ? undefined : { signal });
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : error;
      }
    },
  };
}

/** The wall clock, for names, reports and what the clocks of nodes are compared with: never for the times of a history. */
export function wallClock(): Date {
  return new Date();
}

export const NS_PER_MS = 1e6;
export const NS_PER_S = 1e9;
