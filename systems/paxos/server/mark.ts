import type { FileSystem, OpenFile } from '../../../src/index.js';
import { crc32c } from './crc32c.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { replaceDurably } from './sync.js';

/**
 * How much of the log is known to be durable. It is written after each successful fsync of the log, in place and without an fsync of its own, so it costs one small
 * write and is never ahead of the log. A killed process leaves it exact; a power failure may leave an older one, or none, but never a part of one.
 * It tells records that are missing at the end from a write that was torn (Protocol-Aware Recovery, FAST'18, section 3.3.3).
 */
export interface Mark {
  /** The piece of the log that is written to; those before it are durable as a whole. */
  readonly generation: number;
  /** The last durable record of it. */
  readonly seq: number;
  /** Length of the piece up to its end. */
  readonly bytes: number;
}

/** On disk: "mark" | CRC-32C over the rest (u32) | sequence number (u48) | bytes (u48) | generation (u48), big-endian. Less than a sector: it is not torn. */
const MARK_BYTES = 26;
const MAGIC = 0x6d61726b;

/** Encodes a mark, into a buffer of its length if one is given. */
export function encodeMark({ generation, seq, bytes }: Mark, buffer = Buffer.allocUnsafe(MARK_BYTES)): Buffer {
  buffer.writeUInt32BE(MAGIC, 0);
  buffer.writeUIntBE(seq, 8, 6);
  buffer.writeUIntBE(bytes, 14, 6);
  buffer.writeUIntBE(generation, 20, 6);
  buffer.writeUInt32BE(crc32c(buffer, 8), 4);
  return buffer;
}

/** The mark of a log, or undefined if the file is missing or empty. Throws ServerError (data) for a damaged one. */
export function readMark(files: FileSystem, path: string): Mark | undefined {
  const buffer = files.exists(path) ? files.read(path) : Buffer.alloc(0);
  if (buffer.length === 0) return undefined;
  if (buffer.length !== MARK_BYTES || buffer.readUInt32BE(0) !== MAGIC || buffer.readUInt32BE(4) !== crc32c(buffer, 8)) {
    throw new ServerError(SERVER_EXIT.data, `${path} is damaged: nobody can say whether the log is whole. This node may have forgotten what it promised, and must not vote. Replace it by a new node with an empty disk and a new id.`);
  }
  return { generation: buffer.readUIntBE(20, 6), seq: buffer.readUIntBE(8, 6), bytes: buffer.readUIntBE(14, 6) };
}

/** The open mark of a log that is being written. */
export class MarkFile {
  readonly #file: OpenFile;
  readonly #buffer = Buffer.allocUnsafe(MARK_BYTES);

  private constructor(file: OpenFile) {
    this.#file = file;
  }

  /** Opens the file, and makes it durable with a mark. Where there is none it takes its place as a whole: what a file gains at its end can be torn. */
  static open(files: FileSystem, path: string, mark: Mark): MarkFile {
    if (!files.exists(path) || files.size(path) < MARK_BYTES) {
      replaceDurably(files, path, encodeMark(mark));
      return new MarkFile(files.open(path, 'r+'));
    }
    const opened = new MarkFile(files.open(path, 'r+'));
    opened.write(mark);
    opened.#file.sync();
    return opened;
  }

  write(mark: Mark): void {
    this.#file.write(encodeMark(mark, this.#buffer), 0);
  }

  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}
