import { setTimeout as sleep } from 'node:timers/promises';

/** How often a write is tried again for which there is no space, milliseconds. */
const RETRY_MS = 100;

/** Whether an error says that the disk, or what its owner may have of it, is full. */
export function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Does it, and does it again while the disk is full; `onFull` is told once. Anything else that goes wrong, and what is still without space when `over` says so, is thrown. */
export async function whenThereIsSpace<T>(work: () => Promise<T> | T, onFull: () => void, over: () => boolean): Promise<T> {
  for (let told = false; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isFull(error) || over()) throw error;
      if (!told) onFull();
      told = true;
      await sleep(RETRY_MS);
    }
  }
}
