/**
 * Leaves out as much of a list as can be left out while the test still holds of what remains: parts first, ever smaller ones, then single items (delta debugging, Zeller and Hildebrandt, TSE 2002).
 * `first` gives the index of the first of several candidates for which the test holds, or -1: so that they can be tried side by side. The list itself must hold.
 */
export async function ddmin<T>(items: readonly T[], first: (candidates: readonly (readonly T[])[]) => Promise<number>): Promise<readonly T[]> {
  let kept = items;
  if (kept.length > 0 && (await first([[]])) === 0) return [];
  for (let parts = 2; kept.length >= 2; ) {
    const size = Math.ceil(kept.length / parts);
    const chunks = Array.from({ length: Math.ceil(kept.length / size) }, (_, i) => [i * size, (i + 1) * size] as const);
    const without = chunks.map(([from, to]) => [...kept.slice(0, from), ...kept.slice(to)]);
    const found = await first(without);
    if (found >= 0) {
      kept = without[found] ?? kept;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return kept;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}
