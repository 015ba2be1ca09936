import { html, type Markup } from '../html/escape.js';
import { printable } from '../text.js';
import { messageText } from './candidates.js';
import { callText, endText } from './draw-operations.js';
import { lossText } from './labels.js';
import { msText, type Scene } from './scene.js';

interface Row {
  readonly atNs: number;
  readonly kind: string;
  readonly where: string;
  readonly what: string;
  readonly outcome: string;
  /** Id of what it is in the diagram, if it is one thing there. */
  readonly target?: string;
  readonly atFault?: boolean;
}

/** The events of a diagram as a table, in order of time: for search, and for those who do not see the diagram. */
export function eventTable(scene: Scene, prefix: string): Markup {
  const rows = rowsOf(scene);
  const { window } = scene.story;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Events of the diagram"><table class="events"><thead><tr><th scope="col" class="n">ms</th><th scope="col">kind</th><th scope="col">where</th><th scope="col">what</th><th scope="col">outcome</th></tr></thead><tbody>${rows.map(({ atNs, kind, where, what, outcome, target, atFault }) => html`<tr${atFault === true ? html` class="at-fault"` : undefined}${target === undefined ? undefined : html` data-target="${prefix}${target}"`}><td class="n">${target === undefined ? msText(atNs, window) : html`<a href="#${prefix}${target}">${msText(atNs, window)}</a>`}</td><td>${kind}</td><td>${printable(where)}</td><td><code>${what}</code></td><td>${outcome}</td></tr>`)}</tbody></table></div>`;
}

function rowsOf({ story, arrows, boxes, bands }: Scene): readonly Row[] {
  const { window } = story;
  const rows: Row[] = [
    ...bands.flatMap(({ fault: { from, to, label, ended } }) => [{ atNs: from, kind: 'fault', where: '', what: printable(label), outcome: 'begins' }, ...(ended && to <= window.toNs ? [{ atNs: to, kind: 'fault', where: '', what: printable(label), outcome: 'ends' }] : [])]),
    ...boxes.flatMap(({ operation, atFault, lane, id, ends }) => {
      const common = { where: `client ${lane}`, target: id, atFault };
      const { invoke, completion } = operation;
      const call = callText(operation);
      return [{ ...common, atNs: invoke.time, kind: 'invocation', what: `#${invoke.index} ${call}`, outcome: '' }, ...(ends && completion !== undefined ? [{ ...common, atNs: completion.time, kind: 'completion', what: `#${completion.index} ${call}`, outcome: endText(operation) }] : [])];
    }),
    ...arrows.map((arrow) => {
      const { sentNs, arrivedNs } = arrow.message;
      return { atNs: sentNs, kind: 'message', where: arrow.between, what: messageText(arrow), outcome: arrow.fate === 'lost' || arrivedNs === undefined ? `lost: ${lossText(arrow)}` : `arrives at ${msText(arrivedNs, window)}`, target: arrow.id };
    }),
    ...story.lives.filter(({ news }) => news !== '').map(({ node, fromNs, news }) => ({ atNs: fromNs, kind: 'state', where: node, what: printable(news), outcome: '' })),
    ...story.notes.map(({ node, atNs, text }) => ({ atNs, kind: 'note', where: node, what: printable(text), outcome: '' })),
  ];
  return rows.sort((a, b) => a.atNs - b.atNs);
}
