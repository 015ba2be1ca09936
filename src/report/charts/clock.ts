import type { ContinuousScale } from 'd3-node';
import type { Op } from '../../history/op.js';
import { clocksNote } from '../notes.js';
import { spansOf, type FaultSpan } from '../spans.js';
import { drawGrid, drawLegend, frame, seriesClass, SIZE, svgText, type Frame } from './frame.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** The scale is linear up to here: what answers vary by anyway is to look small. */
const LINEAR_MS = 20;
const TICKS_MS = [20, 100, SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, 2 * HOUR_MS, 24 * HOUR_MS, 30 * 24 * HOUR_MS];
/** Labels of the scale stand at least so far apart, pixels; there is as much room for tags above and below the lines. */
const LABEL_PX = 16;
/** So many nodes have a line in the key. */
const KEYED = 12;
/** A fault is named if its band has so many pixels for each character of the name. */
const CHAR_PX = 5.5;
/** Tags are given to clocks this far off, and stand so many pixels apart. */
const TAGGED_MS = 40;
const TAG_PX = 13;

/** What a node's clock showed from a time on (nanoseconds of the run); undefined: it did not answer. */
interface Reading {
  readonly time: number;
  readonly offsetMs: number | undefined;
}

/**
 * How far each node's wall clock was ahead of the controller's over time, on a scale that is linear up to 20 ms and logarithmic from there. SVG text; undefined of
 * a history that does not tell. A line breaks off where its node gave no answer.
 */
export function clockChart(ops: readonly Op[]): string | undefined {
  const readings = readingsOf(ops);
  if (readings.size === 0) return undefined;
  const spans = spansOf(ops);
  const faults = spans.faults.filter(({ nemesis }) => nemesis === 'clock');
  const chart = frame({ title: 'Clock offsets', description: 'How far the wall clock of each node is ahead of the controller over time, on a logarithmic scale either way of zero.', shaded: 'a clock fault in force' }, { ...spans, faults });
  const y = scaleFor(chart, [...readings.values()].flat());
  drawScale(chart, y);
  nameFaults(chart, faults);
  [...readings.values()].forEach((own, i) => chart.svg.append('path').attr('class', `series ${seriesClass(i)}`).attr('d', lineOf(chart, y, own)));
  drawTags(chart, y, readings, faults);
  legend(chart, [...readings.keys()]);
  return svgText(chart);
}

/** By node, in the order of their names; a node is without answer in every note that leaves it out. */
function readingsOf(ops: readonly Op[]): ReadonlyMap<string, readonly Reading[]> {
  const notes = ops.flatMap((op) => {
    const offsets = clocksNote(op);
    return offsets === undefined ? [] : [{ time: op.time, offsets }];
  });
  const nodes = [...new Set(notes.flatMap(({ offsets }) => Object.keys(offsets)))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return new Map(nodes.map((node) => [node, notes.map(({ time, offsets }) => ({ time, offsetMs: offsets[node] }))]));
}

function scaleFor({ node }: Frame, readings: readonly Reading[]): ContinuousScale {
  const bound = (sign: 1 | -1): number => readings.reduce((most, { offsetMs = 0 }) => Math.max(most, sign * offsetMs), LINEAR_MS);
  return node.d3.scaleSymlog().constant(LINEAR_MS).domain([-bound(-1), bound(1)]).range([SIZE.height - SIZE.bottom - LABEL_PX, SIZE.top + LABEL_PX]);
}

function drawScale({ svg }: Frame, y: ContinuousScale): void {
  const [top, bottom] = [SIZE.top, SIZE.height - SIZE.bottom];
  const ahead = TICKS_MS.reduce<readonly number[]>((ticks, ms) => (Math.abs(y(ms) - y(ticks.at(-1) ?? 0)) >= LABEL_PX ? [...ticks, ms] : ticks), []);
  const both = [0, ...ahead, ...ahead.map((ms) => -ms)].filter((ms) => y(ms) >= top && y(ms) <= bottom);
  drawGrid(svg, both.map((ms) => ({ y: y(ms), label: ms === 0 ? '0' : offsetText(ms) })));
  svg.append('path').attr('class', 'zero').attr('d', `M${SIZE.left} ${y(0).toFixed(1)}H${SIZE.width - SIZE.right}`);
}

/** The kind of each fault above its band, as far as there is room. */
function nameFaults({ svg, x }: Frame, faults: readonly FaultSpan[]): void {
  let free = 0;
  for (const { from, to, note } of faults) {
    const [left, room] = [x(from), note.kind.length * CHAR_PX];
    if (left < free || x(to) - left < room * 0.6 || left + room > SIZE.width) continue;
    free = left + room + CHAR_PX / 2;
    svg.append('text').attr('class', 'kind').attr('x', left.toFixed(1)).attr('y', SIZE.top - 5).text(note.kind);
  }
}

/** Steps: a clock is taken to show what it showed until the next note. Of the readings within a pixel the first, the extremes and the last are drawn. */
function lineOf({ x, end }: Frame, y: ContinuousScale, readings: readonly Reading[]): string {
  let path = '';
  let on = false;
  for (const column of columnsOf(readings, x)) {
    for (const { px, offsetMs } of column) {
      if (offsetMs === undefined) {
        if (on) path += `H${px}`;
      } else {
        path += on ? `H${px}V${y(offsetMs).toFixed(1)}` : `M${px} ${y(offsetMs).toFixed(1)}`;
      }
      on = offsetMs !== undefined;
    }
  }
  return on ? `${path}H${Math.round(x(end))}` : path;
}

type Point = Reading & { readonly px: number };

function columnsOf(readings: readonly Reading[], x: ContinuousScale): readonly (readonly Point[])[] {
  const columns: Point[][] = [];
  for (const { time, offsetMs } of readings) {
    const point = { time, offsetMs, px: Math.round(x(time)) };
    const column = columns.at(-1);
    if (column?.[0]?.px === point.px) column.push(point);
    else columns.push([point]);
  }
  return columns.map(thinned);
}

function thinned(column: readonly Point[]): readonly Point[] {
  if (column.length <= 4) return column;
  const shown = column.filter((point) => point.offsetMs !== undefined).sort((a, b) => (a.offsetMs ?? 0) - (b.offsetMs ?? 0));
  return [column[0], shown[0], shown.at(-1), column.at(-1)].flatMap((point) => point ?? []);
}

/** Names each node whose clock a fault sets wrong, with how far, where it was furthest off. Of a fault whose band is narrow: none. */
function drawTags({ svg, x }: Frame, y: ContinuousScale, readings: ReadonlyMap<string, readonly Reading[]>, faults: readonly FaultSpan[]): void {
  for (const { from, to } of faults) {
    if (x(to) - x(from) < 5 * CHAR_PX) continue;
    const furthest = [...readings].flatMap(([name, own], number) => {
      const { time, offsetMs = 0 } = furthestOf(own.filter((one) => one.time >= from && one.time <= to));
      return Math.abs(offsetMs) < TAGGED_MS ? [] : [{ number, text: `${name} ${offsetText(offsetMs)}`, px: x(time), py: y(offsetMs) + (offsetMs > 0 ? -5 : 13) }];
    });
    let free = -Infinity;
    for (const { number, text, px, py } of furthest.sort((a, b) => a.py - b.py)) {
      const line = Math.max(py, free, SIZE.top + 10);
      free = line + TAG_PX;
      const width = text.length * CHAR_PX + 4;
      const left = px + width > SIZE.width - SIZE.right || (px + width > x(to) && px - width > x(from) - width / 3);
      svg.append('text').attr('class', `tag ${seriesClass(number)}`).attr('x', (left ? px - 4 : px + 4).toFixed(1)).attr('y', line.toFixed(1)).attr('text-anchor', left ? 'end' : 'start').text(text);
    }
  }
}

/** The first reading that is about as far from zero as any. */
function furthestOf(readings: readonly Reading[]): Reading {
  const most = readings.reduce((size, { offsetMs = 0 }) => Math.max(size, Math.abs(offsetMs)), 0);
  return readings.find(({ offsetMs = 0 }) => Math.abs(offsetMs) >= most * 0.95) ?? { time: 0, offsetMs: 0 };
}

function legend({ svg }: Frame, nodes: readonly string[]): void {
  const keyed = nodes.slice(0, KEYED).map((label, i) => ({ label, sample: (x: number, top: number) => void svg.append('path').attr('class', `series ${seriesClass(i)}`).attr('d', `M${x} ${top + 5}h18`) }));
  drawLegend(svg, nodes.length <= KEYED ? keyed : [...keyed, { label: `and ${nodes.length - KEYED} more`, sample: () => undefined }]);
}

/** `+2.5 s`, `−80 ms`, `+1.4 min`; zero without a sign. */
function offsetText(ms: number): string {
  const size = Math.abs(ms);
  const [unit, word] = size < SECOND_MS ? [1, 'ms'] : size < MINUTE_MS ? [SECOND_MS, 's'] : size < 2 * HOUR_MS ? [MINUTE_MS, 'min'] : size < 24 * HOUR_MS ? [HOUR_MS, 'h'] : [24 * HOUR_MS, 'd'];
  const figure = size / unit;
  return `${ms > 0 ? '+' : ms < 0 ? '−' : ''}${unit === 1 || figure >= 10 ? Math.round(figure) : Math.round(figure * 10) / 10} ${word}`;
}
