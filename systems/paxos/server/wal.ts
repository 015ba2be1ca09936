import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WalRecord } from '../core/index.js';
import type { DurableCopy } from './durable-copy.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { MarkFile, readMark, type Mark } from './mark.js';
import { encodeRecord, scanLog, TYPE_RECORDS, type LogScan } from './wal-format.js';
import { walRecordsSchema } from './wire.js';

export interface WalCounters {
  /** Persist effects, fsyncs, and bytes written. One fsync serves all effects that came while the one before was under way. */
  writes: number;
  fsyncs: number;
  bytes: number;
}

export interface OpenedWal {
  readonly wal: Wal;
  readonly records: readonly WalRecord[];
  /** What was cut off at the end, if the last write was torn: bytes. */
  readonly tornBytes: number;
}

export interface WalOptions {
  /** Called with the highest lsn that is durable, and everything below it. */
  readonly onDurable: (upTo: number) => void;
  /** Called once if the disk fails; nothing is durable from then on. */
  readonly onFailure: (error: Error) => void;
  /** False: no fsync, for measurements only. */
  readonly sync: boolean;
  /** File that says how much of the log is durable; see mark.ts. */
  readonly markPath: string;
  /** Gets what becomes durable. */
  readonly copy?: DurableCopy | undefined;
}

/**
 * The write-ahead log: checksummed records, appended, with group commit. While one write and its fsync are under way, further
 * records collect; then they go out together.
 */
export class Wal {
  readonly counters: WalCounters = { writes: 0, fsyncs: 0, bytes: 0 };
  readonly #options: WalOptions;
  readonly #file: number;
  readonly #mark: MarkFile;
  #seq: number;
  /** Length of the file up to the end of what is durable. */
  #durableBytes: number;
  #waiting: Buffer[] = [];
  #waitingLsn = 0;
  #busy = false;
  #failed = false;
  #closed = false;

  private constructor(file: number, mark: MarkFile, { seq, bytes }: Mark, options: WalOptions) {
    this.#file = file;
    this.#mark = mark;
    this.#seq = seq;
    this.#durableBytes = bytes;
    this.#options = options;
  }

  /** Opens or creates the file and reads it. Throws ServerError (data) for corruption that is no torn tail. */
  static open(path: string, options: WalOptions): OpenedWal {
    const file = openSync(path, 'a+');
    try {
      syncFolder(dirname(path));
      const bytes = readFileSync(path);
      const scan = scanLog(bytes);
      const end: Mark = { seq: scan.records.length, bytes: scan.records.at(-1)?.end ?? 0 };
      const durable = readMark(options.markPath);
      refuseDamage(path, scan, end, durable);
      const tornBytes = bytes.length - end.bytes;
      if (tornBytes > 0) ftruncateSync(file, end.bytes);
      const mark = new MarkFile(options.markPath);
      const wal = new Wal(file, mark, end, options);
      // An earlier life may have written what it did not live to sync, and from here on promises are built upon it.
      if (options.sync) {
        rewrite(path, bytes.subarray(0, end.bytes), durable?.bytes ?? 0);
        wal.#syncAll(bytes.subarray(0, end.bytes));
      }
      return { wal, records: scan.records.flatMap(({ seq, payload }) => parseRecords(path, seq, payload)), tornBytes };
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Takes records over; `onDurable` tells when they are on disk. */
  append(lsn: number, records: readonly WalRecord[]): void {
    if (this.#failed || this.#closed) return;
    this.counters.writes++;
    this.#waiting.push(encodeRecord(++this.#seq, TYPE_RECORDS, JSON.stringify(records)));
    this.#waitingLsn = lsn;
    if (!this.#busy) this.#writeOut();
  }

  /** Writes and syncs what waits, and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#busy || this.#failed) return;
    const bytes = Buffer.concat(this.#waiting);
    if (bytes.length > 0) writeSync(this.#file, bytes);
    if (this.#options.sync) {
      fsyncSync(this.#file);
      this.#noteDurable(bytes, this.#seq);
      this.#mark.sync();
      this.#options.copy?.mark({ seq: this.#seq, bytes: this.#durableBytes });
    }
    this.#options.copy?.close();
    this.#mark.close();
    closeSync(this.#file);
  }

  #writeOut(): void {
    const bytes = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting);
    const [lsn, seq] = [this.#waitingLsn, this.#seq];
    this.#waiting = [];
    this.#busy = true;
    this.#write(bytes, 0, () => {
      this.counters.bytes += bytes.length;
      if (!this.#options.sync) return this.#durable(lsn);
      this.counters.fsyncs++;
      fdatasync(this.#file, (error) => {
        try {
          if (error !== null) throw error;
          if (!this.#closed) this.#noteDurable(bytes, seq);
        } catch (failure) {
          this.#fail(failure as Error);
          return;
        }
        this.#durable(lsn);
      });
    });
  }

  /** The log as it was recovered becomes durable, and the mark with it. */
  #syncAll(bytes: Buffer): void {
    fsyncSync(this.#file);
    const { copy } = this.#options;
    copy?.wholeLog(bytes);
    const mark = { seq: this.#seq, bytes: bytes.length };
    this.#mark.write(mark);
    this.#mark.sync();
    copy?.mark(mark);
  }

  /** Before anyone is told: nothing is acknowledged that the copy and the mark do not cover. */
  #noteDurable(bytes: Buffer, seq: number): void {
    this.#durableBytes += bytes.length;
    this.#options.copy?.moreLog(bytes);
    this.#mark.write({ seq, bytes: this.#durableBytes });
  }

  #write(bytes: Buffer, from: number, done: () => void): void {
    write(this.#file, bytes, from, bytes.length - from, null, (error, written) => {
      if (error !== null) this.#fail(error);
      else if (from + written < bytes.length) this.#write(bytes, from + written, done);
      else done();
    });
  }

  #durable(lsn: number): void {
    this.#busy = false;
    if (this.#closed) return;
    if (this.#waiting.length > 0) this.#writeOut();
    this.#options.onDurable(lsn);
  }

  /** After a failed fsync nobody knows what is on disk ("fsyncgate", 2018): never try again, stop. */
  #fail(error: Error): void {
    this.#failed = true;
    this.#options.onFailure(error);
  }
}

/** Throws ServerError (data) unless the log holds all that was durable. */
function refuseDamage(path: string, scan: LogScan, end: Mark, mark: Mark | undefined): void {
  const remedy = 'This node may have forgotten what it promised, and must not vote. Replace it by a new node with an empty disk and a new id; keep the file for inspection.';
  if (scan.kind === 'corrupt') throw new ServerError(SERVER_EXIT.data, `${path} is corrupt: the record at byte ${scan.badOffset} is damaged, but record ${scan.laterSeq} after it is whole, so this is no torn write. ${remedy}`);
  if (mark === undefined) return;
  if (mark.seq > end.seq) throw new ServerError(SERVER_EXIT.data, `${path} has lost records: ${mark.seq} of them (${mark.bytes} bytes) were durable, and only ${end.seq} (${end.bytes} bytes) are whole, so this is no torn write. ${remedy}`);
  const marked = mark.seq === 0 ? 0 : scan.records[mark.seq - 1]?.end;
  if (marked !== mark.bytes) throw new ServerError(SERVER_EXIT.data, `${path} is not the log that its mark belongs to: record ${mark.seq} ended at byte ${mark.bytes}, and ends at byte ${marked} now. ${remedy}`);
}

function parseRecords(path: string, seq: number, payload: Buffer): readonly WalRecord[] {
  const parsed = walRecordsSchema.safeParse(JSON.parse(payload.toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new ServerError(SERVER_EXIT.data, `${path}: record ${seq} has a right checksum and an unknown shape (${parsed.error.issues[0]?.message ?? ''}): it was written by another version of this program.`);
}

/**
 * Writes the same bytes again, from an offset on. After a failed fsync the kernel keeps what it could not write in its cache as clean: it is read as if it were there, and
 * the next fsync would succeed without writing it ("fsyncgate", 2018).
 */
function rewrite(path: string, bytes: Buffer, from: number): void {
  if (from >= bytes.length) return;
  const file = openSync(path, 'r+');
  try {
    for (let at = from; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
  } finally {
    closeSync(file);
  }
}

/** Makes the folder's entries durable. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
