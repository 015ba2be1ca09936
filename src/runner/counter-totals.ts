/** Counters of the nodes, summed over all nodes and all their lives, as far as they were seen. */
export class CounterTotals {
  readonly #seen = new Map<string, { readonly life: string | undefined; readonly counters: Readonly<Record<string, number>> }>();
  readonly #totals = new Map<string, number>();

  /** Takes in what a node says of itself. Counters begin at 0 in each of its lives; without `life`, a counter that has sunk tells of a new one. */
  note(node: string, counters: Readonly<Record<string, number>>, life?: string): void {
    const last = this.#seen.get(node);
    const isNew = last === undefined || last.life !== life || Object.entries(counters).some(([name, value]) => value < (last.counters[name] ?? 0));
    for (const [name, value] of Object.entries(counters)) {
      const before = isNew ? 0 : (last.counters[name] ?? 0);
      this.#totals.set(name, (this.#totals.get(name) ?? 0) + value - before);
    }
    this.#seen.set(node, { life, counters });
  }

  /** By name, in the order of the alphabet. At least so much: what a node counted after it was last seen alive is lost with it. */
  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#totals].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
