type Counters = Readonly<Record<string, number>>;

/** Counters of the nodes, summed over all nodes and all their lives, as far as they were seen. */
export class CounterTotals {
  /** What each node said last, in its present life. */
  readonly #latest = new Map<string, { readonly life: string | undefined; readonly counters: Counters }>();
  /** Of lives that are over. */
  readonly #past: Counters[] = [];

  /** Takes in what a node says of itself. Counters begin at 0 in each of its lives; where it does not name its life, a counter that has sunk tells of a new one. */
  note(node: string, counters: Counters, life?: string): void {
    const last = this.#latest.get(node);
    if (last !== undefined && (last.life !== life || (life === undefined && hasSunk(counters, last.counters)))) this.#past.push(last.counters);
    this.#latest.set(node, { life, counters });
  }

  /** By name, in the order of the alphabet. At least so much: what a node counted after it was last seen alive is lost with it. */
  totals(): Counters {
    const totals = new Map<string, number>();
    for (const counters of [...this.#past, ...[...this.#latest.values()].map((last) => last.counters)]) {
      for (const [name, value] of Object.entries(counters)) totals.set(name, (totals.get(name) ?? 0) + value);
    }
    return Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function hasSunk(now: Counters, before: Counters): boolean {
  return Object.entries(now).some(([name, value]) => value < (before[name] ?? 0));
}
