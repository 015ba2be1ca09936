/** The node's monotonic clock, milliseconds. Never the wall clock: that may jump. */
export function monotonicMs(): number {
  return performance.now();
}

/** The wall clock, milliseconds, where a bug takes it for a clock that runs evenly. */
export function wallMs(): number {
  return Date.now();
}

/** What clocks a program has, milliseconds. */
export interface Clocks {
  monotonicMs(): number;
  wallMs(): number;
  every(ms: number, run: () => void): unknown;
}

/** The clock of leases and timers, milliseconds, as the bugs that are switched on would have it. */
export function clockFor(bugs: readonly string[], clocks: Clocks): () => number {
  const clock = bugs.includes('lease-wall-clock') ? () => clocks.wallMs() : () => clocks.monotonicMs();
  return bugs.includes('lease-cached-clock') ? cached(clock, clocks) : clock;
}

/** How often a clock is read that is not read for every event, milliseconds. */
const CACHE_MS = 100;

/** A clock that is read at intervals only, where a bug does so. */
function cached(clock: () => number, clocks: Clocks): () => number {
  let now = clock();
  clocks.every(CACHE_MS, () => { now = clock(); });
  return () => now;
}

/** The wall clock as text, for log lines only. */
export function wallTime(): string {
  return new Date().toISOString();
}
