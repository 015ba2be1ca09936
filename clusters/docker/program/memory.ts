import { FaultlineError, waitUntil, type Clock } from '../../../src/index.js';
import { reasonOf } from '../deadline.js';
import type { ProgramContainer } from './container.js';

const MIB = 2 ** 20;
/** Engines refuse less. */
const LEAST_BYTES = 6 * MIB;
/** What is left above its use: less than any program allocates soon. */
const MARGIN_BYTES = 64 * 1024;
const ROUND_MS = 400;

/**
 * Lowers the memory limit below (cgroup v2) or just above (v1, whose kernel refuses less and says what is in use) what the container uses, again
 * and again until the kernel has killed the program for it. A paused program goes on first: a frozen one asks for no memory and cannot be killed. Returns
 * what the last limit was. Throws FaultlineError `still-alive` at the signal.
 */
export async function exhaustMemory(container: ProgramContainer, clock: Clock, signal: AbortSignal): Promise<number> {
  await container.signal('SIGCONT');
  let limit = LEAST_BYTES;
  for (;;) {
    const used = await tryLimit(container, limit, clock);
    if (used !== undefined) limit = Math.max(LEAST_BYTES, used + MARGIN_BYTES);
    const set = used === undefined || (await tryLimit(container, limit, clock)) === undefined;
    if (set && (await diesWithin(container, clock))) return limit;
    if (signal.aborted) throw new FaultlineError('still-alive', `with a limit of ${Math.round(limit / MIB)} MiB the program lives on`, { hint: 'It may allocate nothing, or the machine may have swap.' });
    if (set) limit = LEAST_BYTES;
  }
}

async function diesWithin(container: ProgramContainer, clock: Clock): Promise<boolean> {
  return waitUntil('the end', () => !container.alive, { clock, timeoutMs: ROUND_MS, intervalMs: 10 }).catch(() => false);
}

/** Undefined: the limit is set. Otherwise the bytes in use, which are too many for it. */
async function tryLimit(container: ProgramContainer, bytes: number, clock: Clock): Promise<number | undefined> {
  try {
    await container.update({ Memory: bytes, MemorySwap: bytes });
    return undefined;
  } catch (error) {
    const used = /current usage: (\d+)/.exec(reasonOf(error))?.[1];
    // It may be dead, and the engine has not told us yet.
    if (used === undefined && (await diesWithin(container, clock))) return undefined;
    if (used === undefined) throw new FaultlineError('memory-limit', `the memory limit cannot be changed: ${reasonOf(error)}`, { cause: error });
    return Number(used);
  }
}
