import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from './clock.js';

/** How a program waits. Times in milliseconds. */
export interface Timers {
  /** Never goes back. */
  monotonicMs(): number;
  /** Calls back once. Gives what cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Calls back again and again. Gives what ends it. */
  every(ms: number, run: () => void): () => void;
  /** Calls back when what has arrived by now has been dealt with: at the end of a turn of the event loop. */
  soon(run: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Says that promises may go on that neither these timers nor files have resolved: a simulated machine does not look by itself. */
  stir(): void;
}

/** Node's own. */
export const nodeTimers: Timers = {
  monotonicMs,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
  soon: (run) => void setImmediate(run),
  sleep,
  stir: () => undefined,
};
