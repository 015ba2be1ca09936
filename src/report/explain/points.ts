/** When an operation runs, in any unit of order. Without an end it may take effect at any time after its beginning. */
export interface Interval {
  readonly begin: number;
  readonly end?: number;
}

/**
 * Where each operation of an order takes effect: strictly increasing, each within its interval. Units are those of the intervals, whole numbers; all
 * lie before `until`. An operation may not come before what began first in the order, nor after what ended; of the gaps between those the
 * middle one is taken, and points in one gap share it evenly. An order that breaks real time has no such points; then intervals give way.
 */
export function pointsOf(order: readonly Interval[], until: number): readonly number[] {
  const gaps = gapsOf(order, until);
  const shares = new Map<number, number>();
  for (const gap of gaps) shares.set(gap, (shares.get(gap) ?? 0) + 1);
  const taken = new Map<number, number>();
  return gaps.map((gap) => {
    const place = (taken.get(gap) ?? 0) + 1;
    taken.set(gap, place);
    return gap + place / ((shares.get(gap) ?? 0) + 1);
  });
}

function gapsOf(order: readonly Interval[], until: number): readonly number[] {
  const latest: number[] = [];
  for (let i = order.length - 1, least = until; i >= 0; i--) {
    least = Math.min(least, order[i]?.end ?? until);
    latest[i] = least;
  }
  let earliest = -Infinity;
  return order.map(({ begin }, i) => {
    earliest = Math.max(earliest, begin);
    return Math.max(earliest, Math.floor((earliest + (latest[i] ?? until) - 1) / 2));
  });
}
