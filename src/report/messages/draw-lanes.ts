import { html, type Markup } from '../html/escape.js';
import { stateUnder } from '../spans.js';
import { plural, printable, showMs } from '../text.js';
import { NS_PER_MS } from '../../time/clock.js';
import { SIZE, msText, type PlacedLane, type Scene } from './scene.js';
import { fit } from './text-width.js';
import type { Life } from './lives.js';

/** Pixels between two times on the axis. */
const TICK = 15;

/** The names of the lanes, and what the nodes are when the window begins. */
export function drawHead({ lanes, story, width }: Scene): Markup {
  const first = new Map([...story.lives].reverse().map((life) => [life.node, life]));
  const name = ({ id, kind, label, x }: PlacedLane): Markup => {
    const room = kind === 'client' ? SIZE.client : SIZE.narrowNode - 20;
    const life = kind === 'node' ? first.get(id) : undefined;
    const state = life === undefined || life.news !== '' ? '' : [life.process === 'running' ? '' : life.process, life.role].filter((word) => word !== '').map(printable).join(', ');
    return html`<text class="name" x="${kind === 'client' ? x - SIZE.client / 2 : x}" y="20"><title>${label}</title>${fit(printable(label), room, 14)}</text>${state === '' ? undefined : html`<text class="state" x="${x}" y="36">${fit(state, room, 10.5)}</text>`}`;
  };
  const faults = story.faults.length === 0 ? undefined : html`<text class="state" x="${SIZE.axis + SIZE.faults / 2}" y="20">${plural(story.faults.length, 'fault')}</text>`;
  return html`<rect class="paper" width="${width}" height="${SIZE.head}"/><text class="tick" x="${SIZE.axis - 12}" y="20">ms</text>${lanes.map(name)}${faults}<path class="head-line" d="M0 ${SIZE.head - 0.5}H${width}"/>`;
}

/** Real times at the left, with marks where time is cut short. Times that matter come first where there is no room for all. */
export function drawAxis({ story, time, width }: Scene): Markup {
  const { fromNs, toNs } = story.window;
  const main = new Set([
    ...story.operations.filter(({ atFault }) => atFault).flatMap(({ operation: { invoke, completion } }) => [invoke.time, completion?.time ?? invoke.time]),
    ...story.faults.flatMap(({ from, to, ended }) => (ended ? [from, to] : [from])),
    ...story.lives.filter(({ news }) => news !== '').map((life) => life.fromNs),
  ].filter((ns) => ns >= fromNs && ns <= toNs));
  const ys: number[] = time.breaks.map(({ y }) => y);
  const ticks = [...[...main].sort((a, b) => a - b), ...time.timesNs].flatMap((ns) => {
    const y = time.y(ns);
    if (ys.some((other) => Math.abs(other - y) < TICK)) return [];
    ys.push(y);
    return [html`<path class="grid" d="M${SIZE.axis - 8} ${round(y)}H${width}"/><text class="${main.has(ns) ? 'tick main' : 'tick'}" x="${SIZE.axis - 12}" y="${round(y + 4)}">${msText(ns, story.window)}</text>`];
  });
  const breaks = time.breaks.map(({ y, lengthNs }) => html`<path class="break" d="${zigzag(y, SIZE.axis - 6, width)}"/><text class="gap" x="${SIZE.axis - 12}" y="${round(y + 4)}">${showMs(lengthNs / NS_PER_MS)}<title>nothing shown for ${showMs(lengthNs / NS_PER_MS)}</title></text>`);
  return html`<g class="axis">${ticks}${breaks}</g>`;
}

/** Every lane over the whole window: clients as a rail, nodes by what they live through, on what faults do to them. */
export function drawLanes({ lanes, story, time, bands, top, bottom }: Scene): Markup {
  const nodes = story.lanes.filter(({ kind }) => kind === 'node').map(({ id }) => id);
  const xOf = new Map(lanes.filter(({ kind }) => kind === 'node').map(({ id, x }) => [id, x]));
  const rails = lanes.filter(({ kind }) => kind === 'client').map(({ x }) => html`<path class="client" d="M${x} ${top}V${round(bottom)}"/>`);
  const tints = bands.flatMap(({ fault, y1, y2 }) => nodes.flatMap((node) => {
    const state = stateUnder(fault, node, nodes);
    return state === undefined || state === 'killed' || state === 'paused' ? [] : [html`<rect class="${state.replace(' ', '-')}" x="${(xOf.get(node) ?? 0) - 15}" y="${round(y1)}" width="30" height="${round(y2 - y1)}"><title>${node}: ${state} (${fault.label})</title></rect>`];
  }));
  const lives = story.lives.map((life) => {
    const y1 = life.fromNs === story.window.fromNs ? top : time.y(life.fromNs);
    const y2 = life.toNs === story.window.toNs ? bottom : time.y(life.toNs);
    return drawLife(life, xOf.get(life.node) ?? 0, y1, y2);
  });
  return html`<g class="lanes">${tints}${rails}${lives}</g>`;
}

function drawLife(life: Life, x: number, y1: number, y2: number): Markup {
  const title = html`<title>${life.node}: ${life.process}${life.role === '' ? '' : `, ${life.role}`}</title>`;
  const [from, to, height] = [round(y1), round(y2), round(y2 - y1)];
  if (life.process === 'stopped') return html`<g>${title}<path class="life stopped" d="M${x} ${from}V${to}"/><path class="stop" d="M${x - 9} ${from}h18"/></g>`;
  if (life.process === 'paused') return html`<g>${title}<path class="life" d="M${x} ${from}V${to}"/><rect class="paper" x="${x - 6}" y="${from}" width="12" height="${height}"/><rect class="life paused" x="${x - 6}" y="${from}" width="12" height="${height}"/></g>`;
  if (life.role === 'candidate') return html`<g>${title}<rect class="life candidate" x="${x - 4}" y="${from}" width="8" height="${height}"/></g>`;
  return html`<path class="life${life.role === 'leader' ? ' leader' : ''}" d="M${x} ${from}V${to}">${title}</path>`;
}

function zigzag(y: number, from: number, to: number): string {
  let path = `M${from} ${round(y)}`;
  for (let x = from, up = true; x < to; x += 12, up = !up) path += `l12 ${up ? -5 : 5}`;
  return path;
}

/** Pixels to a tenth. */
export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
