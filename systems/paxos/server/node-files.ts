import { closeSync, existsSync, fdatasync, fsyncSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, write, writeSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { FileSystem, OpenFile } from '../../../src/index.js';

const fdatasyncLater = promisify(fdatasync);

/** The file system of this machine. */
export const nodeFiles: FileSystem = {
  exists: existsSync,
  list: (folder) => readdirSync(folder).sort(),
  size: (path) => statSync(path).size,
  read: (path) => readFileSync(path),
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  open: (path, mode) => new NodeFile(openSync(path, mode)),
  rename: renameSync,
  renameLater: rename,
  remove: (path) => rmSync(path, { force: true }),
  removeLater: (path) => rm(path, { force: true }),
  syncFolder: (path) => {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  syncFolderLater: async (path) => {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

class NodeFile implements OpenFile {
  readonly #file: number;

  constructor(file: number) {
    this.#file = file;
  }

  write(bytes: Buffer, at?: number): void {
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#file, bytes, from, bytes.length - from, at === undefined ? null : at + from);
  }

  writeLater(bytes: Buffer, from: number): Promise<number> {
    return new Promise((resolve, reject) => write(this.#file, bytes, from, bytes.length - from, null, (error, written) => (error === null ? resolve(written) : reject(error))));
  }

  appendDurably(bytes: Buffer, done: (error: Error | undefined, written: number) => void): void {
    const writeFrom = (from: number): void => {
      if (from === bytes.length) return fdatasync(this.#file, (error) => done(error ?? undefined, from));
      write(this.#file, bytes, from, bytes.length - from, null, (error, written) => (error === null ? writeFrom(from + written) : done(error, from)));
    };
    writeFrom(0);
  }

  truncate(length: number): void {
    ftruncateSync(this.#file, length);
  }

  sync(): void {
    fsyncSync(this.#file);
  }

  syncLater(): Promise<void> {
    return fdatasyncLater(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
