/**
 * A signal that is aborted as soon as one of these is, or when so many milliseconds have passed. Not AbortSignal.any with AbortSignal.timeout: nothing holds on to a timeout signal that was
 * given to `any` (Node 20), so that the garbage collector takes it away, and the deadline with it.
 */
export function within(timeoutMs: number, ...signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => end(new DOMException(`The operation was aborted: not done within ${timeoutMs} ms`, 'TimeoutError')), timeoutMs);
  timer.unref();
  const ends = signals.map((signal) => [signal, () => end(signal.reason)] as const);
  function end(reason: unknown): void {
    clearTimeout(timer);
    for (const [signal, onAbort] of ends) signal.removeEventListener('abort', onAbort);
    controller.abort(reason);
  }
  for (const [signal, onAbort] of ends) signal.addEventListener('abort', onAbort, { once: true });
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined) end(aborted.reason);
  return controller.signal;
}
