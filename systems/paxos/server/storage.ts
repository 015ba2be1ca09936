import { join } from 'node:path';
import type { FileSystem } from '../../../src/index.js';
import type { Recovered, Slot, WalRecord } from '../core/index.js';
import { acceptDamage, truncateAtDamage } from './careless.js';
import type { DurableCopy } from './durable-copy.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { listData, pieceName, snapshotName } from './files.js';
import { recordText } from './record-text.js';
import { readSnapshot, SnapshotFile } from './snapshot-file.js';
import { Wal, type WalCounters } from './wal.js';
import { walRecordsSchema } from './wire.js';

/** With the bug ack-before-fsync: how long the log waits for its fsync, which nobody waits for. */
const IDLE_MS = 100;

export interface StorageOptions {
  readonly files: FileSystem;
  readonly sleep: (ms: number) => Promise<void>;
  /** See Timers.stir. */
  readonly stir?: () => void;
  /** Called with the highest lsn that is durable, and everything below it. */
  readonly onDurable: (upTo: number) => void;
  /** Called when a snapshot is durable and a start would find it. */
  readonly onSnapshot: (slot: Slot) => void;
  /** Called once if the disk fails; nothing is durable from then on. */
  readonly onFailure: (error: Error) => void;
  /** The disk is full: what is to be written waits for space. */
  readonly onFull: () => void;
  /** Something on the disk is not as it should be, but no harm is done. */
  readonly onWarning: (text: string) => void;
  /** False: no fsync, for measurements only. */
  readonly sync: boolean;
  /** Gets what becomes durable. */
  readonly copy: DurableCopy | undefined;
  /** Bugs that are switched on. */
  readonly bugs: readonly string[];
}

export interface OpenedStorage {
  readonly storage: Storage;
  readonly recovered: Recovered;
}

/**
 * A node's disk: the log in pieces, and the two newest snapshots. Each snapshot has the number of the piece that was begun with it, and stands for all pieces before that. The one
 * before the newest is kept with its pieces, so that a damaged snapshot costs nothing (unless it came from another node: the
 * slots between were never here).
 */
export class Storage {
  readonly #folder: string;
  readonly #options: StorageOptions;
  readonly #wal: Wal<WalRecord>;
  #saving: { readonly generation: number; readonly file: SnapshotFile } | undefined;
  #closed = false;

  private constructor(folder: string, wal: Wal<WalRecord>, options: StorageOptions) {
    this.#folder = folder;
    this.#wal = wal;
    this.#options = options;
  }

  /** Reads the newest snapshot that is whole, and the log from there on. Throws ServerError (data) if something is missing or damaged that the node may not do without. */
  static open(folder: string, options: StorageOptions): OpenedStorage {
    const { files } = options;
    for (const name of files.list(folder).filter((each) => each.endsWith('.dat.tmp'))) files.remove(join(folder, name));
    if (options.bugs.includes('wal-truncate-on-bad-crc')) truncateAtDamage(files, folder);
    if (options.bugs.includes('wal-no-crc')) acceptDamage(files, folder);
    const { damaged, ...found } = newestSnapshot(files, folder);
    const from = compactsEarly(options) ? Math.max(found.from, listData(files, folder).pieces[0] ?? 0) : found.from;
    const { wal, records, tornBytes } = Wal.open<WalRecord>(folder, { ...options, from, schema: walRecordsSchema, textOf: recordText, skipFolderSync: skipsFolderSync(options), idleMs: options.bugs.includes('ack-before-fsync') ? IDLE_MS : 0 });
    for (const { path, why } of damaged) putAside(folder, path, why, missingSlot(found, records), options);
    if (tornBytes > 0) options.onWarning(`the last write before the end was torn; its ${tornBytes} bytes are cut off`);
    const storage = new Storage(folder, wal, options);
    return { storage, recovered: { records, ...(found.snapshot === undefined ? {} : { snapshot: found.snapshot }) } };
  }

  get counters(): WalCounters {
    return this.#wal.counters;
  }

  /** Takes records over; `onDurable` tells when they are on disk. `checkpoint`: a snapshot is begun, and what it does without begins with these. */
  append(lsn: number, records: readonly WalRecord[], checkpoint: boolean): void {
    this.#wal.append(lsn, records, checkpoint);
    if (!checkpoint) return;
    this.#options.stir?.();
    const { generation } = this.#wal;
    this.#saving = { generation, file: new SnapshotFile(join(this.#folder, snapshotName(generation)), { ...this.#options, skipFolderSync: skipsFolderSync(this.#options) }) };
    if (compactsEarly(this.#options)) this.#inTheBackground(this.#wal.begun(generation).then(() => this.#removeBefore(generation)));
  }

  /** Takes parts of the snapshot over that the latest checkpoint belongs to; after the last `onSnapshot` tells when it is durable. */
  saveSnapshot(slot: Slot, parts: readonly string[], last: boolean): void {
    if (this.#saving === undefined) throw new Error('a snapshot is saved that no checkpoint was written for');
    const { generation, file } = this.#saving;
    file.add(parts);
    this.#options.stir?.();
    if (!last) return;
    this.#saving = undefined;
    this.#inTheBackground(this.#finish(slot, generation, file));
  }

  /** Writes what waits, and closes the log. */
  close(): void {
    this.#closed = true;
    this.#saving?.file.abandon();
    this.#wal.close();
  }

  async #finish(slot: Slot, generation: number, file: SnapshotFile): Promise<void> {
    await file.finish(slot, this.#wal.begun(generation));
    if (this.#closed) return;
    this.#options.onSnapshot(slot);
    await this.#prune();
  }

  /** Removes what neither of the two newest snapshots needs. Snapshots go first: one without its pieces is of no use. */
  async #prune(): Promise<void> {
    const { snapshots } = listData(this.#options.files, this.#folder);
    const oldest = snapshots.at(-2);
    if (oldest !== undefined) await this.#removeBefore(oldest);
  }

  async #removeBefore(generation: number): Promise<void> {
    const { files } = this.#options;
    const { snapshots, pieces } = listData(files, this.#folder);
    const names = [...snapshots.filter((each) => each < generation).map(snapshotName), ...pieces.filter((each) => each < generation).map(pieceName)];
    for (const name of names) {
      if (this.#closed) return;
      await files.removeLater(join(this.#folder, name));
      if (this.#options.sync) this.#options.copy?.remove(name);
    }
  }

  #inTheBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#closed) this.#options.onFailure(error as Error);
    });
  }
}

function compactsEarly({ bugs }: StorageOptions): boolean {
  return bugs.includes('compact-before-snapshot-durable');
}

function skipsFolderSync({ bugs }: StorageOptions): boolean {
  return bugs.includes('skip-folder-sync');
}

interface Found {
  readonly snapshot?: NonNullable<Recovered['snapshot']>;
  /** The first piece of the log that it does not hold. */
  readonly from: number;
  /** Newer ones, and what is wrong with them. */
  readonly damaged: readonly { readonly path: string; readonly why: string }[];
}

/** The newest snapshot that is whole, or none if the whole log is there. Throws ServerError (data) where neither is. */
function newestSnapshot(files: FileSystem, folder: string): Found {
  const { snapshots, pieces } = listData(files, folder);
  const damaged: { readonly path: string; readonly why: string }[] = [];
  for (const generation of snapshots.toReversed()) {
    const path = join(folder, snapshotName(generation));
    const snapshot = readSnapshot(files, path);
    if (typeof snapshot !== 'string') return { snapshot, from: generation, damaged };
    const without = [...snapshots.filter((other) => other < generation), 0].some((other) => pieces.includes(other));
    if (!without) throw new ServerError(SERVER_EXIT.data, `${path} cannot be used: ${snapshot}; and what came before it has been removed. ${REPLACE}`);
    damaged.push({ path, why: snapshot });
  }
  return { from: 0, damaged };
}

/** The first slot that is known to be chosen and is neither in the snapshot nor in the log: so it is when the snapshot came from another node. */
function missingSlot({ snapshot }: Pick<Found, 'snapshot'>, records: readonly WalRecord[]): Slot | undefined {
  const held = new Set(records.flatMap((record) => (record.type === 'accepted' ? [record.slot] : [])));
  const upTo = records.reduce((most, record) => (record.type === 'chosen' ? Math.max(most, record.upTo) : most), 0);
  for (let slot = (snapshot?.slot ?? 0) + 1; slot <= upTo; slot++) if (!held.has(slot)) return slot;
  return undefined;
}

/** A damaged snapshot is put aside if there is one before it, or the log, that holds the same: nothing is lost by it. Throws ServerError (data) if there is not, and leaves it as it is. */
function putAside(folder: string, path: string, why: string, missing: Slot | undefined, { files, onWarning }: StorageOptions): void {
  if (missing !== undefined) throw new ServerError(SERVER_EXIT.data, `${path} cannot be used: ${why}; and it came from another node: slot ${missing} is in nothing else here. ${REPLACE}`);
  files.rename(path, `${path}.damaged`);
  files.syncFolder(folder);
  onWarning(`${path} cannot be used: ${why}. It is put aside; the one before it and the log hold the same`);
}

const REPLACE = 'Replace this node by a new node with an empty disk and a new id; keep the file for inspection.';
