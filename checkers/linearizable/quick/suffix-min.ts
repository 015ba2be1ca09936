/** Values put at keys, of which the least beyond a key is asked; each for a logarithm of the number of keys. */
export class SuffixMin {
  readonly #keys: number;
  /** By node of a Fenwick tree over the keys, counted from the end: the least value, and who put it. */
  readonly #value: Int32Array;
  readonly #who: Int32Array;

  /** Keys are from 0 to `keys` - 1. */
  constructor(keys: number) {
    this.#keys = keys;
    this.#value = new Int32Array(keys + 1).fill(2 ** 31 - 1);
    this.#who = new Int32Array(keys + 1);
  }

  put(key: number, value: number, who: number): void {
    for (let node = this.#keys - key; node <= this.#keys; node += node & -node) {
      if ((this.#value[node] as number) <= value) continue;
      this.#value[node] = value;
      this.#who[node] = who;
    }
  }

  /** Who put the least value at a key above `key`; `otherwise` if nobody. */
  leastAbove(key: number, otherwise: number): number {
    let value = 2 ** 31 - 1;
    let who = otherwise;
    for (let node = this.#keys - key - 1; node > 0; node -= node & -node) {
      if ((this.#value[node] as number) >= value) continue;
      value = this.#value[node] as number;
      who = this.#who[node] as number;
    }
    return who;
  }
}
