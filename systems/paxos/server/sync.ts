import type { FileSystem } from '../../../src/index.js';
import type { DurableCopy } from './durable-copy.js';

/** Makes the folder's entries durable, without holding up the process; the durable copy is told. */
export async function syncFolderLater(files: FileSystem, path: string, copy: DurableCopy | undefined): Promise<void> {
  const done = copy?.folderSync();
  await files.syncFolderLater(path);
  done?.();
}
