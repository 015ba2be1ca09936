import type { FileSystem } from '../../../src/index.js';
import type { DurableCopy } from './durable-copy.js';

/** Puts a file in its place when it is whole and durable. That it is there is not, before the folder is synced. */
export function replaceDurably(files: FileSystem, path: string, content: Buffer): void {
  const temporary = `${path}.tmp`;
  const file = files.open(temporary, 'w');
  try {
    file.write(content);
    file.sync();
  } finally {
    file.close();
  }
  files.rename(temporary, path);
}

/** Makes the folder's entries durable, without holding up the process; the durable copy is told. */
export async function syncFolderLater(files: FileSystem, path: string, copy: DurableCopy | undefined): Promise<void> {
  const done = copy?.folderSync();
  await files.syncFolderLater(path);
  done?.();
}
