const FIRST_CAPACITY = 1 << 12;
const STRIDE = 3;
/** The parent of a state to begin with. */
export const NO_PARENT = 0xffffffff;

/**
 * The fingerprints of all states seen, numbered in the order in which they were first seen, and the state that each was first reached from. Open addressing with linear probing over
 * typed arrays: 20 to 40 bytes a state, whatever the states themselves take.
 */
export class StateTable {
  /** By number: low, high, parent. */
  #records = new Uint32Array(FIRST_CAPACITY * STRIDE);
  /** Numbers of states, plus one; 0: free. Twice as many as there are records at least. */
  #places = new Uint32Array(FIRST_CAPACITY * 2);
  #size = 0;

  /** States seen. */
  get size(): number {
    return this.#size;
  }

  /** Bytes taken. */
  get bytes(): number {
    return this.#records.byteLength + this.#places.byteLength;
  }

  /** Notes a state; false if it was seen before. A new one gets the next number, from 0. */
  add(low: number, high: number, parent: number): boolean {
    const records = this.#records;
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const taken = places[place] as number;
      if (taken === 0) {
        places[place] = this.#size + 1;
        break;
      }
      const at = (taken - 1) * STRIDE;
      if (records[at] === low && records[at + 1] === high) return false;
    }
    const at = this.#size++ * STRIDE;
    records[at] = low;
    records[at + 1] = high;
    records[at + 2] = parent;
    if (this.#size * STRIDE === records.length) this.#grow();
    return true;
  }

  /** Whether the state of a number has this fingerprint. */
  is(number: number, low: number, high: number): boolean {
    return this.#records[number * STRIDE] === low && this.#records[number * STRIDE + 1] === high;
  }

  /** The number of the state that it was first reached from, or NO_PARENT. */
  parentOf(number: number): number {
    return this.#records[number * STRIDE + 2] ?? NO_PARENT;
  }

  #grow(): void {
    const records = new Uint32Array(this.#records.length * 2);
    records.set(this.#records);
    this.#records = records;
    const places = new Uint32Array(this.#places.length * 2);
    const mask = places.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let place = (records[number * STRIDE] as number) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
    this.#places = places;
  }
}
