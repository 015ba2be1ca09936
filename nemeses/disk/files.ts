import type { DiskFile } from '../../src/index.js';

/** Something to do to the files of a stopped node, settled before it is done: whatever cuts it short, it can be undone. */
export interface Damage {
  /** Exactly what, for the history. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly words: string;
  apply(): Promise<void>;
  /** Puts the very bytes back, unless the program has written over them meanwhile; says which. Idempotent, also if it was not or half applied. Left out: it need not be undone. */
  undo?(): Promise<string>;
}

/** What a program reads at its start: no folder or file with a dot before its name. */
export function dataFiles(files: readonly DiskFile[]): readonly DiskFile[] {
  return files.filter(({ path }) => !path.split('/').some((part) => part.startsWith('.')));
}
