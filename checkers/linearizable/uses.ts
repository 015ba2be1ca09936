/** How many operations of every class of indeterminate ones a configuration has used: vectors of counts as small integers. */
export class Uses {
  readonly none = 0;
  readonly #classes: number;
  readonly #vectors: Uint32Array[];
  readonly #ids = new Map<string, number>();
  readonly #more: Map<number, number> = new Map();

  constructor(classes: number) {
    this.#classes = classes;
    this.#vectors = [new Uint32Array(classes)];
    this.#ids.set(String(this.#vectors[0]), 0);
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
    const counts = Uint32Array.from(this.#vectors[vector] ?? []);
    counts[index] = (counts[index] ?? 0) + 1;
    const key = String(counts);
    const id = this.#ids.get(key) ?? this.#vectors.push(counts) - 1;
    this.#ids.set(key, id);
    this.#more.set(edge, id);
    return id;
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
