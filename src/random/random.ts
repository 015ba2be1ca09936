/**
 * Seeded random numbers. One seed decides every choice of a run; `fork(label)` gives an independent stream for a part,
 * so that one part drawing more or fewer numbers does not change what another part draws.
 */
export class Random {
  readonly #key: number;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  private constructor(key: number) {
    this.#key = key >>> 0;
    // sfc32 (PractRand), seeded by a mixed counter.
    this.#a = mix32(this.#key ^ 0x9e3779b9);
    this.#b = mix32(this.#a ^ 0x243f6a88);
    this.#c = mix32(this.#b ^ 0xb7e15162);
    this.#d = 1;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  static fromSeed(seed: number | string): Random {
    return new Random(hashString(String(seed)));
  }

  /** An independent stream, the same for the same label however much this one was used. */
  fork(label: string | number): Random {
    return new Random(mix32(this.#key ^ mix32(hashString(String(label)))));
  }

  uint32(): number {
    const t = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t | 0;
    return t >>> 0;
  }

  /** Uniform in [0, 1). */
  float(): number {
    return (this.uint32() * 0x200000 + (this.uint32() >>> 11)) / 2 ** 53;
  }

  /** Uniform integer in [0, bound). */
  int(bound: number): number {
    if (!(bound >= 1)) throw new RangeError(`Random.int: bound must be at least 1, is ${bound}`);
    return Math.floor(this.float() * bound);
  }

  /** Exponentially distributed with the given mean. */
  exponential(mean: number): number {
    return -Math.log(1 - this.float()) * mean;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('Random.pick: nothing to pick from');
    return items[this.int(items.length)] as T;
  }

  /** A new array in random order. */
  shuffle<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  }
}

/** FNV-1a over UTF-16 units, finished by mix32. */
export function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

/** A bijective scrambler of 32-bit integers (the finalizer of MurmurHash3). */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
