import { setTimeout as timer } from 'node:timers/promises';
import { within } from './within.js';

/** The time of a run: everything that waits, waits by it. Real, or the virtual time of a simulation. */
export interface Clock {
  /** Nanoseconds since the clock was made; never goes back. */
  now(): number;
  /** What the controller's wall clock shows, milliseconds since 1970: what the clocks of nodes are compared with. Never for the times of a history. */
  wallMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason if it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once, after `ms` milliseconds. Gives what cancels it. Nothing is kept alive by it. */
  after(ms: number, run: () => void): () => void;
  /** A signal that is aborted as soon as one of these is, or when so many milliseconds have passed. */
  within(ms: number, ...signals: readonly AbortSignal[]): AbortSignal;
  /** Resolves when everybody else has had a turn; undefined: nobody waits for one while code runs. */
  turn(): Promise<void> | undefined;
}

/** Real time: the machine's monotonic clock. */
export function realClock(): Clock {
  const origin = process.hrtime.bigint();
  return {
    now: () => Number(process.hrtime.bigint() - origin),
    wallMs: () => wallClock().getTime(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      try {
        await timer(ms, undefined, signal === undefined ? undefined : { signal });
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : error;
      }
    },
    after: (ms, run) => {
      const timeout = setTimeout(run, ms).unref();
      return () => clearTimeout(timeout);
    },
    within,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** The wall clock, for names and reports. */
export function wallClock(): Date {
  return new Date();
}

export const NS_PER_MS = 1e6;
export const NS_PER_S = 1e9;
