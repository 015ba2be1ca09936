/** A frame: length (u32, big-endian) and so many bytes of UTF-8 JSON. A larger one is an error of the sender. */
export const MAX_FRAME_BYTES = 32 * 1024 * 1024;
const HEADER = 4;

export function encodeFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEADER + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, HEADER);
  return frame;
}

/** Cuts a stream of chunks into frames. Throws RangeError for a frame above the limit. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  /** Takes a chunk and gives the texts of the frames that are whole now. */
  push(chunk: Buffer): readonly string[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const texts: string[] = [];
    for (;;) {
      const length = this.#peekLength();
      if (length === undefined || this.#size < HEADER + length) return texts;
      const bytes = this.#joined();
      texts.push(bytes.toString('utf8', HEADER, HEADER + length));
      this.#chunks = [bytes.subarray(HEADER + length)];
      this.#size -= HEADER + length;
    }
  }

  #peekLength(): number | undefined {
    if (this.#size < HEADER) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < HEADER) this.#joined();
    const length = this.#chunks[0]?.readUInt32BE(0) ?? 0;
    if (length > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${length} bytes; at most ${MAX_FRAME_BYTES} are taken`);
    return length;
  }

  #joined(): Buffer {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }
}
