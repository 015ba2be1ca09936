/** Something that happens on a lane, and the room it wants there. */
export interface Moment {
  readonly lane: string;
  readonly atNs: number;
  /** Pixels that are to be free of other moments of the lane above and below it; 0 if left out. */
  readonly above?: number;
  readonly below?: number;
}

/** A stretch without events that is drawn shorter than it was. */
export interface Break {
  /** The middle of its mark, pixels. */
  readonly y: number;
  readonly lengthNs: number;
}

/** Where moments stand. */
export interface TimeLayout {
  /** Pixels from the top; before the first and after the last moment: where these stand. */
  readonly y: (timeNs: number) => number;
  readonly breaks: readonly Break[];
  /** The different times, in order. */
  readonly timesNs: readonly number[];
  readonly top: number;
  readonly bottom: number;
}

/** Pixels: between two moments of one lane, between any two; the most that a gap takes, and what a break takes. */
const LANE_STEP = 14;
const STEP = 4;
const GAP = 46;
const BREAK = 40;
/** The gap that four of five do not exceed is so high; what exceeds it so many times is broken. */
const USUAL = 24;
const UNUSUAL = 5;

/**
 * Places moments in time downwards from `top`. Order is kept over all lanes: a later moment stands lower, and moments of one time at one height. Lengths
 * follow the clock only between near moments: gaps are cut short, and where a lane is crowded it is stretched. `stretch` multiplies all but the breaks.
 */
export function layOutTime(moments: readonly Moment[], top: number, stretch = 1): TimeLayout {
  const at = byTime(moments);
  const timesNs = [...at.keys()].sort((a, b) => a - b);
  const gaps = timesNs.slice(1).map((time, i) => time - (timesNs[i] ?? time));
  const usualNs = [...gaps].sort((a, b) => a - b)[Math.floor((gaps.length - 1) * 0.8)] ?? 1;
  const free = new Map<string, number>();
  const breaks: Break[] = [];
  const ys: number[] = [];
  timesNs.forEach((time, i) => {
    const here = at.get(time) ?? [];
    const before = ys[i - 1];
    const gapNs = gaps[i - 1] ?? 0;
    const isBreak = gapNs > usualNs * UNUSUAL;
    const gap = isBreak ? BREAK : stretch * Math.min(GAP, Math.max(STEP, (gapNs / usualNs) * USUAL));
    const y = Math.max(before === undefined ? top : before + gap, ...here.map(({ lane, above = 0 }) => (free.get(lane) ?? -Infinity) + above));
    if (isBreak) breaks.push({ y: (y + (before ?? y)) / 2, lengthNs: gapNs });
    for (const { lane, below = 0 } of here) free.set(lane, Math.max(y + Math.max(LANE_STEP * stretch, below), free.get(lane) ?? -Infinity));
    ys.push(y);
  });
  return { y: (timeNs) => between(timesNs, ys, timeNs) ?? top, breaks, timesNs, top, bottom: ys.at(-1) ?? top };
}

function byTime(moments: readonly Moment[]): ReadonlyMap<number, readonly Moment[]> {
  const groups = new Map<number, Moment[]>();
  for (const moment of moments) {
    const group = groups.get(moment.atNs);
    if (group === undefined) groups.set(moment.atNs, [moment]);
    else group.push(moment);
  }
  return groups;
}

/** Linear between the two nearest times. */
function between(times: readonly number[], ys: readonly number[], time: number): number | undefined {
  let [low, high] = [0, times.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle;
  }
  const [t0 = 0, t1 = 0, y0, y1] = [times[low], times[high], ys[low], ys[high]];
  if (y0 === undefined || y1 === undefined || time <= t0) return y0;
  return time >= t1 || t1 === t0 ? y1 : y0 + ((time - t0) / (t1 - t0)) * (y1 - y0);
}
