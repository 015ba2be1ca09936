/** The value of a key that was taken, and more than any other value may be. */
const TAKEN = 2 ** 30;

/** An array of integers below 2^30 of which ranges can be raised, and the small ones taken out: each for a logarithm of its length. */
export class MinTree {
  readonly #leaves: number;
  /** By node: the least value below it, without what its ancestors add. */
  readonly #least: Int32Array;
  /** By node: what it adds to all below it; it is in `least` of the node itself already. */
  readonly #plus: Int32Array;

  constructor(values: Int32Array) {
    const leaves = (this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, values.length))));
    const least = (this.#least = new Int32Array(2 * leaves).fill(TAKEN));
    this.#plus = new Int32Array(leaves);
    least.set(values, leaves);
    for (let node = leaves - 1; node > 0; node--) least[node] = Math.min(least[2 * node] as number, least[2 * node + 1] as number);
  }

  /** Adds to the values of the keys from `from` to `to`, both included. */
  add(from: number, to: number, delta: number): void {
    this.#add(1, 0, this.#leaves - 1, from, to, delta);
  }

  /** Takes out the keys from `from` to `to` whose values are below the limit, and puts them into `out`, ascending. */
  takeBelow(limit: number, from: number, to: number, out: number[]): void {
    this.#take(1, 0, this.#leaves - 1, from, to, limit, out);
  }

  #add(node: number, low: number, high: number, from: number, to: number, delta: number): void {
    if (to < low || high < from) return;
    const inner = node < this.#leaves;
    if (from <= low && high <= to) {
      this.#least[node] = (this.#least[node] as number) + delta;
      if (inner) this.#plus[node] = (this.#plus[node] as number) + delta;
      return;
    }
    const middle = (low + high) >> 1;
    this.#add(2 * node, low, middle, from, to, delta);
    this.#add(2 * node + 1, middle + 1, high, from, to, delta);
    this.#update(node);
  }

  /** `limit`: less what the ancestors add. */
  #take(node: number, low: number, high: number, from: number, to: number, limit: number, out: number[]): void {
    if (to < low || high < from || (this.#least[node] as number) >= limit) return;
    if (node >= this.#leaves) {
      this.#least[node] = TAKEN;
      out.push(low);
      return;
    }
    const middle = (low + high) >> 1;
    const rest = limit - (this.#plus[node] as number);
    this.#take(2 * node, low, middle, from, to, rest, out);
    this.#take(2 * node + 1, middle + 1, high, from, to, rest, out);
    this.#update(node);
  }

  #update(node: number): void {
    this.#least[node] = Math.min(this.#least[2 * node] as number, this.#least[2 * node + 1] as number) + (this.#plus[node] as number);
  }
}
