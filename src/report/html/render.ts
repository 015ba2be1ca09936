import { createHash } from 'node:crypto';
import type { Op } from '../../history/op.js';
import type { StoredPlan, StoredResults, StoredRun } from '../../store/schema.js';
import { CHART_STYLE, clockChart, latencyChart, throughputChart } from '../charts/index.js';
import { spansOf } from '../spans.js';
import { showCount, showMs } from '../text.js';
import { verdictWords } from '../verdict.js';
import { findingsSection } from './anomalies.js';
import { html, Markup, scriptJson } from './escape.js';
import { operationsOf } from './operations.js';
import { pageData } from './page-data.js';
import { PAGE_SCRIPT, PAGE_STYLE } from './page/index.js';
import { exercisedSection, faultsSection, filesSection, nodesSection, operationsTable, planSection } from './tables.js';
import { timelineSection } from './timeline.js';

/** A stored run: all that a report is made of. */
export interface ReportInput {
  readonly plan: StoredPlan;
  readonly run: StoredRun;
  readonly results: StoredResults;
  /** The whole history. */
  readonly ops: readonly Op[];
  /** Name of the page beside the report that explains the findings; undefined: there is none. */
  readonly explanation?: string;
  /** Name of the page beside the report that shows who sent what to whom; undefined: there is none. */
  readonly messages?: string;
}

/**
 * The report of a run as one HTML file that needs no network. Its content security policy lets only the styles and the script written here run,
 * by their hash. Throws FaultlineError `history-pairing` for a history that is none.
 */
export function renderHtml({ plan, run, results, ops, explanation, messages }: ReportInput): string {
  const operations = operationsOf(ops);
  const data = pageData(operations, spansOf(ops), results);
  const clocks = clockChart(ops);
  const body = html`${head(results, plan, run, operations.list.length, clocks !== undefined)}<main>
${troubles(results)}${findingsSection(results, operations, { explanation, messages })}
${timelineSection(data)}
<section id="charts"><h2>Latency and throughput</h2>${chart(latencyChart(ops))}${chart(throughputChart(ops))}${operationsTable(results)}</section>
${clocksSection(clocks)}
${faultsSection(results)}
${nodesSection(results)}
${exercisedSection(results)}
${planSection(plan, run, results)}
${filesSection({ explanation, messages }, clocks !== undefined)}
</main><footer>faultline ${run.version}. This page holds the whole history and needs no network.</footer>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${new Markup(PAGE_SCRIPT)}</script>`;
  return page(`${verdictWords(results)} – ${plan.workload}, seed ${plan.seed}`, body);
}

function page(title: string, body: Markup): string {
  const policy = `default-src 'none'; style-src ${hash(PAGE_STYLE)} ${hash(CHART_STYLE)}; script-src ${hash(PAGE_SCRIPT)}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${new Markup(PAGE_STYLE)}</style></head>
<body>${body}</body></html>
`.text;
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function head(results: StoredResults, plan: StoredPlan, run: StoredRun, operations: number, withClocks: boolean): Markup {
  const bit = results.faults.filter(({ effect }) => effect?.observed === true).length;
  const facts: readonly (readonly [string, string])[] = [
    [showCount(operations), 'operations'],
    [showCount(results.operations.reduce((sum, { info }) => sum + info, 0)), 'of unknown outcome'],
    [`${bit} of ${results.faults.length}`, 'faults with effect'],
    [showCount(results.leaderChanges), 'leader changes'],
    [showMs(results.durationMs), 'in all'],
  ];
  const links = [['findings', 'Findings'], ['timeline', 'Timeline'], ['charts', 'Charts'], ...(withClocks ? [['clocks', 'Clocks'] as const] : []), ['faults', 'Faults'], ['nodes', 'Nodes'], ['plan', 'Plan'], ['files', 'Files']] as const;
  return html`<header><div class="verdict ${results.verdict}"><h1>${verdictWords(results)}</h1><p>${results.headline}</p>
<p class="meta">${plan.workload} on ${plan.nodes} nodes (${plan.system}, ${plan.cluster}), faults: ${plan.nemeses.join(', ') || 'none'}, seed ${plan.seed}${plan.bugs.length === 0 ? '' : `, bugs switched on: ${plan.bugs.join(', ')}`}. Started ${run.started}.</p>${endedEarly(results)}</div>
<div class="facts">${facts.map(([figure, words]) => html`<div><b>${figure}</b><span>${words}</span></div>`)}</div>
<nav aria-label="Parts of the report">${links.map(([id, words]) => html`<a href="#${id}">${words}</a>`)}</nav></header>`;
}

function endedEarly({ endedEarly: early }: StoredResults): Markup | undefined {
  return early === undefined ? undefined : html`<p class="meta" id="ended-early">Ended early by --fail-fast, at event #${early.event}: the first violation that was proven while the run went on.</p>`;
}

function troubles({ troubles, interrupted }: StoredResults): Markup | undefined {
  const all = [...(interrupted ? ['The run was interrupted: it is shorter than planned.'] : []), ...troubles];
  return all.length === 0 ? undefined : html`<section id="troubles"><h2>Trouble around the run</h2><ul>${all.map((trouble) => html`<li>${trouble}</li>`)}</ul></section>`;
}

/** Only of a run whose history tells what the clocks showed. */
function clocksSection(clocks: string | undefined): Markup | undefined {
  return clocks === undefined ? undefined : html`<section id="clocks"><h2>Clock offsets</h2><p>What the nodes' wall clocks showed when the monitor asked, less the controller's; right to within half of the time that the answer took. A line breaks off where its node gave no answer.</p>${chart(clocks)}</section>`;
}

/** A chart's text is made by d3 in a DOM, which escapes it. */
function chart(svg: string): Markup {
  return html`<div class="scroll chart" tabindex="0" role="group" aria-label="Chart">${new Markup(svg)}</div>`;
}
