/** The node's monotonic clock, milliseconds. Never the wall clock: that may jump. */
export function monotonicMs(): number {
  return performance.now();
}

/** The wall clock as text, for log lines only. */
export function wallTime(): string {
  return new Date().toISOString();
}
