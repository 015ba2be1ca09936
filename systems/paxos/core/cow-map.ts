/**
 * A map that can be kept as it is at one moment, at no cost then, while it goes on changing: what changes after `freeze` is put beside it until `thaw`. Values must not be changed in
 * place.
 */
export class CowMap<K, V> {
  readonly #base = new Map<K, V>();
  /** What has changed since it was frozen; undefined: deleted. */
  #changes: Map<K, V | undefined> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    return this.#changes?.has(key) === true ? this.#changes.get(key) : this.#base.get(key);
  }

  set(key: K, value: V): void {
    if (this.get(key) === undefined) this.#size++;
    (this.#changes ?? this.#base).set(key, value);
  }

  delete(key: K): void {
    if (this.get(key) === undefined) return;
    this.#size--;
    if (this.#changes === undefined) this.#base.delete(key);
    else this.#changes.set(key, undefined);
  }

  /** The entries as they are now, in no particular order. */
  *[Symbol.iterator](): IterableIterator<[K, V]> {
    const changes = this.#changes;
    for (const entry of this.#base) if (changes?.has(entry[0]) !== true) yield entry;
    for (const [key, value] of changes ?? []) if (value !== undefined) yield [key, value];
  }

  /** The map as it is now and, in the view that is given, stays until `thaw`. There is one such view at a time. */
  freeze(): ReadonlyMap<K, V> {
    if (this.#changes !== undefined) throw new Error('the map is frozen already');
    this.#changes = new Map();
    return this.#base;
  }

  /** Ends the view; takes as long as there were changes meanwhile. */
  thaw(): void {
    const changes = this.#changes;
    this.#changes = undefined;
    for (const [key, value] of changes ?? []) {
      if (value === undefined) this.#base.delete(key);
      else this.#base.set(key, value);
    }
  }
}
