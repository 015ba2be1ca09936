/**
 * A signal that is aborted as soon as one of these is, or when so many milliseconds have passed. Not AbortSignal.any with AbortSignal.timeout: nothing holds on to a timeout signal that was
 * given to `any` (Node 20), so that the garbage collector takes it away, and the deadline with it. Here the timer holds on to what it is to abort; the signals are given to `any`, which
 * leaves no listeners behind at those that live for long.
 */
export function within(timeoutMs: number, ...signals: readonly AbortSignal[]): AbortSignal {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DOMException(`The operation was aborted: not done within ${timeoutMs} ms`, 'TimeoutError')), timeoutMs);
  timer.unref();
  return AbortSignal.any([...signals, deadline.signal]);
}
