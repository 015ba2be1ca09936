/** How many operations of every class of indeterminate ones a configuration has used: vectors of counts as small integers. */
export class Uses {
  readonly none = 0;
  readonly #classes: number;
  readonly #vectors: Uint32Array[];
  readonly #ids = new Map<number | string, number>();
  readonly #more: Map<number, number> = new Map();
  /** The vector as one number, its counts as digits of different bases: what one more of a class adds. Undefined: it would not fit a double. */
  readonly #weights: readonly number[] | undefined;
  readonly #codes: number[] = [0];

  /** `sizes`: how many operations each class has. */
  constructor(sizes: readonly number[]) {
    this.#classes = sizes.length;
    this.#vectors = [new Uint32Array(sizes.length)];
    const weights: number[] = [];
    let weight = 1;
    for (const size of sizes) {
      weights.push(weight);
      weight *= size + 1;
    }
    this.#weights = weight <= Number.MAX_SAFE_INTEGER ? weights : undefined;
    this.#ids.set(this.#weights === undefined ? String(this.#vectors[0]) : 0, 0);
  }

  /** How many of a class the vector has used. */
  of(vector: number, index: number): number {
    return vector === this.none ? 0 : ((this.#vectors[vector] as Uint32Array)[index] as number);
  }

  /** The vector with one more use of the class. */
  plusOne(vector: number, index: number): number {
    const edge = vector * this.#classes + index;
    const known = this.#more.get(edge);
    if (known !== undefined) return known;
    const counts = new Uint32Array(this.#vectors[vector] as Uint32Array);
    counts[index] = (counts[index] as number) + 1;
    const code = this.#weights === undefined ? 0 : (this.#codes[vector] as number) + (this.#weights[index] as number);
    const id = this.#idOf(this.#weights === undefined ? String(counts) : code, counts, code);
    this.#more.set(edge, id);
    return id;
  }

  #idOf(key: number | string, counts: Uint32Array, code: number): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#vectors.length);
    this.#codes.push(code);
    return this.#vectors.push(counts) - 1;
  }

  /** Whether `a` uses no more of any class than `b`. */
  atMost(a: number, b: number): boolean {
    if (a === b || a === this.none) return true;
    const left = this.#vectors[a] as Uint32Array;
    const right = this.#vectors[b] as Uint32Array;
    for (let i = 0; i < left.length; i++) if ((left[i] as number) > (right[i] as number)) return false;
    return true;
  }

  /** Memory in use, roughly; bytes. */
  get bytes(): number {
    return this.#vectors.length * (100 + 10 * this.#classes);
  }
}
