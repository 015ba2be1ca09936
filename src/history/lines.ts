import { isUtf8 } from 'node:buffer';
import { FaultlineError } from '../errors.js';

/** A line longer than this is refused: it is no event, and must not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

export interface Line {
  readonly text: string;
  /** From 1; blank lines count. */
  readonly number: number;
  /** Whether a newline ended it. Only the last line may have none. */
  readonly terminated: boolean;
}

/**
 * The lines of a stream of UTF-8 without their ends (LF or CRLF) and without a byte order mark, a block at a time, holding
 * no more than a block and a line. Throws FaultlineError (usage) `history-encoding` and `history-line-length` that name
 * file and line.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array | string>, file: string): AsyncGenerator<readonly Line[]> {
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let number = 1;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const lines = split(Buffer.concat([...tail, bytes.subarray(0, end)]), number, file);
      yield lines;
      number += lines.length;
      tail = [];
      tailBytes = 0;
    }
    if (end === bytes.length) continue;
    // A copy: the stream may reuse its buffer.
    tail.push(Buffer.from(bytes.subarray(end)));
    tailBytes += bytes.length - end;
    if (tailBytes > MAX_LINE_BYTES) {
      throw new FaultlineError('history-line-length', `${file}:${number}: longer than ${MAX_LINE_BYTES / 1024 / 1024} MiB`, { kind: 'usage', hint: 'A history has one event a line.' });
    }
  }
  if (tailBytes === 0) return;
  const last = Buffer.concat(tail);
  // A torn last line may end inside a character.
  yield [{ text: clean(last.toString('utf8'), number), number, terminated: false }];
}

/** Splits a block that ends with a newline. */
function split(block: Buffer, first: number, file: string): readonly Line[] {
  if (!isUtf8(block)) throw encodingError(block, first, file);
  const texts = block.toString('utf8').split('\n');
  texts.pop();
  return texts.map((text, i) => ({ text: clean(text, first + i), number: first + i, terminated: true }));
}

function clean(text: string, number: number): string {
  const end = text.endsWith('\r') ? text.length - 1 : text.length;
  return text.slice(number === 1 && text.startsWith(BYTE_ORDER_MARK) ? 1 : 0, end);
}

function encodingError(block: Buffer, first: number, file: string): FaultlineError {
  let number = first;
  for (let from = 0; from < block.length; number++) {
    const end = block.indexOf(NEWLINE, from) + 1;
    if (!isUtf8(block.subarray(from, end))) break;
    from = end;
  }
  const zipped = first === 1 && ((block[0] === 0x1f && block[1] === 0x8b) || (block[0] === 0x28 && block[1] === 0xb5));
  return new FaultlineError('history-encoding', `${file}:${number}: not UTF-8 text`, {
    kind: 'usage',
    hint: zipped ? 'The file is compressed: unpack it first.' : 'A history is UTF-8 text with one JSON object a line.',
  });
}
