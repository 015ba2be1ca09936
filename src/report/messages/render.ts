import { createHash } from 'node:crypto';
import type { StoredAnomaly } from '../../store/schema.js';
import { html, Markup } from '../html/escape.js';
import { PAGE_STYLE } from '../html/page/index.js';
import { plural, printable } from '../text.js';
import { drawScene, drawStickyHead } from './diagram.js';
import { eventTable } from './event-list.js';
import type { MessagesInput } from './input.js';
import { observations } from './observations.js';
import { legend } from './page/legend.js';
import { MESSAGES_SCRIPT } from './page/script.js';
import { MESSAGES_STYLE } from './page/style.js';
import { msText, sceneOf, type Scene } from './scene.js';
import { storyOf } from './story.js';
import { DIAGRAM_STYLE } from './style.js';

export interface MessagesOptions {
  /** Whose messages they are: a run in words. */
  readonly title: string;
  /** What was tested. */
  readonly system?: string;
}

/** So many anomalies get a diagram; the others only their sentence. */
const MOST_DIAGRAMS = 4;

const HOW_TO_READ = html`<details open><summary>How to read it</summary><p>Time runs downwards, a lane for each node and each client that matters. Start at the boxes with a thick border: they are what the finding names. Follow the thick arrows from and to them, and look at which node takes itself for the leader meanwhile, who is cut off from whom, and which messages were lost.</p>${legend()}</details>`;

/**
 * Who sent what to whom around each anomaly, as one HTML file that needs no network: the finding, a diagram, and the same events as a table. Its content security
 * policy lets only the styles and the script written here run, by their hash. Of more than four anomalies the first four are drawn. Throws FaultlineError
 * `history-pairing` for a history that is none.
 */
export function messagesHtml(input: MessagesInput, { title, system }: MessagesOptions): string {
  const drawn = input.anomalies.length === 0 ? [undefined] : input.anomalies.slice(0, MOST_DIAGRAMS);
  const sections = drawn.map((anomaly, i) => section(sceneOf(storyOf(input, anomaly)), i));
  const others = input.anomalies.slice(MOST_DIAGRAMS);
  const rest = others.length === 0 ? undefined : html`<section><div class="text"><h2>${others.length} more, without a diagram</h2><ul>${others.map(({ kind, message }) => html`<li><strong>${kind}</strong>: ${printable(message)}</li>`)}</ul></div></section>`;
  const body = html`<header class="messages"><p class="meta">${printable(title)}${system === undefined ? undefined : html` · ${printable(system)}`}</p><h1>Who sent what to whom</h1>${drawn.length < 2 ? undefined : html`<nav aria-label="Findings">${drawn.map((anomaly, i) => html`<a href="#d${i}">${anomaly?.kind}${anomaly?.key === undefined ? '' : ` on ${anomaly.key}`}</a>`)}</nav>`}</header>
<main class="messages">${sections}${rest}<p id="said" class="said" aria-live="polite">Point at an arrow to see all of it, or press <kbd>↓</kbd> <kbd>↑</kbd> in the diagram to go from message to message.</p></main>
<footer class="messages">Times are milliseconds of the run's clock. This page needs no network.</footer>
<script>${new Markup(MESSAGES_SCRIPT)}</script>`;
  return page(`Messages – ${printable(title)}`, body);
}

function section(scene: Scene, number: number): Markup {
  const { anomaly, window } = scene.story;
  const prefix = `d${number}-`;
  const facts = observations(scene.story);
  const stretch = `Shown: ${msText(window.fromNs, window)} to ${msText(window.toNs, window)} ms, from the moment that ${window.since}. ${plural(scene.arrows.length, 'message')}.`;
  return html`<section id="d${number}"><div class="text">${anomaly === undefined ? html`<h2>Nothing was found to be wrong</h2>` : html`<h2>${anomaly.kind}${anomaly.key === undefined ? undefined : html` on key <code>${anomaly.key}</code>`}</h2><p class="sentence">${linked(anomaly, scene, prefix)}</p>`}${facts.length === 0 ? undefined : html`<ul class="facts-of">${facts.map((fact) => html`<li>${fact}</li>`)}</ul>`}${number === 0 ? HOW_TO_READ : undefined}<p class="note">${printable(stretch)}</p></div>
<div class="picture" data-prefix="${prefix}" tabindex="0" role="group" aria-label="Diagram of messages; arrow keys go from message to message"><div class="over">${drawStickyHead(scene)}</div>${drawScene(scene, prefix, number === 0)}</div>
<div class="text"><details${number === 0 ? html` open` : undefined}><summary>The same events as a table</summary>${eventTable(scene, prefix)}</details></div></section>`;
}

/** An anomaly's sentence, its events linked to their operations in the diagram. */
function linked({ message }: StoredAnomaly, { boxes }: Scene, prefix: string): Markup {
  const boxOf = new Map(boxes.flatMap(({ id, operation: { invoke, completion } }) => [[invoke.index, id] as const, ...(completion === undefined ? [] : [[completion.index, id] as const])]));
  const parts = printable(message).split(/(#\d+)/);
  return html`${parts.map((part) => {
    const box = /^#\d+$/.test(part) ? boxOf.get(Number(part.slice(1))) : undefined;
    return box === undefined ? html`${part}` : html`<a href="#${prefix}${box}">${part}</a>`;
  })}`;
}

function page(title: string, body: Markup): string {
  const policy = `default-src 'none'; style-src ${hash(PAGE_STYLE)} ${hash(DIAGRAM_STYLE)} ${hash(MESSAGES_STYLE)}; script-src ${hash(MESSAGES_SCRIPT)}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${new Markup(PAGE_STYLE)}</style><style>${new Markup(MESSAGES_STYLE)}</style></head>
<body>${body}</body></html>
`.text;
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
