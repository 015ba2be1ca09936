import type { Bounds } from './nesting.js';

/** Most attempts to leave something out, and most elements they may judge in all. */
const LIMITS = { attempts: 500, elements: 1_000_000 };

/**
 * Some of the elements that are impossible together already: ever smaller parts are left out as long as the rest stays impossible. With the
 * limits not reached, none of the result can be left out. `impossible` gives elements that are impossible by themselves, if there are any.
 */
export function shrink(bounds: Bounds, elements: readonly number[], impossible: (bounds: Bounds) => readonly number[] | undefined): readonly number[] {
  let kept = elements;
  let [attempts, judged] = [0, 0];
  for (let part = Math.ceil(kept.length / 2); part > 0; part = part === 1 ? 0 : Math.ceil(part / 2)) {
    for (let from = 0; from < kept.length && kept.length > 1; ) {
      if (++attempts > LIMITS.attempts || (judged += kept.length) > LIMITS.elements) return kept;
      const rest = kept.toSpliced(from, part);
      const found = impossible(compact(bounds, rest));
      if (found === undefined) from += part;
      else kept = found.map((at) => rest[at] as number);
    }
  }
  return kept;
}

/** The bounds of some elements, with ranks for positions. */
function compact({ comesFrom, cameBy, goesFrom, goneBy }: Bounds, elements: readonly number[]): Bounds {
  const columns = [comesFrom, cameBy, goesFrom, goneBy].map((column) => elements.map((element) => column[element] as number));
  const positions = [...new Set(columns.flat())].sort((a, b) => a - b);
  const ranks = new Map(positions.map((position, rank) => [position, rank]));
  const [comes, came, goes, gone] = columns.map((column) => Int32Array.from(column, (position) => ranks.get(position) ?? 0)) as [Int32Array, Int32Array, Int32Array, Int32Array];
  return { comesFrom: comes, cameBy: came, goesFrom: goes, goneBy: gone };
}
