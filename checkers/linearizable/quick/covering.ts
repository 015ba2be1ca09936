/** Gaps between positions, which become covered one zone after the other; the gap of a position follows it. */
export class Covering {
  /** By gap: itself if it is bare, else a later one, on the way to the next that is bare. */
  readonly #next: Int32Array;

  /** `gaps`: how many there are, all bare. */
  constructor(gaps: number) {
    this.#next = Int32Array.from({ length: gaps + 1 }, (_, gap) => gap);
  }

  /** Covers the gaps between two positions. */
  cover(from: number, to: number): void {
    for (let gap = this.#bareFrom(from); gap < to; gap = this.#bareFrom(gap)) this.#next[gap] = gap + 1;
  }

  /** Whether all gaps between two positions are covered. */
  covered(from: number, to: number): boolean {
    return this.#bareFrom(from) >= to;
  }

  #bareFrom(from: number): number {
    const next = this.#next;
    let bare = from;
    while (next[bare] !== bare) bare = next[bare] as number;
    for (let gap = from; gap !== bare; ) {
      const following = next[gap] as number;
      next[gap] = bare;
      gap = following;
    }
    return bare;
  }
}

/** Of the elements, the least number whose zones (from cameBy to goesFrom) cover everything from one position to another; they do together. In order of time. */
export function coverOf({ cameBy, goesFrom }: { readonly cameBy: Int32Array; readonly goesFrom: Int32Array }, elements: ArrayLike<number>, from: number, to: number): readonly number[] {
  const sorted = Array.from(elements)
    .filter((element) => (cameBy[element] as number) < to && (goesFrom[element] as number) > Math.max(from, cameBy[element] as number))
    .sort((a, b) => (cameBy[a] as number) - (cameBy[b] as number));
  const chosen: number[] = [];
  let reached = from;
  for (let i = 0; reached < to && i < sorted.length; ) {
    let best = sorted[i] as number;
    for (; i < sorted.length && (cameBy[sorted[i] as number] as number) <= reached; i++) {
      const element = sorted[i] as number;
      if ((goesFrom[element] as number) > (goesFrom[best] as number)) best = element;
    }
    chosen.push(best);
    reached = goesFrom[best] as number;
  }
  return chosen;
}
