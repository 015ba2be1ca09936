import { isUtf8 } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { FaultlineError, messageOf } from '../../errors.js';
import { parseOpLine } from '../parse-op.js';
import { assertInOrder } from '../place.js';
import { TableBuilder, type OpTable } from '../table/index.js';
import { LineScanner } from './line-scanner.js';

const CHUNK_BYTES = 4 * 1024 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
/** Bytes of an ordinary operation: two lines. A guess for the first allocation only. */
const OPERATION_BYTES = 110;

/** What was read of a file. */
export interface ScannedHistory {
  readonly table: OpTable;
  /** Events, those of non-clients included. */
  readonly events: number;
  /** The last line, if it was cut off in the middle of being written; it is not among the events. */
  readonly torn: { readonly line: number; readonly text: string } | undefined;
}

/**
 * Reads a history file (one JSON object a line) into columns, without an object for any ordinary operation. The same rules and the same errors as
 * `readHistory`. `onProgress` is told bytes read, of how many, after every few megabytes.
 */
export function scanHistory(path: string, onProgress?: (bytes: number, total: number) => void): ScannedHistory {
  const file = opened(path);
  try {
    const total = fstatSync(file).size;
    const reader = new TableReader(path, Math.min(2 ** 24, Math.ceil(total / OPERATION_BYTES) + 16));
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let held = 0;
    let done = 0;
    for (;;) {
      if (held === buffer.length) buffer = widened(buffer, path, reader.line);
      const got = readSync(file, buffer, held, buffer.length - held, null);
      if (got === 0) break;
      held += got;
      done += got;
      const end = buffer.lastIndexOf(NEWLINE, held - 1) + 1;
      if (end > 0) {
        reader.lines(buffer, end);
        buffer.copyWithin(0, end, held);
        held -= end;
      }
      onProgress?.(done, total);
    }
    if (held > 0) reader.lastLine(buffer, held);
    return reader.finish();
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new FaultlineError('history-file', `${path} cannot be read: ${messageOf(error)}`, { kind: 'usage', cause: error, hint: 'Give a history file, a folder of results, or - for standard input.' });
  }
}

function widened(buffer: Buffer, path: string, line: number): Buffer<ArrayBuffer> {
  if (buffer.length >= MAX_LINE_BYTES) {
    throw new FaultlineError('history-line-length', `${path}:${line}: longer than ${MAX_LINE_BYTES / 1024 / 1024} MiB`, { kind: 'usage', hint: 'A history has one event a line.' });
  }
  return Buffer.concat([buffer], 2 * buffer.length);
}

/** Lines of bytes to columns: the ordinary ones by the scanner, the others by the parser. */
class TableReader {
  /** Number of the next line, from 1. */
  line = 1;
  readonly #file: string;
  readonly #builder: TableBuilder;
  readonly #scanner: LineScanner;
  #count = 0;
  #lastIndex = -1;
  #lastTime = -1;
  #torn: ScannedHistory['torn'];

  constructor(file: string, expected: number) {
    this.#file = file;
    this.#builder = new TableBuilder(expected);
    this.#scanner = new LineScanner(this.#builder);
  }

  /** Reads whole lines: bytes[0, end), the last of them a newline. */
  lines(bytes: Buffer, end: number): void {
    for (let from = 0; from < end; ) {
      const to = bytes.indexOf(NEWLINE, from);
      if (!this.#quickly(bytes, from, to)) this.#slowly(bytes, from, to, true);
      this.line++;
      from = to + 1;
    }
  }

  /** Reads what stands after the last newline: it may have been cut off. */
  lastLine(bytes: Buffer, end: number): void {
    if (!this.#quickly(bytes, 0, end)) this.#slowly(bytes, 0, end, false);
  }

  finish(): ScannedHistory {
    return { table: this.#builder.build(), events: this.#count, torn: this.#torn };
  }

  #quickly(bytes: Buffer, from: number, to: number): boolean {
    const scanner = this.#scanner;
    if (!scanner.scan(bytes, from, to, this.#count, this.#lastIndex, this.#lastTime)) return false;
    this.#count++;
    if (scanner.index >= 0) this.#lastIndex = scanner.index;
    this.#lastTime = scanner.time >= 0 ? scanner.time : this.#lastTime + 1;
    return true;
  }

  #slowly(bytes: Buffer, from: number, to: number, whole: boolean): void {
    const place = { file: this.#file, line: this.line };
    const text = this.#textOf(bytes, from, to, whole);
    if (text.trim() === '') return;
    try {
      const line = parseOpLine(text, place);
      assertInOrder(line, this.#lastIndex, this.#lastTime, place, text);
      const { process, type, f, value, key } = line;
      const time = line.time ?? this.#lastTime + 1;
      this.#builder.add({ index: this.#count++, time, process, type, f, value, ...(key === undefined ? {} : { key }) });
      this.#lastIndex = line.index ?? this.#lastIndex;
      this.#lastTime = time;
    } catch (error) {
      if (whole || !(error instanceof FaultlineError) || error.code !== 'history-json') throw error;
      this.#torn = { line: this.line, text: text.length > 200 ? `${text.slice(0, 200)} ...` : text };
    }
  }

  #textOf(bytes: Buffer, from: number, to: number, whole: boolean): string {
    const line = bytes.subarray(from, to);
    // A torn last line may end inside a character.
    if (whole && !isUtf8(line)) throw encodingError(line, this.#file, this.line);
    const text = line.toString('utf8');
    const start = this.line === 1 && text.startsWith('\uFEFF') ? 1 : 0;
    return text.slice(start, text.endsWith('\r') ? -1 : undefined);
  }
}

function encodingError(line: Buffer, file: string, number: number): FaultlineError {
  const zipped = number === 1 && ((line[0] === 0x1f && line[1] === 0x8b) || (line[0] === 0x28 && line[1] === 0xb5));
  return new FaultlineError('history-encoding', `${file}:${number}: not UTF-8 text`, {
    kind: 'usage',
    hint: zipped ? 'The file is compressed: unpack it first.' : 'A history is UTF-8 text with one JSON object a line.',
  });
}
