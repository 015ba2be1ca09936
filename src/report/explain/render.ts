import { createHash } from 'node:crypto';
import { html, Markup, scriptJson } from '../html/escape.js';
import { PAGE_STYLE } from '../html/page/index.js';
import { plural, printable } from '../text.js';
import { MOST_KEYS, type Explained } from './explained.js';
import { explainData } from './page-data.js';
import { EXPLAIN_SCRIPT, EXPLAIN_STYLE } from './page/index.js';

export interface ExplainOptions {
  /** Whose history it is: a file, or a run in words. */
  readonly title: string;
  /** What was tested. */
  readonly system?: string;
}

/**
 * Why keys are not linearizable, as one HTML file to look at and to step through: it needs no network, and its content security policy
 * lets only the styles and the script written here run. Of more than 50 keys the first 50 are shown. After Porcupine's visualizer
 * (Athalye) and the diagrams of Herlihy and Wing (1990).
 */
export function explainHtml(explained: readonly Explained[], { title, system }: ExplainOptions): string {
  const data = explained.slice(0, MOST_KEYS).map(explainData);
  const body = html`${head(explained, title, system)}
<main class="explain"><div id="view" class="view" hidden>
<section class="picture" aria-label="Operations in time">${toolbar()}
<div class="stage"><div id="gutter" class="gutter" aria-hidden="true"></div><div id="scroller" class="scroller"><div id="diagram"></div></div></div>
<div id="facts" aria-live="polite"></div>
<p id="hidden" class="note"></p>
${legend()}</section>
<aside class="panel" aria-label="One order, step by step"><div id="steps"></div></aside>
</div>
<noscript><p>Without scripts there is only text:</p><ul>${data.map(({ key, message }) => html`<li>${key === '' ? undefined : html`key <code>${key}</code>: `}${message}</li>`)}</ul></noscript></main>
<footer>Keys: <kbd>←</kbd> <kbd>→</kbd> one step, <kbd>Home</kbd> <kbd>End</kbd> first and last, <kbd>n</kbd> <kbd>p</kbd> next and previous operation, <kbd>t</kbd> real time, <kbd>Esc</kbd> back to the longest order. The address holds what is shown, so that it can be passed on.</footer>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${new Markup(EXPLAIN_SCRIPT)}</script>`;
  return page(`Not linearizable – ${printable(title)}`, body);
}

function head(explained: readonly Explained[], title: string, system: string | undefined): Markup {
  const more = explained.length > MOST_KEYS ? html` <span class="note">(the first ${MOST_KEYS} of ${plural(explained.length, 'key')})</span>` : undefined;
  const options = explained.slice(0, MOST_KEYS).map(({ key, core }, i) => html`<option value="${i}">${key === undefined ? 'the only object' : key} – ${plural(core.length, 'operation')} at fault</option>`);
  const selector = explained.length < 2 ? undefined : html`<label class="keys">Key <select id="key">${options}</select>${more}</label>`;
  return html`<header class="explain"><p class="meta">${printable(title)}${system === undefined ? undefined : html` · ${printable(system)}`}</p><div class="verdict invalid"><div class="top"><h1 id="heading">Not linearizable</h1>${selector}</div><p id="sentence"></p><p id="more" class="meta"></p></div></header>`;
}

function toolbar(): Markup {
  return html`<div class="toolbar"><div class="switch" role="group" aria-label="What the axis shows"><button type="button" id="by-order" aria-pressed="true">Order of events</button><button type="button" id="by-time" aria-pressed="false">Real time</button></div><span class="note" id="axis-note"></span></div>`;
}

function legend(): Markup {
  const entries: readonly (readonly [string, string])[] = [
    ['ok', 'succeeded: it took effect at one point of its bar'],
    ['core', 'at fault: impossible together'],
    ['blocked', 'no order can take its result'],
    ['unknown', 'outcome unknown: at any time from here on, or never'],
    ['failed', 'failed: it had no effect'],
    ['point', 'where it takes effect in the order shown'],
  ];
  return html`<div class="legend" aria-label="Legend">${entries.map(([kind, words]) => html`<span><i class="${kind}">${kind === 'point' ? '3' : kind === 'blocked' ? '×' : ''}</i>${words}</span>`)}<span><b>◂</b><b>▸</b>ended before it, began after it: the one pointed at</span></div>`;
}

function page(title: string, body: Markup): string {
  const policy = `default-src 'none'; style-src ${hash(PAGE_STYLE)} ${hash(EXPLAIN_STYLE)}; script-src ${hash(EXPLAIN_SCRIPT)}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${new Markup(PAGE_STYLE)}</style><style>${new Markup(EXPLAIN_STYLE)}</style></head>
<body>${body}</body></html>
`.text;
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
