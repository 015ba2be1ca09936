import { html, type Markup } from '../html/escape.js';
import { faultWords } from '../notes.js';
import { printable, wrap } from '../text.js';
import { round } from './draw-lanes.js';
import { linksText } from './links.js';
import { msText, SIZE, type FaultBand, type Scene } from './scene.js';

const LINE = 13;
const COLUMN = 10;
const MOST_LINES = 7;

/** The faults beside the axis: a bar for each while it is in force, with what it is and which links it cuts, and lines across where it begins and ends. */
export function drawFaults(scene: Scene): Markup {
  const columns = columnsOf(scene.bands);
  const textX = SIZE.axis + (Math.max(0, ...columns) + 1) * COLUMN + 8;
  let free = -Infinity;
  return html`${scene.bands.map((band, i) => {
    const x = SIZE.axis + (columns[i] ?? 0) * COLUMN;
    const lines = linesOf(band, scene, SIZE.axis + SIZE.faults - 8 - textX);
    const y = Math.max(band.y1 + 10, free);
    free = y + lines.length * LINE + 8;
    const edges = [...(band.begins ? [band.y1] : []), ...(band.ends ? [band.y2] : [])].map((at) => html`<path class="edge" d="M${x} ${round(at)}H${scene.width}"/>`);
    return html`<g class="fault"><title>${printable(`${band.fault.label}${linksOf(band, scene, ': ')}`)}</title>${edges}<rect class="band" x="${x}" y="${round(band.y1)}" width="6" height="${round(band.y2 - band.y1)}"/>${lines.map((line, n) => html`<text class="${n === 0 ? 'strong' : ''}" x="${textX}" y="${round(y + n * LINE)}">${line}</text>`)}</g>`;
  })}`;
}

function linesOf(band: FaultBand, { story }: Scene, width: number): readonly string[] {
  const { fault } = band;
  const nodes = story.lanes.filter(({ kind }) => kind === 'node').map(({ id }) => id);
  const links = linksText(fault.note.grudge, nodes);
  const name = faultWords(fault.nemesis, links === '' ? fault.note : { kind: fault.note.kind });
  const room = Math.floor(width / 5.7);
  const since = band.begins ? '' : `since ${msText(fault.from, story.window)} ms`;
  const lines = [name, links, since].flatMap((text) => wrap(printable(text), room));
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), '…'] : lines;
}

function linksOf({ fault }: FaultBand, { story }: Scene, before: string): string {
  const links = linksText(fault.note.grudge, story.lanes.filter(({ kind }) => kind === 'node').map(({ id }) => id));
  return links === '' ? '' : `${before}${links}`;
}

/** Faults that are in force together stand side by side. */
function columnsOf(bands: readonly FaultBand[]): readonly number[] {
  const until: number[] = [];
  return bands.map(({ y1, y2 }) => {
    const free = until.findIndex((y) => y <= y1);
    const column = free === -1 ? until.length : free;
    until[column] = y2;
    return column;
  });
}
