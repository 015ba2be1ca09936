import { FaultlineError } from '../errors.js';
import type { Clock } from './clock.js';

/**
 * Polls until `condition` gives something other than undefined or false, or the deadline passes.
 * Throws FaultlineError `wait-timeout` that names what was waited for.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: { readonly clock: Clock; readonly timeoutMs: number; readonly intervalMs?: number; readonly signal?: AbortSignal },
): Promise<T> {
  const deadline = options.clock.now() + options.timeoutMs * 1e6;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (options.clock.now() >= deadline) throw new FaultlineError('wait-timeout', `${what}: not within ${options.timeoutMs} ms`);
    await options.clock.sleep(options.intervalMs ?? 20, options.signal);
  }
}
