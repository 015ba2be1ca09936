/** How often a write is tried again for which there is no space, milliseconds. */
const RETRY_MS = 100;

/** Whether an error says that the disk, or what its owner may have of it, is full. */
export function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** What waits for space. */
export interface Waiter {
  /** The disk is full: told once. */
  readonly onFull: () => void;
  /** Whether nobody needs the space any more. */
  readonly over: () => boolean;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Does it, and does it again while the disk is full. Anything else that goes wrong, and what is still without space when `over` says so, is thrown. `failed`: what a first try, made already, has
 * thrown.
 */
export async function whenThereIsSpace<T>(work: () => Promise<T> | T, { onFull, over, sleep }: Waiter, failed?: unknown): Promise<T> {
  let error = failed;
  for (let told = false; ; ) {
    try {
      if (error === undefined) return await work();
    } catch (thrown) {
      error = thrown;
    }
    if (!isFull(error) || over()) throw error;
    if (!told) onFull();
    told = true;
    await sleep(RETRY_MS);
    error = undefined;
  }
}
