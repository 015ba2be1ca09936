const EMPTY = -1;
const FIELDS = 3;

/**
 * Numbers for texts that are met as bytes again and again: a text is decoded the first time only. Texts are plain ASCII without
 * escapes, so that their bytes are their characters.
 */
export class TextIds {
  readonly #idOf: (text: string) => number;
  #arena = Buffer.alloc(4096);
  #used = 0;
  /** By entry: where its bytes begin in the arena, how many there are, its number. */
  #entries = new Int32Array(64 * FIELDS);
  #size = 0;
  #buckets = new Int32Array(128).fill(EMPTY);

  /** `idOf` gives the number of a text that was not met before. */
  constructor(idOf: (text: string) => number) {
    this.#idOf = idOf;
  }

  /** The number of the text at bytes[from, to). */
  of(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#buckets.length - 1;
    let bucket = hash(bytes, from, to) & mask;
    for (;;) {
      const entry = this.#buckets[bucket] as number;
      if (entry === EMPTY) return this.#add(bytes, from, to, bucket);
      if (this.#is(entry, bytes, from, to)) return this.#entries[entry * FIELDS + 2] as number;
      bucket = (bucket + 1) & mask;
    }
  }

  #is(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (this.#entries[entry * FIELDS + 1] !== length) return false;
    const at = this.#entries[entry * FIELDS] as number;
    for (let i = 0; i < length; i++) if (this.#arena[at + i] !== bytes[from + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, bucket: number): number {
    const length = to - from;
    while (this.#used + length > this.#arena.length) this.#arena = Buffer.concat([this.#arena], 2 * this.#arena.length);
    this.#arena.set(bytes.subarray(from, to), this.#used);
    const entry = this.#size++;
    if ((entry + 1) * FIELDS > this.#entries.length) {
      const wider = new Int32Array(2 * this.#entries.length);
      wider.set(this.#entries);
      this.#entries = wider;
    }
    const id = this.#idOf(this.#arena.toString('latin1', this.#used, this.#used + length));
    this.#entries.set([this.#used, length, id], entry * FIELDS);
    this.#used += length;
    this.#buckets[bucket] = entry;
    if (2 * this.#size > this.#buckets.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const buckets = new Int32Array(2 * this.#buckets.length).fill(EMPTY);
    const mask = buckets.length - 1;
    for (let entry = 0; entry < this.#size; entry++) {
      const from = this.#entries[entry * FIELDS] as number;
      let bucket = hash(this.#arena, from, from + (this.#entries[entry * FIELDS + 1] as number)) & mask;
      while (buckets[bucket] !== EMPTY) bucket = (bucket + 1) & mask;
      buckets[bucket] = entry;
    }
    this.#buckets = buckets;
  }
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
