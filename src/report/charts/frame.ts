import { D3Node } from 'd3-node';
import type { ContinuousScale, SvgSelection } from 'd3-node';
import { NS_PER_S } from '../../time/clock.js';
import type { Spans } from '../spans.js';

/** Size of a chart in pixels, and the room around its plot. */
export const SIZE = { width: 960, height: 330, left: 64, right: 16, top: 40, bottom: 46 } as const;

/** Colors of lines that stand beside each other, on light and on dark paper: those of Okabe and Ito without yellow, somewhat darker where white paper asks for it. */
const SERIES = [['#0072b2', '#56b4e9'], ['#c23b00', '#ff8a5c'], ['#00805c', '#2fc795'], ['#a8467f', '#e79bc6'], ['#8a6200', '#e6b000'], ['#1b1f24', '#e6edf3'], ['#2b8fc7', '#9ad2f5']] as const;

/** Classes of the line of a number: first by color, then also by dashes. */
export function seriesClass(number: number): string {
  return [`s${number % SERIES.length}`, ['', ' second', ' third'][Math.floor(number / SERIES.length) % 3]].join('');
}

/**
 * The look of every chart, light and dark. Colors after Okabe and Ito, "Color Universal Design" (2008); outcomes also differ in
 * shape or dash. All rules are below `.fl-chart`, so that a page may hold the chart too.
 */
export const CHART_STYLE = [
  '.fl-chart{--paper:#fff;--ink:#1b1f24;--soft:#57606a;--grid:#d9dee3;--band:#7a5ea8;--ok:#0072b2;--fail:#9a6a00;--info:#c23b00;font:12px system-ui,sans-serif}',
  '@media (prefers-color-scheme:dark){.fl-chart{--paper:#0d1117;--ink:#e6edf3;--soft:#9aa4af;--grid:#30363d;--band:#b79be6;--ok:#56b4e9;--fail:#e6b000;--info:#ff8a5c}}',
  '.fl-chart text{fill:var(--soft)}.fl-chart .title{fill:var(--ink);font-weight:600;font-size:14px}',
  '.fl-chart .grid{stroke:var(--grid);fill:none}.fl-chart .band{fill:var(--band);opacity:.13}.fl-chart .edge{stroke:var(--band);stroke-width:3}',
  '.fl-chart .ok{fill:var(--ok)}.fl-chart .fail{fill:var(--fail)}.fl-chart .info{fill:var(--info)}',
  '.fl-chart .line{fill:none;stroke-width:1.8;stroke:var(--ink)}.fl-chart .line.ok{stroke:var(--ok)}.fl-chart .line.fail{stroke:var(--fail);stroke-dasharray:6 3}.fl-chart .line.info{stroke:var(--info);stroke-dasharray:2 2}',
  '.fl-chart .zero{stroke:var(--soft);fill:none}.fl-chart text.tag{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;font-size:11px}.fl-chart text.kind{font-size:10px}.fl-chart .series{fill:none;stroke-width:2}.fl-chart .series.second{stroke-dasharray:7 3}.fl-chart .series.third{stroke-dasharray:2 2}',
  ...SERIES.map(([light], i) => `.fl-chart .series.s${i}{stroke:${light}}.fl-chart text.s${i}{fill:${light}}`),
  `@media (prefers-color-scheme:dark){${SERIES.map(([, dark], i) => `.fl-chart .series.s${i}{stroke:${dark}}.fl-chart text.s${i}{fill:${dark}}`).join('')}}`,
  '.fl-chart .p99{stroke-dasharray:5 3}.fl-chart .faint{opacity:.35}.fl-chart .half{opacity:.65}',
].join('\n');

/** An SVG to draw in, with its time axis. */
export interface Frame {
  readonly svg: SvgSelection;
  readonly node: D3Node;
  /** Nanoseconds to pixels. */
  readonly x: ContinuousScale;
  readonly end: number;
}

/** What stands on a chart besides its plot. */
export interface FrameText {
  readonly title: string;
  /** For people who cannot see it. */
  readonly description: string;
  /** What the bands are; `a fault in force` if left out. */
  readonly shaded?: string;
}

/** An entry of a chart's key: it draws its own sample in a box of 18 by 10 pixels at (x, y). */
export interface LegendEntry {
  readonly label: string;
  readonly sample: (x: number, y: number) => void;
}

/** Begins a chart: title, time axis in seconds, and a band for each fault in force. */
export function frame({ title, description, shaded = 'a fault in force' }: FrameText, spans: Spans): Frame {
  const node = new D3Node();
  const end = Math.max(spans.end, 1);
  const svg = node.createSVG(SIZE.width, SIZE.height, { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: 'img', class: 'fl-chart', 'aria-label': `${title}. ${description}` });
  svg.append('style').text(CHART_STYLE);
  svg.append('text').attr('class', 'title').attr('x', SIZE.left).attr('y', 18).text(title);
  const x = node.d3.scaleLinear().domain([0, end]).range([SIZE.left, SIZE.width - SIZE.right]);
  drawFaults(svg, x, spans);
  drawTimeAxis(svg, x, node.d3.scaleLinear().domain([0, end / NS_PER_S]).ticks(10), shaded);
  return { svg, node, x, end };
}

/** Text of the finished chart: a stand-alone SVG file. */
export function svgText({ node }: Frame): string {
  return node.svgString();
}

/** Horizontal lines with their labels left of the plot. */
export function drawGrid(svg: SvgSelection, ticks: readonly { readonly y: number; readonly label: string }[]): void {
  const right = SIZE.width - SIZE.right;
  svg.append('path').attr('class', 'grid').attr('d', ticks.map(({ y }) => `M${SIZE.left} ${y.toFixed(1)}H${right}`).join(''));
  for (const { y, label } of ticks) svg.append('text').attr('x', SIZE.left - 8).attr('y', (y + 4).toFixed(1)).attr('text-anchor', 'end').text(label);
}

/** The key of a chart, right of its title. */
export function drawLegend(svg: SvgSelection, entries: readonly LegendEntry[]): void {
  let x = 250;
  for (const { label, sample } of entries) {
    sample(x, 9);
    svg.append('text').attr('x', x + 24).attr('y', 18).text(label);
    x += 40 + label.length * 6.6;
  }
}

function drawFaults(svg: SvgSelection, x: ContinuousScale, { faults }: Spans): void {
  const bottom = SIZE.height - SIZE.bottom;
  const group = svg.append('g');
  for (const { from, to, label } of faults.slice(0, 200)) {
    const width = Math.max(1, x(to) - x(from));
    const band = group.append('g');
    band.append('title').text(label);
    band.append('rect').attr('class', 'band').attr('x', x(from).toFixed(1)).attr('y', SIZE.top).attr('width', width.toFixed(1)).attr('height', bottom - SIZE.top);
    band.append('path').attr('class', 'edge').attr('d', `M${x(from).toFixed(1)} ${SIZE.top}h${width.toFixed(1)}`);
  }
}

function drawTimeAxis(svg: SvgSelection, x: ContinuousScale, ticks: readonly number[], shaded: string): void {
  const bottom = SIZE.height - SIZE.bottom;
  svg.append('path').attr('class', 'grid').attr('d', ticks.map((tick) => `M${x(tick * NS_PER_S).toFixed(1)} ${SIZE.top}V${bottom + 4}`).join(''));
  for (const tick of ticks) svg.append('text').attr('x', x(tick * NS_PER_S).toFixed(1)).attr('y', bottom + 18).attr('text-anchor', 'middle').text(String(tick));
  svg.append('text').attr('x', (SIZE.left + SIZE.width - SIZE.right) / 2).attr('y', SIZE.height - 8).attr('text-anchor', 'middle').text(`time in seconds; shaded: ${shaded}`);
}
