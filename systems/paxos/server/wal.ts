import { join } from 'node:path';
import type { z } from 'zod';
import type { FileSystem, OpenFile } from '../../../src/index.js';
import type { DurableCopy } from './durable-copy.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { FILES, listData, pieceName } from './files.js';
import { MarkFile, readMark, type Mark } from './mark.js';
import { isFull, whenThereIsSpace, type Waiter } from './space.js';
import { syncFolderLater } from './sync.js';
import { encodeRecord, payloadsOf, scanLog, TYPE_RECORDS, type LogScan } from './wal-format.js';

export interface WalCounters {
  /** Persist effects, fsyncs, and bytes written. One fsync serves all effects that came while the one before was under way. */
  writes: number;
  fsyncs: number;
  bytes: number;
}

export interface OpenedWal<R> {
  readonly wal: Wal<R>;
  readonly records: readonly R[];
  /** What was cut off at the end, if the last write was torn: bytes. */
  readonly tornBytes: number;
}

export interface WalOptions<R> {
  readonly files: FileSystem;
  readonly sleep: (ms: number) => Promise<void>;
  /** See Timers.stir. */
  readonly stir?: () => void;
  /** The payload of a record on disk: what was appended together, or a part of it. */
  readonly schema: z.ZodType<R[]>;
  /** A record as JSON; left out: what JSON.stringify says. */
  readonly textOf?: (record: R) => string;
  /** The first piece that is needed. */
  readonly from: number;
  /** Called with the highest lsn that is durable, and everything below it. */
  readonly onDurable: (upTo: number) => void;
  /** Called once if the disk fails; nothing is durable from then on. */
  readonly onFailure: (error: Error) => void;
  /** The disk is full: what is to be written waits for space. */
  readonly onFull: () => void;
  /** False: no fsync, for measurements only. */
  readonly sync: boolean;
  /** True: the folder is not synced when a new piece has come to it, which is a bug. */
  readonly skipFolderSync?: boolean;
  /** So long what is written waits for its fsync, ms: for the bug ack-before-fsync, where nobody waits for that. */
  readonly idleMs?: number;
  /** Gets what becomes durable. */
  readonly copy?: DurableCopy | undefined;
}

/** Records that are written together. */
interface Batch {
  readonly bytes: Buffer[];
  /** They are the first of a new piece. */
  readonly begins: boolean;
  /** Of the last. */
  lsn: number;
  seq: number;
}

const REMEDY = 'This node may have forgotten what it promised, and must not vote. Replace it by a new node with an empty disk and a new id; keep the file for inspection.';

/**
 * The write-ahead log: checksummed records, appended, with group commit. While one write and its fsync are under way, further
 * records collect; then they go out together. It is in pieces, each of which begins with a checkpoint, so that what lies before a snapshot can be removed; only the last is
 * written to, and it is begun when those before it are durable as a whole.
 */
export class Wal<R> {
  readonly counters: WalCounters = { writes: 0, fsyncs: 0, bytes: 0 };
  readonly #folder: string;
  readonly #options: WalOptions<R>;
  readonly #waiter: Waiter;
  #file: OpenFile;
  /** There is none without fsyncs. */
  #mark: MarkFile | undefined;
  /** Where the log ends as far as it is durable. */
  #end: Mark;
  #batches: Batch[] = [];
  #begun: { readonly generation: number; readonly done: () => void }[] = [];
  /** The piece that the records to come belong to. */
  #generation: number;
  /** The number of the newest record in it. */
  #seq: number;
  #busy = false;
  #failed = false;
  #closed = false;

  private constructor(folder: string, file: OpenFile, end: Mark, options: WalOptions<R>) {
    this.#folder = folder;
    this.#file = file;
    this.#end = end;
    this.#generation = end.generation;
    this.#seq = end.seq;
    this.#options = options;
    // Nothing is lost on a full disk: nobody is told that it is written, and a leader that waits for too long steps down.
    this.#waiter = { onFull: options.onFull, sleep: options.sleep, over: () => this.#closed };
  }

  /** Opens the pieces of the log and reads them. Throws ServerError (data) for corruption that is no torn tail, and for pieces that are missing. */
  static open<R>(folder: string, options: WalOptions<R>): OpenedWal<R> {
    const { files, from } = options;
    const durable = readMark(files, join(folder, FILES.mark));
    const last = lastPiece(folder, durable, options);
    const older = Array.from({ length: last - from }, (_, i) => readWholePiece(folder, from + i, durable, options));
    const path = join(folder, pieceName(last));
    const file = files.open(path, 'a');
    try {
      files.syncFolder(folder);
      const bytes = files.read(path);
      const scan = scanLog(bytes);
      const end: Mark = { generation: last, seq: scan.records.length, bytes: scan.records.at(-1)?.end ?? 0 };
      refuseDamage(path, scan, end, durable);
      const tornBytes = bytes.length - end.bytes;
      if (tornBytes > 0) file.truncate(end.bytes);
      const wal = new Wal(folder, file, end, options);
      // An earlier life may have written what it did not live to sync, and from here on promises are built upon it.
      if (options.sync) {
        const whole = bytes.subarray(0, end.bytes);
        rewrite(files, path, whole, durable?.generation === last ? durable.bytes : 0);
        wal.#syncAll(whole);
      }
      return { wal, records: [...older.flat(), ...recordsOf(path, scan, options.schema)], tornBytes };
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The piece that the records to come belong to. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Takes records over; `onDurable` tells when they are on disk, all of them. `begins`: they are the first of a new piece. What is too much for one record on disk goes into several, in order and
   * in one batch. A torn write may then leave the first of them: like any prefix of what was appended, nobody was told of it.
   */
  append(lsn: number, records: readonly R[], begins = false): void {
    if (this.#failed || this.#closed) return;
    this.counters.writes++;
    if (begins) this.#generation++;
    if (begins) this.#seq = 0;
    const bytes: Buffer[] = [];
    for (const payload of payloadsOf(records, this.#options.textOf)) bytes.push(encodeRecord(++this.#seq, TYPE_RECORDS, payload));
    const newest = this.#batches.at(-1);
    if (newest === undefined || begins) this.#batches.push({ bytes, begins, lsn, seq: this.#seq });
    else {
      newest.bytes.push(...bytes);
      newest.lsn = lsn;
      newest.seq = this.#seq;
    }
    if (!this.#busy) this.#next(undefined);
  }

  /** Resolves when a piece has been begun, durably. */
  begun(generation: number): Promise<void> {
    if (this.#end.generation >= generation) return Promise.resolve();
    return new Promise((done) => this.#begun.push({ generation, done }));
  }

  /** Writes and syncs what waits, and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#busy || this.#failed) return;
    if (this.#options.sync) {
      this.#file.sync();
      this.#mark?.sync();
      this.#options.copy?.mark(this.#end);
    }
    this.#options.copy?.close();
    this.#mark?.close();
    this.#file.close();
  }

  /** Writes out the next batch, if one waits. While it is on its way, the one before is told to be durable. */
  #next(written: Batch | undefined): void {
    const next = this.#closed ? undefined : this.#batches.shift();
    this.#busy = next !== undefined;
    if (next !== undefined) this.#writeOut(next);
    if (written !== undefined) this.#tell(written);
  }

  /** By callbacks where that will do, as it nearly always will: promises for every write show. */
  #writeOut(batch: Batch): void {
    const { sync, idleMs = 0 } = this.#options;
    const bytes = batch.bytes.length === 1 ? (batch.bytes[0] as Buffer) : Buffer.concat(batch.bytes);
    if (!sync || batch.begins || idleMs > 0) return this.#follow(this.#writeInSteps(batch, bytes, 0), batch);
    this.#file.appendDurably(bytes, (error, written) => {
      if (error === undefined) return this.#written(batch, bytes);
      if (written < bytes.length && isFull(error)) return this.#follow(this.#writeInSteps(batch, bytes, written, error), batch);
      this.#fail(error);
    });
  }

  #written(batch: Batch, bytes: Buffer): void {
    this.counters.bytes += bytes.length;
    this.counters.fsyncs++;
    if (this.#closed) return;
    this.#options.copy?.moreLog(bytes);
    this.#end = { generation: this.#end.generation, seq: batch.seq, bytes: this.#end.bytes + bytes.length };
    try {
      this.#mark?.write(this.#end);
    } catch (error) {
      return this.#follow(this.#markAgain(error), batch);
    }
    this.#next(batch);
  }

  #follow(work: Promise<void>, batch: Batch): void {
    this.#options.stir?.();
    work.then(() => this.#next(batch), (error: unknown) => this.#fail(error as Error));
  }

  /** After a failed fsync nobody knows what is on disk ("fsyncgate", 2018): never try again, stop. */
  #fail(error: Error): void {
    this.#busy = false;
    this.#failed = true;
    this.#options.onFailure(error);
  }

  /** A batch that begins a piece, or for which there was no space from an offset on (`failed`), or that is not synced at once. */
  async #writeInSteps(batch: Batch, bytes: Buffer, offset: number, failed?: Error): Promise<void> {
    const { files, sync, copy, skipFolderSync, sleep, idleMs = 0 } = this.#options;
    if (batch.begins) await whenThereIsSpace(() => this.#nextPiece(), this.#waiter);
    let [from, error] = [offset, failed];
    while (from < bytes.length) {
      const start = from;
      from += await whenThereIsSpace(() => this.#file.writeLater(bytes, start), this.#waiter, error);
      error = undefined;
    }
    this.counters.bytes += bytes.length;
    if (sync) {
      this.counters.fsyncs++;
      if (idleMs > 0) await sleep(idleMs);
      await this.#file.syncLater();
      if (this.#closed) return;
      copy?.moreLog(bytes);
      if (batch.begins && skipFolderSync !== true) await syncFolderLater(files, this.#folder, copy);
    }
    if (this.#closed) return;
    const before = batch.begins ? { generation: this.#end.generation + 1, bytes: 0 } : this.#end;
    this.#end = { generation: before.generation, seq: batch.seq, bytes: before.bytes + bytes.length };
    if (!sync) return;
    // Before anyone is told: nothing is acknowledged that the mark, and the copy above, do not cover.
    try {
      this.#mark?.write(this.#end);
    } catch (error) {
      await this.#markAgain(error);
    }
  }

  #markAgain(failed: unknown): Promise<void> {
    return whenThereIsSpace(() => this.#mark?.write(this.#end), this.#waiter, failed);
  }

  /** What comes goes to a new file. The one before is durable as a whole. */
  #nextPiece(): void {
    const generation = this.#end.generation + 1;
    const file = this.#options.files.open(join(this.#folder, pieceName(generation)), 'ax');
    this.#file.close();
    this.#file = file;
    if (this.#options.sync) this.#options.copy?.newPiece(generation);
  }

  #tell({ lsn, begins }: Batch): void {
    if (this.#closed) return;
    this.#options.onDurable(lsn);
    if (!begins) return;
    const begun = this.#begun.filter(({ generation }) => generation <= this.#end.generation);
    this.#begun = this.#begun.filter((waiter) => !begun.includes(waiter));
    for (const { done } of begun) done();
  }

  /** The last piece as it was recovered becomes durable, and the mark with it. */
  #syncAll(bytes: Buffer): void {
    this.#file.sync();
    const { files, copy } = this.#options;
    copy?.folderAtStart();
    copy?.wholePiece(this.#end.generation, bytes);
    this.#mark = MarkFile.open(files, join(this.#folder, FILES.mark), this.#end);
    copy?.mark(this.#end);
  }
}

/** The highest of the pieces from one on, all of which must be there. Throws ServerError (data) for one that is missing. */
function lastPiece(folder: string, mark: Mark | undefined, { files, from }: Pick<WalOptions<unknown>, 'files' | 'from'>): number {
  const pieces = listData(files, folder).pieces.filter((piece) => piece >= from);
  const last = Math.max(pieces.at(-1) ?? from, mark?.generation ?? from);
  const missing = Array.from({ length: last - from + 1 }, (_, i) => from + i).find((piece) => !pieces.includes(piece));
  if (missing === undefined) return last;
  throw new ServerError(SERVER_EXIT.data, `${join(folder, pieceName(missing))} is missing, and the log goes from piece ${from} to ${last}. ${REMEDY}`);
}

/** The records of a piece that others follow. */
function readWholePiece<R>(folder: string, generation: number, mark: Mark | undefined, { files, schema }: Pick<WalOptions<R>, 'files' | 'schema'>): readonly R[] {
  const path = join(folder, pieceName(generation));
  const bytes = files.read(path);
  const scan = scanLog(bytes);
  const end: Mark = { generation, seq: scan.records.length, bytes: scan.records.at(-1)?.end ?? 0 };
  refuseDamage(path, scan, end, mark);
  if (scan.kind !== 'whole') throw new ServerError(SERVER_EXIT.data, `${path} ends in the middle of a record, and a later piece of the log was begun when it was whole. ${REMEDY}`);
  return recordsOf(path, scan, schema);
}

/** Throws ServerError (data) unless the piece holds all that was durable. */
function refuseDamage(path: string, scan: LogScan, end: Mark, mark: Mark | undefined): void {
  if (scan.kind === 'corrupt') throw new ServerError(SERVER_EXIT.data, `${path} is corrupt: the record at byte ${scan.badOffset} is damaged, but record ${scan.laterSeq} after it is whole, so this is no torn write. ${REMEDY}`);
  if (mark?.generation !== end.generation) return;
  if (mark.seq > end.seq) throw new ServerError(SERVER_EXIT.data, `${path} has lost records: ${mark.seq} of them (${mark.bytes} bytes) were durable, and only ${end.seq} (${end.bytes} bytes) are whole, so this is no torn write. ${REMEDY}`);
  const marked = mark.seq === 0 ? 0 : scan.records[mark.seq - 1]?.end;
  if (marked !== mark.bytes) throw new ServerError(SERVER_EXIT.data, `${path} is not the log that its mark belongs to: record ${mark.seq} ended at byte ${mark.bytes}, and ends at byte ${marked} now. ${REMEDY}`);
}

function recordsOf<R>(path: string, scan: LogScan, schema: z.ZodType<R[]>): readonly R[] {
  return scan.records.flatMap(({ seq, payload }) => {
    const parsed = schema.safeParse(JSON.parse(payload.toString('utf8')));
    if (parsed.success) return parsed.data;
    throw new ServerError(SERVER_EXIT.data, `${path}: record ${seq} has a right checksum and an unknown shape (${parsed.error.issues[0]?.message ?? ''}): it was written by another version of this program.`);
  });
}

/**
 * Writes the same bytes again, from an offset on. After a failed fsync the kernel keeps what it could not write in its cache as clean: it is read as if it were there, and
 * the next fsync would succeed without writing it ("fsyncgate", 2018).
 */
function rewrite(files: FileSystem, path: string, bytes: Buffer, from: number): void {
  if (from >= bytes.length) return;
  const file = files.open(path, 'r+');
  try {
    file.write(bytes.subarray(from), from);
  } finally {
    file.close();
  }
}
