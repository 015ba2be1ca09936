import { createReadStream } from 'node:fs';
import { FaultlineError, messageOf } from '../errors.js';
import type { Op } from './op.js';
import { readLines, type Line } from './lines.js';
import { parseOpLine, type LinePlace, type OpLine } from './parse-op.js';
import { assertInOrder } from './place.js';

/** What a reader found. */
export interface ReadResult {
  readonly ops: readonly Op[];
  /** The last line, if it was cut off in the middle of being written; it is not among the events. */
  readonly torn: { readonly line: number; readonly text: string } | undefined;
  /** Whether the events' indices were left out or had gaps, so that they were counted from 0 anew. */
  readonly renumbered: boolean;
}

/**
 * Reads a history: one JSON object a line with process, type, f and value; index, time, key, node and error if they are
 * there. Blank lines, CRLF, a byte order mark and a last line without end are fine. Text is not kept, so the file may be
 * larger than the memory for strings.
 * `source` is a path or a stream of bytes; `name` is what messages call it.
 * Throws FaultlineError (usage) `history-file`, `history-json`, `history-line`, `history-order`, `history-encoding` that
 * name file, line and column.
 */
export async function readHistory(source: string | AsyncIterable<Uint8Array | string>, name = typeof source === 'string' ? source : 'standard input'): Promise<ReadResult> {
  const ops: Op[] = [];
  const reader = new OpReader(name);
  for await (const batch of readWith(reader, typeof source === 'string' ? fileChunks(source) : source, name)) for (const op of batch) ops.push(op);
  return { ops, torn: reader.torn, renumbered: reader.renumbered };
}

/** The same a few events at a time, so that memory does not depend on the length. `onTorn` is told at the end. */
export async function* readBatches(chunks: AsyncIterable<Uint8Array | string>, name: string, onTorn: (torn: ReadResult['torn']) => void): AsyncGenerator<readonly Op[]> {
  const reader = new OpReader(name);
  yield* readWith(reader, chunks, name);
  onTorn(reader.torn);
}

async function* readWith(reader: OpReader, chunks: AsyncIterable<Uint8Array | string>, name: string): AsyncGenerator<readonly Op[]> {
  for await (const batch of readLines(chunks, name)) yield batch.flatMap((line) => reader.read(line) ?? []);
}

const CHUNK_BYTES = 256 * 1024;

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield chunk as Uint8Array;
  } catch (error) {
    throw new FaultlineError('history-file', `${path} cannot be read: ${messageOf(error)}`, { kind: 'usage', cause: error, hint: 'Give a history file, a folder of results, or - for standard input.' });
  }
}

/** Turns lines into events, one after the other. */
class OpReader {
  torn: ReadResult['torn'];
  renumbered = false;
  readonly #file: string;
  readonly #texts = new Map<string, string>();
  #count = 0;
  #lastIndex = -1;
  #lastTime = -1;

  constructor(file: string) {
    this.#file = file;
  }

  /** Undefined: a blank or torn line. */
  read(line: Line): Op | undefined {
    if (line.text.trim() === '') return undefined;
    const place = { file: this.#file, line: line.number };
    try {
      return this.#place(parseOpLine(line.text, place), place, line.text);
    } catch (error) {
      if (line.terminated || !(error instanceof FaultlineError) || error.code !== 'history-json') throw error;
      this.torn = { line: line.number, text: line.text.length > 200 ? `${line.text.slice(0, 200)} ...` : line.text };
      return undefined;
    }
  }

  /** Gives the event its place, and makes sure that what it says of its place is not the contrary. */
  #place(line: OpLine, place: LinePlace, text: string): Op {
    assertInOrder(line, this.#lastIndex, this.#lastTime, place, text);
    const index = this.#count++;
    if (line.index !== index) this.renumbered = true;
    this.#lastIndex = line.index ?? this.#lastIndex;
    // Without times, events are one nanosecond apart.
    const time = line.time ?? this.#lastTime + 1;
    this.#lastTime = time;
    return this.#op(line, index, time);
  }

  #op(line: OpLine, index: number, time: number): Op {
    const { process, type, value, key, node, error } = line;
    return {
      index,
      time,
      process: typeof process === 'string' ? this.#shared(process) : process,
      type,
      f: this.#shared(line.f),
      value,
      ...(key === undefined ? undefined : { key: typeof key === 'string' ? this.#shared(key) : key }),
      ...(node === undefined ? undefined : { node: this.#shared(node) }),
      ...(error === undefined ? undefined : { error }),
    };
  }

  /** One copy of each name, instead of one for every line. */
  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
