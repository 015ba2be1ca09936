import { createReadStream, statSync } from 'node:fs';
import { FaultlineError, messageOf } from '../../errors.js';
import { readLines } from '../lines.js';
import type { Op } from '../op.js';
import { readBatches, type ReadResult } from '../read-history.js';
import type { ImportOptions } from './assemble.js';
import { detectFormat, SAMPLE_BYTES, type HistoryFormat } from './detect.js';
import { EdnEvents } from './jepsen-edn.js';
import { JsonEvents } from './jepsen-json.js';
import { logEvents, textEvents, type LineEvents } from './jepsen-lines.js';

/** How a history is to be opened. */
export interface OpenOptions {
  /** What messages call it. */
  readonly name: string;
  /** Default: told by how it begins. */
  readonly format?: HistoryFormat;
  /** Values are pairs [key, value]; for all formats but ndjson. */
  readonly keyed?: boolean;
  /** Is told bytes read, and how many there are if that is known, after every piece. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
}

/** A history that is being read. */
export interface OpenedHistory {
  readonly format: HistoryFormat;
  /** Events in order, some at a time. Reading them throws FaultlineError (usage) where the text is malformed. */
  readonly batches: AsyncIterable<readonly Op[]>;
  /** After the batches: the last line, if it was cut off while it was written. */
  torn(): ReadResult['torn'];
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Opens a history of any known format, as a stream: memory does not depend on its length. `source` is a path or a stream of bytes.
 * Throws FaultlineError (usage) `history-file`, `history-format`.
 */
export async function openHistory(source: string | AsyncIterable<Uint8Array | string>, options: OpenOptions): Promise<OpenedHistory> {
  const total = typeof source === 'string' ? sizeOf(source) : undefined;
  const chunks = counted(typeof source === 'string' ? createReadStream(source, { highWaterMark: CHUNK_BYTES }) : source, options, total);
  const { sample, all } = await peeked(chunks[Symbol.asyncIterator]());
  const format = options.format ?? detectFormat(sample, options.name);
  const result: { torn: ReadResult['torn'] } = { torn: undefined };
  return { format, batches: batchesOf(all, format, options, result), torn: () => result.torn };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw new FaultlineError('history-file', `${path} cannot be read: ${messageOf(error)}`, { kind: 'usage', cause: error, hint: 'Give a history file, a folder of results, or - for standard input.' });
  }
}

async function* counted(source: AsyncIterable<Uint8Array | string>, { onProgress, name }: OpenOptions, total: number | undefined): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of source) {
      const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytes += piece.length;
      yield piece;
      onProgress?.(bytes, total);
    }
  } catch (error) {
    if (error instanceof FaultlineError) throw error;
    throw new FaultlineError('history-file', `${name} cannot be read: ${messageOf(error)}`, { kind: 'usage', cause: error, hint: 'Give a history file, a folder of results, or - for standard input.' });
  }
}

/** The first bytes, and all of them again. */
async function peeked(chunks: AsyncIterator<Uint8Array>): Promise<{ readonly sample: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const first: Uint8Array[] = [];
  let [bytes, ended] = [0, false];
  while (bytes < SAMPLE_BYTES && !ended) {
    const next = await chunks.next();
    if (next.done === true) ended = true;
    else {
      first.push(Buffer.from(next.value));
      bytes += next.value.length;
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  return { sample: Buffer.concat(first).subarray(0, SAMPLE_BYTES), all: all() };
}

function batchesOf(chunks: AsyncIterable<Uint8Array>, format: HistoryFormat, options: OpenOptions, result: { torn: ReadResult['torn'] }): AsyncIterable<readonly Op[]> {
  const how: ImportOptions = { source: options.name, ...(options.keyed === undefined ? {} : { keyed: options.keyed }) };
  switch (format) {
    case 'ndjson': return readBatches(chunks, options.name, (torn) => (result.torn = torn));
    case 'edn': return piecewise(chunks, new EdnEvents(how), options.name);
    case 'json': return piecewise(chunks, new JsonEvents(how), options.name);
    case 'jepsen-log': return linewise(chunks, logEvents(how), options.name);
    case 'jepsen-txt': return linewise(chunks, textEvents(how), options.name);
  }
}

async function* piecewise(chunks: AsyncIterable<Uint8Array>, events: EdnEvents | JsonEvents, name: string): AsyncGenerator<readonly Op[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new FaultlineError('history-encoding', `${name}: not UTF-8 text`, { kind: 'usage', cause: error, hint: 'A history is UTF-8 text.' });
    }
  };
  for await (const chunk of chunks) yield [...events.feed(decode(chunk), false)];
  yield [...events.feed(decode(), true)];
}

async function* linewise(chunks: AsyncIterable<Uint8Array>, events: LineEvents, name: string): AsyncGenerator<readonly Op[]> {
  for await (const lines of readLines(chunks, name)) yield lines.flatMap((line) => events.read(line.text, line.number) ?? []);
  events.end();
}
