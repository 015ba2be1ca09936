/**
 * A 64-bit fingerprint of a state, in two lanes of 32 bits: every word goes through the finalizer of MurmurHash3 (Appleby) in both, with constants of their own. Different
 * states are taken for the same one if both lanes agree; `collisionOdds` says how likely that was.
 */
export class Fingerprint {
  #low = 0;
  #high = 0;

  /** The lower 32 bits of what was added since `begin`, as an unsigned integer. */
  get low(): number {
    return this.#low >>> 0;
  }

  /** The upper 32 bits. */
  get high(): number {
    return this.#high >>> 0;
  }

  /** Forgets what was added. */
  begin(): void {
    this.#low = 0x243f6a88;
    this.#high = 0x13198a2e;
  }

  /** Adds an integer; only its lower 32 bits count. */
  add(word: number): void {
    let low = this.#low ^ word;
    low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
    low = Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
    this.#low = Math.imul(low ^ (low >>> 16), 5) + 0x6b64;
    let high = this.#high ^ word;
    high = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d);
    high = Math.imul(high ^ (high >>> 12), 0x297a2d39);
    this.#high = Math.imul(high ^ (high >>> 15), 9) + 0x38ed;
  }

  /** Adds a text: its length and its UTF-16 units. */
  addText(text: string): void {
    this.add(text.length);
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }
}

/**
 * How likely it is that two different states had one fingerprint, so that a part of the graph was not seen: the product of new and repeated sightings over 2^64, as TLC
 * estimates it (Lamport, Specifying Systems, 14.4), taking fingerprints to be random.
 */
export function collisionOdds(distinct: number, generated: number): number {
  return Math.min(1, (distinct * Math.max(0, generated - distinct)) / 2 ** 64);
}
