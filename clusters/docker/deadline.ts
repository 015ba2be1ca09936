import { FaultlineError } from '../../src/index.js';

/** How long the engine may take for something that it usually does in a tenth of a second, milliseconds. */
export const ENGINE_MS = 30_000;

/** What the engine does, or FaultlineError `engine-timeout` that names it. Nothing that is asked of an engine waits for ever. */
export async function withDeadline<T>(what: string, work: Promise<T>, ms = ENGINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FaultlineError('engine-timeout', `${what}: the engine did not do it within ${ms / 1000} s`, { hint: 'Is the engine overloaded? Look at its log.' })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The HTTP status with which the engine refused, if that is what an error is. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/** What the engine says is wrong, without the wrapping of its client: `(HTTP code 404) no such container - No such container: x` -> the part behind the dash. */
export function reasonOf(error: unknown): string {
  const { json, message } = error as { readonly json?: { readonly message?: unknown }; readonly message?: unknown };
  if (typeof json?.message === 'string') return json.message.trim();
  return typeof message === 'string' ? message.trim() : String(error);
}

/** Does nothing if the thing is gone already or going (404, 409 "removal in progress"). */
export async function ignoringGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && !(status === 409 && /in progress/.test(reasonOf(error))) && status !== 304) throw error;
  }
}
