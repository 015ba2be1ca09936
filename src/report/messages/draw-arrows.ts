import { html, type Markup } from '../html/escape.js';
import { messageText, SECOND_LINE } from './candidates.js';
import { round } from './draw-lanes.js';
import { lossText, type Label, type Labels } from './labels.js';
import { msText, type Arrow, type Scene } from './scene.js';

/** Messages as arrows; those that can have carried an operation at fault last, over the others. `prefix` sets the ids of this diagram apart. */
export function drawArrows({ arrows, story }: Scene, prefix: string): Markup {
  const ordered = [...arrows.filter(({ carries }) => !carries), ...arrows.filter(({ carries }) => carries)];
  return html`<g class="arrows">${ordered.map((arrow) => drawArrow(arrow, story.window, prefix))}</g>`;
}

/** Everything about a message in one line. */
export function arrowText(arrow: Arrow, window: Scene['story']['window']): string {
  const { sentNs, arrivedNs } = arrow.message;
  const end = arrow.fate === 'lost' || arrivedNs === undefined ? `lost: ${lossText(arrow)}` : `arrived ${msText(arrivedNs, window)} ms`;
  return `${arrow.between}: ${messageText(arrow)} (sent ${msText(sentNs, window)} ms, ${end})`;
}

/** The texts of a diagram, and the points at nodes where something is noted. */
export function drawLabels({ labels, points }: Labels, { lanes, time }: Scene): Markup {
  const xOf = new Map(lanes.filter(({ kind }) => kind === 'node').map(({ id, x }) => [id, x]));
  const dots = points.map(({ node, atNs, full }) => html`<circle class="point" cx="${xOf.get(node) ?? 0}" cy="${round(time.y(atNs))}" r="2.6"><title>${full}</title></circle>`);
  return html`<g class="labels">${dots}${labels.map(drawLabel)}</g>`;
}

function drawLabel({ kind, arrows, text, full, x, y, angle, anchor, carries }: Label): Markup {
  const [first, second] = text.split('\n');
  const turn = angle === 0 ? undefined : html` transform="rotate(${round(angle)} ${round(x)} ${round(y)})"`;
  return html`<text class="label ${kind}${carries ? ' carries' : ''}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${turn}${arrows.length === 0 ? undefined : html` data-arrows="${arrows.join(' ')}"`}>${first === full ? undefined : html`<title>${full}</title>`}${first}${second === undefined ? undefined : html`<tspan x="${round(x)}" dy="${SECOND_LINE}">${second}</tspan>`}</text>`;
}

function drawArrow(arrow: Arrow, window: Scene['story']['window'], prefix: string): Markup {
  const { x1, y1, x2, y2, fate, early, late, carries, message, id } = arrow;
  const length = Math.max(1, Math.hypot(x2 - x1, y2 - y1));
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [tipX, tipY] = fate === 'lost' ? [x2, y2] : [x2 - dx * 5, y2 - dy * 5];
  const line = `M${round(x1)} ${round(y1)}L${round(tipX)} ${round(tipY)}`;
  const end = fate === 'lost'
    ? html`<path class="cross" d="M${round(x2 - 4.5)} ${round(y2 - 4.5)}l9 9m0 -9l-9 9"/>`
    : html`<path class="tip" d="M${round(tipX)} ${round(tipY)}L${round(tipX - dx * 8 - dy * 3.6)} ${round(tipY - dy * 8 + dx * 3.6)}L${round(tipX - dx * 8 + dy * 3.6)} ${round(tipY - dy * 8 - dx * 3.6)}z"/>`;
  const outside = [...(early ? [[x1, y1] as const] : []), ...(late ? [[x2, y2] as const] : [])].map(([x, y]) => html`<circle class="open" cx="${round(x)}" cy="${round(y)}" r="3"/>`);
  const ends = [[x1, y1], [x2, y2]].map(([x = 0, y = 0]) => html`<circle class="end" cx="${round(x)}" cy="${round(y)}" r="8"/>`);
  const kinds = [fate, ...(carries ? ['carries'] : []), ...(message.routine === true ? ['routine'] : [])].join(' ');
  return html`<g class="arrow ${kinds}" id="${prefix}${id}" tabindex="-1"><title>${arrowText(arrow, window)}</title><path class="reach" d="${line}"/><path class="line" d="${line}"/>${end}${outside}${ends}</g>`;
}
