import type { ContinuousScale } from 'd3-node';
import type { Op } from '../../history/op.js';
import { NS_PER_MS } from '../../time/clock.js';
import { spansOf } from '../spans.js';
import { completedOps, OUTCOME_WORDS, OUTCOMES, type Completed, type Outcome } from './completed.js';
import { drawGrid, drawLegend, frame, SIZE, svgText, type Frame } from './frame.js';

/** Side of a cell in pixels: points within one cell are drawn once, so that a chart of any history stays small. */
const CELL = 5;
/** Of `fail` and `unknown` each one counts: up to so many cells are drawn boldly. */
const RARE = 300;
const FLOOR_MS = 0.01;
const WINDOWS = 60;
/** Fewer operations than this in a window say nothing about its p99. */
const ENOUGH = 10;

/**
 * Latency of every completed operation over the time of its invocation, on a log scale, with the median and the 99th percentile of
 * each 60th of the run. SVG text. Points are gathered in cells (darker: more of them); none is left out, so the slowest is always seen.
 */
export function latencyChart(ops: readonly Op[]): string {
  const completed = completedOps(ops);
  const chart = frame({ title: 'Latency', description: 'Latency of each operation over the time it was asked, on a log scale.' }, spansOf(ops));
  const latencies = completed.map(latencyMs);
  const top = latencies.reduce((most, ms) => Math.max(most, ms), 1);
  const bottom = latencies.reduce((least, ms) => Math.min(least, ms), top / 10);
  const y = chart.node.d3.scaleLog().domain([10 ** Math.floor(Math.log10(bottom)), 10 ** Math.ceil(Math.log10(top * 1.01))]).range([SIZE.height - SIZE.bottom, SIZE.top]);
  drawGrid(chart.svg, decades(y));
  for (const outcome of OUTCOMES) drawPoints(chart, y, completed, outcome);
  drawQuantile(chart, y, completed, 0.5, 'line p50');
  drawQuantile(chart, y, completed, 0.99, 'line p99');
  legend(chart);
  return svgText(chart);
}

function latencyMs({ invoked, ended }: Completed): number {
  return Math.max(FLOOR_MS, (ended - invoked) / NS_PER_MS);
}

function decades(y: ContinuousScale): readonly { readonly y: number; readonly label: string }[] {
  return y
    .ticks(8)
    .filter((ms) => Math.abs(Math.log10(ms) - Math.round(Math.log10(ms))) < 1e-9)
    .map((ms) => ({ y: y(ms), label: ms >= 1000 ? `${ms / 1000} s` : `${ms} ms` }));
}

function drawPoints({ svg, x }: Frame, y: ContinuousScale, completed: readonly Completed[], outcome: Outcome): void {
  const cells = new Map<string, number>();
  for (const point of completed) {
    if (point.outcome !== outcome) continue;
    const cell = `${Math.round(x(point.invoked) / CELL) * CELL} ${Math.round(y(latencyMs(point)) / CELL) * CELL}`;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  const levels = [
    { name: 'faint', holds: (count: number) => count === 1 },
    { name: 'half', holds: (count: number) => count > 1 && count < 6 },
    { name: 'full', holds: (count: number) => count >= 6 },
  ];
  for (const { name, holds } of levels) {
    const path = [...cells].flatMap(([cell, count]) => (holds(count) ? [mark(outcome, ...place(cell))] : [])).join('');
    const bold = outcome !== 'ok' && cells.size <= RARE;
    if (path !== '') svg.append('path').attr('class', bold ? outcome : `${outcome} ${name}`).attr('d', path);
  }
}

function place(cell: string): [number, number] {
  const [x = 0, y = 0] = cell.split(' ').map(Number);
  return [x, y];
}

/** ok: a square; fail: a triangle; unknown: a diamond. */
function mark(outcome: Outcome, x: number, y: number): string {
  switch (outcome) {
    case 'ok': return `M${x - 2} ${y - 2}h4v4h-4z`;
    case 'fail': return `M${x} ${y - 4}l4 7h-8z`;
    case 'info': return `M${x} ${y - 5}l4 5l-4 5l-4 -5z`;
  }
}

function drawQuantile({ svg, x, node, end }: Frame, y: ContinuousScale, completed: readonly Completed[], q: number, name: string): void {
  const windows = Array.from({ length: WINDOWS }, (): number[] => []);
  for (const point of completed) {
    if (point.outcome === 'ok') windows[Math.min(WINDOWS - 1, Math.floor((point.invoked / end) * WINDOWS))]?.push(latencyMs(point));
  }
  let part: [number, number][] = [];
  const parts = [part];
  windows.forEach((window, i) => {
    const sorted = window.sort((a, b) => a - b);
    const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
    if (value !== undefined && sorted.length >= ENOUGH) part.push([x(((i + 0.5) / WINDOWS) * end), y(value)]);
    else parts.push((part = []));
  });
  const path = parts.map((points) => (points.length > 1 ? (node.d3.line()(points.map(([px, py]) => [round(px), round(py)])) ?? '') : '')).join('');
  if (path !== '') svg.append('path').attr('class', name).attr('d', path);
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function legend({ svg }: Frame): void {
  drawLegend(svg, [
    ...OUTCOMES.map((outcome) => ({ label: OUTCOME_WORDS[outcome], sample: (x: number, y: number) => void svg.append('path').attr('class', outcome).attr('d', mark(outcome, x + 12, y + 5)) })),
    { label: 'median', sample: (x, y) => void svg.append('path').attr('class', 'line').attr('d', `M${x} ${y + 5}h18`) },
    { label: 'p99', sample: (x, y) => void svg.append('path').attr('class', 'line p99').attr('d', `M${x} ${y + 5}h18`) },
  ]);
}
