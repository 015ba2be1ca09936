import { setTimeout as sleep } from 'node:timers/promises';

/** How often a write is tried again for which there is no space, milliseconds. */
const RETRY_MS = 100;

/** Does it, and does it again while the disk is full; `onFull` is told once. Anything else that goes wrong, and what is still without space when `over` says so, is thrown. */
export async function whenThereIsSpace<T>(work: () => Promise<T> | T, onFull: () => void, over: () => boolean): Promise<T> {
  for (let told = false; ; ) {
    try {
      return await work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOSPC' && code !== 'EDQUOT') || over()) throw error;
      if (!told) onFull();
      told = true;
      await sleep(RETRY_MS);
    }
  }
}
