/** The node's monotonic clock, milliseconds. Never the wall clock: that may jump. */
export function monotonicMs(): number {
  return performance.now();
}

/** The wall clock, milliseconds, where a bug takes it for a clock that runs evenly. */
export function wallMs(): number {
  return Date.now();
}

/** The clock of leases and timers, milliseconds, as the bugs that are switched on would have it. */
export function clockFor(bugs: readonly string[]): () => number {
  const clock = bugs.includes('lease-wall-clock') ? wallMs : monotonicMs;
  return bugs.includes('lease-cached-clock') ? cached(clock, 100) : clock;
}

/** A clock that is read at intervals only, where a bug does so. */
function cached(clock: () => number, everyMs: number): () => number {
  let now = clock();
  setInterval(() => { now = clock(); }, everyMs).unref();
  return () => now;
}

/** The wall clock as text, for log lines only. */
export function wallTime(): string {
  return new Date().toISOString();
}
