import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DurableCopy } from './durable-copy.js';

/** Makes the folder's entries durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The same, without holding up the process; the durable copy is told. */
export async function syncFolderLater(path: string, copy: DurableCopy | undefined): Promise<void> {
  const folder = await open(path, 'r');
  try {
    const done = copy?.folderSync();
    await folder.sync();
    done?.();
  } finally {
    await folder.close();
  }
}
