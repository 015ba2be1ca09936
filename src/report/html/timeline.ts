import { html, type Markup } from './escape.js';
import { OUTCOME_NAMES } from './operations.js';
import type { PageData } from './page-data.js';

/** So many keys are offered in the filter's list; others can be typed. */
const KEYS_OFFERED = 500;

/** The place of the timeline: its controls, the canvas and what is said of the chosen operation. The page's script fills it. */
export function timelineSection(data: PageData): Markup {
  const names = (ids: readonly number[]): readonly string[] => [...new Set(ids)].flatMap((id) => data.strings[id] ?? []).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const options = (values: readonly string[]): Markup => html`<option value="">all</option>${values.map((value) => html`<option value="${value}">${value}</option>`)}`;
  return html`<section id="timeline"><h2>Timeline</h2>
<div class="controls">
<label>operation<select id="filter-f">${options(names(data.f))}</select></label>
<label>outcome<select id="filter-outcome">${options(OUTCOME_NAMES)}</select></label>
<label>key<input id="filter-key" list="keys" autocomplete="off" placeholder="all"></label><datalist id="keys">${names(data.key).slice(0, KEYS_OFFERED).map((key) => html`<option value="${key}"></option>`)}</datalist>
<label>process<input id="filter-process" inputmode="numeric" autocomplete="off" placeholder="all"></label>
<button type="button" id="zoom-in">Zoom in</button><button type="button" id="zoom-out">Zoom out</button><button type="button" id="zoom-all">Whole run</button>
<span class="meta" id="matched" role="status"></span></div>
<div class="key" aria-hidden="true"><span><i></i>ok</span><span><i class="fail"></i>fail: certainly no effect</span><span><i class="unknown"></i>unknown: may take effect later too</span><span><i class="open"></i>never completed</span><span>▼ named by a finding</span></div>
<div class="stage" id="stage"><canvas id="timeline-canvas" tabindex="0" role="application" aria-label="Timeline of ${data.invoke.length} operations by client, with faults, nodes and leaders above" aria-describedby="timeline-keys"></canvas><div id="tip" hidden></div></div>
<p class="note" id="timeline-keys">Drag to move, Ctrl and wheel or double-click to zoom, click an operation to keep its words below. Keys: ← → move, + − zoom, 0 whole run, n and p next and previous operation, a next finding, Esc clears. A client row holds processes that follow each other.</p>
<p id="said" role="status"></p>
<noscript><p>The timeline needs the script in this page; everything else stands without it.</p></noscript></section>`;
}
