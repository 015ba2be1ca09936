import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { FileSystem, OpenFile } from '../../../src/index.js';
import type { Recovered } from '../core/index.js';
import type { DurableCopy } from './durable-copy.js';
import { whenThereIsSpace, type Waiter } from './space.js';
import { syncFolderLater } from './sync.js';
import { encodeRecord, scanLog, TYPE_END, TYPE_PART } from './wal-format.js';

/** The disk gets a large snapshot in doses: one fsync of all of it would hold up those of the log. */
const SYNC_BYTES = 1024 * 1024;

const endSchema = z.strictObject({ slot: z.int().min(1), parts: z.int().min(1) });

/** Reads the file of a snapshot: its parts as records with checksums, then the end. A text, if it holds none: why. */
export function readSnapshot(files: FileSystem, path: string): NonNullable<Recovered['snapshot']> | string {
  const scan = scanLog(files.read(path));
  const last = scan.records.at(-1);
  if (scan.kind !== 'whole' || last?.type !== TYPE_END) return 'it is damaged';
  const end = endSchema.safeParse(JSON.parse(last.payload.toString('utf8')));
  if (!end.success) return 'it was written by another version of this program';
  const { slot, parts: count } = end.data;
  const parts = scan.records.filter(({ type }) => type === TYPE_PART).map(({ payload }) => payload.toString('utf8'));
  if (parts.length !== count) return `it has ${parts.length} of ${count} parts`;
  return { slot, parts };
}

export interface SnapshotFileOptions {
  readonly files: FileSystem;
  /** False: no fsync, for measurements only. */
  readonly sync: boolean;
  /** True: the folder is not synced when the snapshot has taken its place, which is a bug. */
  readonly skipFolderSync: boolean;
  /** Gets what becomes durable. */
  readonly copy: DurableCopy | undefined;
  /** The disk is full: what is to be written waits for space. */
  readonly onFull: () => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Writes a snapshot beside its place, and puts it there when it is whole and durable. */
export class SnapshotFile {
  readonly #path: string;
  readonly #options: SnapshotFileOptions;
  readonly #file: Promise<OpenFile>;
  readonly #waiter: Waiter;
  #abandoned = false;
  #seq = 0;
  #unsynced = 0;
  #work: Promise<void>;

  constructor(path: string, options: SnapshotFileOptions) {
    this.#path = path;
    this.#options = options;
    const { files, onFull, sleep } = options;
    this.#waiter = { onFull, sleep, over: () => this.#abandoned };
    this.#file = whenThereIsSpace(() => files.open(`${path}.tmp`, 'w'), this.#waiter);
    this.#work = this.#file.then(() => undefined);
    // Whoever finishes it is told.
    this.#work.catch(() => undefined);
  }

  add(parts: readonly string[]): void {
    this.#write(parts.map((part) => encodeRecord(++this.#seq, TYPE_PART, part)));
  }

  /** Resolves when the snapshot is durable in its place, which it takes when `ready` resolves. */
  async finish(slot: number, ready: Promise<void>): Promise<void> {
    this.#write([encodeRecord(this.#seq + 1, TYPE_END, JSON.stringify({ slot, parts: this.#seq }))]);
    await this.#work;
    const file = await this.#file;
    const { files, sync, skipFolderSync, copy } = this.#options;
    if (sync) await file.syncLater();
    file.close();
    await ready;
    await whenThereIsSpace(() => files.renameLater(`${this.#path}.tmp`, this.#path), this.#waiter);
    if (!sync) return;
    copy?.renamed(basename(this.#path));
    if (!skipFolderSync) await syncFolderLater(files, dirname(this.#path), copy);
  }

  /** Gives up: closes what was begun. */
  abandon(): void {
    this.#abandoned = true;
    this.#work.then(async () => (await this.#file).close()).catch(() => undefined);
  }

  #write(records: readonly Buffer[]): void {
    const bytes = Buffer.concat(records);
    this.#work = this.#work.then(async () => {
      const file = await this.#file;
      for (let from = 0; from < bytes.length; ) from += await whenThereIsSpace(() => file.writeLater(bytes, from), this.#waiter);
      this.#unsynced += bytes.length;
      if (!this.#options.sync || this.#unsynced < SYNC_BYTES) return;
      this.#unsynced = 0;
      await file.syncLater();
    });
    this.#work.catch(() => undefined);
  }
}
