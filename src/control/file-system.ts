/**
 * The files of a program, as it does its work on them: what a program that can also run in a simulation uses in place of node:fs. Paths are absolute. Failures are thrown (or reject) as
 * Node's are: errors with a `code` such as `ENOENT`, `ENOSPC`, `EIO`.
 */
export interface FileSystem {
  exists(path: string): boolean;
  /** Names in a folder, sorted. */
  list(folder: string): readonly string[];
  /** Bytes in a file. */
  size(path: string): number;
  read(path: string): Buffer;
  /** Makes a folder, and those above it. Does nothing if it is there. */
  makeFolder(path: string): void;
  /** `a`: for appending, made if it is not there; `ax`: the same, but it must not be there; `r+`: for reading and writing in place; `w`: emptied or made. */
  open(path: string, mode: 'a' | 'ax' | 'r+' | 'w'): OpenFile;
  rename(from: string, to: string): void;
  /** The same, without holding up the program. */
  renameLater(from: string, to: string): Promise<void>;
  /** Removes a file. Does nothing if there is none. */
  remove(path: string): void;
  removeLater(path: string): Promise<void>;
  /** Makes durable what has come to a folder and gone from it. */
  syncFolder(path: string): void;
  syncFolderLater(path: string): Promise<void>;
}

/** An open file. Nothing that was written is durable before `sync` or `syncLater` is done. */
export interface OpenFile {
  /** Writes bytes, all of them: at an offset, or (left out, or opened for appending) at the end. */
  write(bytes: Buffer, at?: number): void;
  /**
   * Writes the bytes of a buffer from an offset of it on, at the end of the file, without holding up the program. Resolves to how many were written: on a full disk it may be a part,
   * and whoever waits for space goes on after that; rejects with `ENOSPC` if it is none. The file was opened with `a`, `ax` or `w`.
   */
  writeLater(bytes: Buffer, from: number): Promise<number>;
  /**
   * Writes bytes at the end of the file, all of them, and makes its content and its length durable, without holding up the program. Calls `done` once, later: without an error when all is
   * durable; or with what went wrong, and how many of the bytes were written before: if that is all of them, it was the sync that failed. Opened as for `writeLater`.
   */
  appendDurably(bytes: Buffer, done: (error: Error | undefined, written: number) => void): void;
  truncate(length: number): void;
  sync(): void;
  /** The content and its length (fdatasync). */
  syncLater(): Promise<void>;
  close(): void;
}
