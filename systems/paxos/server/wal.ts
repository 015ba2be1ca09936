import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WalRecord } from '../core/index.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { encodeRecord, scanLog, TYPE_RECORDS } from './wal-format.js';
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
}

/**
 * The write-ahead log: checksummed records, appended, with group commit. While one write and its fsync are under way, further
 * records collect; then they go out together.
 */
export class Wal {
  readonly counters: WalCounters = { writes: 0, fsyncs: 0, bytes: 0 };
  readonly #options: WalOptions;
  #file: number;
  #seq: number;
  #waiting: Buffer[] = [];
  #waitingLsn = 0;
  #busy = false;
  #failed = false;
  #closed = false;

  private constructor(file: number, seq: number, options: WalOptions) {
    this.#file = file;
    this.#seq = seq;
    this.#options = options;
  }

  /** Opens or creates the file and reads it. Throws ServerError (data) for corruption that is no torn tail. */
  static open(path: string, options: WalOptions): OpenedWal {
    const file = openSync(path, 'a+');
    syncFolder(dirname(path));
    const bytes = readFileSync(path);
    const scan = scanLog(bytes);
    if (scan.kind === 'corrupt') {
      closeSync(file);
      throw new ServerError(
        SERVER_EXIT.data,
        `${path} is corrupt: the record at byte ${scan.badOffset} is damaged, but record ${scan.laterSeq} after it is whole, so this is no torn write. ` +
          'This node may have forgotten what it promised, and must not vote. Replace it by a new node with an empty disk and a new id; keep the file for inspection.',
      );
    }
    const tornBytes = scan.kind === 'torn' ? bytes.length - scan.validBytes : 0;
    if (scan.kind === 'torn') {
      ftruncateSync(file, scan.validBytes);
      fsyncSync(file);
    }
    const records = scan.records.flatMap(({ seq, payload }) => parseRecords(path, seq, payload));
    return { wal: new Wal(file, scan.records.length, options), records, tornBytes };
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
    if (this.#waiting.length > 0) writeSync(this.#file, Buffer.concat(this.#waiting));
    fsyncSync(this.#file);
    closeSync(this.#file);
  }

  #writeOut(): void {
    const bytes = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting);
    const lsn = this.#waitingLsn;
    this.#waiting = [];
    this.#busy = true;
    this.#write(bytes, 0, () => {
      this.counters.bytes += bytes.length;
      if (!this.#options.sync) return this.#durable(lsn);
      this.counters.fsyncs++;
      fdatasync(this.#file, (error) => (error === null ? this.#durable(lsn) : this.#fail(error)));
    });
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

function parseRecords(path: string, seq: number, payload: Buffer): readonly WalRecord[] {
  const parsed = walRecordsSchema.safeParse(JSON.parse(payload.toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new ServerError(SERVER_EXIT.data, `${path}: record ${seq} has a right checksum and an unknown shape (${parsed.error.issues[0]?.message ?? ''}): it was written by another version of this program.`);
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
