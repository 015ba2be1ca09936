/** Counters of the nodes, summed over all nodes and all their lives, as far as they were seen. */
export class CounterTotals {
  readonly #seen = new Map<string, { readonly life: string | undefined; readonly counters: Readonly<Record<string, number>> }>();
  readonly #totals = new Map<string, number>();

  /** Takes in what a node says of itself. Counters begin at 0 in each of its lives; without `life`, a counter that has sunk tells of a new one. */
  note(node: string, counters: Readonly<Record<string, number>>, life?: string): void {
    const last = this.#seen.get(node);
    const before = last === undefined || last.life !== life || hasSunk(counters, last.counters) ? NONE : last.counters;
    for (const name in counters) {
      const more = (counters[name] ?? 0) - (before[name] ?? 0);
      if (more !== 0 || !this.#totals.has(name)) this.#totals.set(name, (this.#totals.get(name) ?? 0) + more);
    }
    this.#seen.set(node, { life, counters });
  }

  /** By name, in the order of the alphabet. At least so much: what a node counted after it was last seen alive is lost with it. */
  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#totals].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const NONE: Readonly<Record<string, number>> = {};

function hasSunk(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): boolean {
  for (const name in now) if ((now[name] ?? 0) < (before[name] ?? 0)) return true;
  return false;
}
