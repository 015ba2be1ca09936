const NONE = Buffer.alloc(0);
/** Room for the first bytes, and for more than that: files that grow at all mostly grow often. */
const LEAST_BYTES = 64;
const NEXT_BYTES = 4096;
/** Up to so many bytes are copied faster one by one: for more a view has to be made. */
const FEW_BYTES = 64;

/** Bytes that grow at their end, with room for more: an append copies what it brings and nothing else. */
export class Bytes {
  #room = NONE;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Writes bytes at an offset. What lies between the end and that is zero. */
  write(bytes: Buffer, at: number): void {
    if (bytes.length === 0) return;
    const end = at + bytes.length;
    this.#reserve(end);
    // Beyond the length there may be what was cut off.
    if (at > this.#length) this.#room.fill(0, this.#length, at);
    if (bytes.length <= FEW_BYTES) for (let i = 0; i < bytes.length; i++) this.#room[at + i] = bytes[i] as number;
    else this.#room.set(bytes, at);
    this.#length = Math.max(this.#length, end);
  }

  /** Writes a part of others, which has the same place in them. */
  writePart(other: Bytes, from: number, to: number): void {
    const whole = Math.min(to, other.#length);
    if (whole - from > FEW_BYTES || from > this.#length) return this.write(other.view(from, whole), from);
    if (whole <= from) return;
    this.#reserve(whole);
    for (let i = from; i < whole; i++) this.#room[i] = other.#room[i] as number;
    this.#length = Math.max(this.#length, whole);
  }

  /** Cuts, or adds zeros. */
  resize(length: number): void {
    this.#reserve(length);
    if (length > this.#length) this.#room.fill(0, this.#length, length);
    this.#length = length;
  }

  /** The bytes from one offset to another, to be read at once: they are not copied. */
  view(from = 0, to = this.#length): Buffer {
    return this.#room.subarray(from, Math.max(from, Math.min(to, this.#length)));
  }

  #reserve(length: number): void {
    if (length <= this.#room.length) return;
    const before = this.#room.length;
    const room = Buffer.allocUnsafe(Math.max(before === 0 ? LEAST_BYTES : NEXT_BYTES, 2 * before, length));
    this.#room.copy(room, 0, 0, this.#length);
    this.#room = room;
  }
}
