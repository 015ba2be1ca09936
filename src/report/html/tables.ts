import type { StoredFault, StoredPlan, StoredResults, StoredRun } from '../../store/schema.js';
import { showCount, showMs, showValue } from '../text.js';
import { html, type Markup } from './escape.js';
import type { PagesBeside } from './pages-beside.js';

type Cell = string | number | Markup | undefined;

/** Operations by function and outcome, with the latencies of those that succeeded. */
export function operationsTable({ operations }: StoredResults): Markup {
  const rows = operations.map(({ f, ok, fail, info, p50Ms, p99Ms, maxMs }) => [html`<code>${f}</code>`, showCount(ok), showCount(fail), showCount(info), showMs(p50Ms), showMs(p99Ms), showMs(maxMs)]);
  return tableOf('Operations by function and outcome', ['operation', 'ok', 'fail (no effect)', 'unknown', 'p50', 'p99', 'max'], rows, 1);
}

/** Every fault with the evidence that it bit and that it is gone. */
export function faultsSection({ faults }: StoredResults): Markup {
  if (faults.length === 0) return html`<section id="faults"><h2>Faults</h2><p>No fault was injected.</p></section>`;
  const bit = faults.filter(({ effect }) => effect?.observed === true).length;
  const healed = faults.filter(({ healed }) => healed?.observed === true).length;
  const rows = faults.map((fault) => [
    html`<strong>${fault.nemesis}</strong> ${fault.kind}`,
    fault.targets.join(', '),
    `${seconds(fault.fromMs)} – ${fault.toMs === null ? 'never ended' : seconds(fault.toMs)}`,
    meansOf(fault),
    observation(fault.effect, 'bit', 'no effect seen'),
    observation(fault.healed, 'healed', 'not seen healed'),
  ]);
  return html`<section id="faults"><h2>Faults</h2><p>${faults.length} injected, ${bit} with an effect that was seen, ${healed} seen healed.</p>${tableOf('Faults', ['fault', 'nodes', 'in force', 'by', 'effect', 'healing'], rows)}</section>`;
}

/** By what means, and within how long all of it was in force: `nftables, in 14 ms`. */
function meansOf({ by, appliedMs }: StoredFault): string {
  const took = appliedMs === undefined ? undefined : `in ${showMs(appliedMs[1] - appliedMs[0])}`;
  return [by, took].filter((part) => part !== undefined).join(', ');
}

/** The last status of each node, and what its program did unasked. */
export function nodesSection({ nodes, leaderChanges }: StoredResults): Markup {
  const rows = nodes.map(({ name, status, unexpectedExits }) => [html`<strong>${name}</strong>`, statusList(status), unexpectedExits.length === 0 ? 'none' : html`<ul>${unexpectedExits.map((exit) => html`<li>${exit}</li>`)}</ul>`]);
  return html`<section id="nodes"><h2>Nodes</h2><p>${leaderChanges} ${leaderChanges === 1 ? 'change' : 'changes'} of leader.</p>${tableOf('Nodes', ['node', 'last status', 'unexpected exits'], rows)}</section>`;
}

/** What happened in the nodes, and what never did. */
export function exercisedSection({ exercised = {} }: StoredResults): Markup | undefined {
  const counted = Object.entries(exercised);
  if (counted.length === 0) return undefined;
  const never = counted.flatMap(([name, count]) => (count === 0 ? [name] : []));
  const rows = counted.filter(([, count]) => count > 0).map(([name, count]) => [html`${name}`, html`${showCount(count)}`]);
  return html`<section id="exercised"><h2>What was exercised</h2><p>Counted by the nodes themselves, all lives of all nodes together, as far as it was seen. ${never.length === 0 ? 'Nothing that they count was left out.' : html`Never: <b>${never.join(', ')}</b>.`}</p>${tableOf('What was exercised', ['event', 'times'], rows, 1)}</section>`;
}

/** What was decided before the run, and how to do it again. */
export function planSection(plan: StoredPlan, run: StoredRun, results: StoredResults): Markup {
  const facts: readonly (readonly [string, string])[] = [
    ['seed', String(plan.seed)],
    ['system', `${plan.system}, ${plan.nodes} nodes on cluster ${plan.cluster}`],
    ['system options', JSON.stringify(plan.systemOptions)],
    ['bugs switched on', plan.bugs.join(', ') || 'none'],
    ['workload', `${plan.workload}, ${plan.concurrency} clients, ${plan.rate === 0 ? 'as fast as they can' : `${plan.rate} operations a second`}`],
    ['nemeses', plan.nemeses.join(', ') || 'none'],
    ['load phase', `${plan.timeMs / 1000} s`],
    ['limits', `call ${plan.callTimeoutMs} ms, back in service within ${plan.livenessBoundMs} ms after healing`],
    ['run', `${run.id}, started ${run.started}, faultline ${run.version}`],
    ['took', `${showMs(results.durationMs)}, of which ${showMs(results.checkMs)} to judge`],
  ];
  return html`<section id="plan"><h2>Plan</h2><p>Repeat the run:</p><pre><code>${plan.command}</code></pre><p>Judge what is stored again, from its folder:</p><pre><code>faultline check .</code></pre><dl>${facts.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl></section>`;
}

/** Links to what lies beside the report. */
export function filesSection({ explanation, messages }: PagesBeside, withClocks: boolean): Markup {
  const files: readonly (readonly [string, string])[] = [
    ['history.ndjson', 'every event, one a line'],
    ...(explanation === undefined ? [] : [[explanation, 'why there is no order, to step through'] as const]),
    ...(messages === undefined ? [] : [[messages, 'who sent what to whom around the findings'] as const]),
    ['results.json', 'the verdict, as data'],
    ['plan.json', 'what was planned'],
    ['run.json', 'which process carried it out'],
    ['runner.log', 'what the runner did'],
    ['latency.svg', 'the latency chart'],
    ['throughput.svg', 'the throughput chart'],
    ...(withClocks ? [['clock.svg', 'the chart of clock offsets'] as const] : []),
    ['nodes/', 'logs of the nodes'],
  ];
  return html`<section id="files"><h2>Files of the run</h2><ul>${files.map(([name, words]) => html`<li><a href="${name}">${name}</a>: ${words}</li>`)}</ul></section>`;
}

function tableOf(label: string, head: readonly string[], rows: readonly (readonly Cell[])[], numbersFrom = Infinity): Markup {
  const numeric = (column: number): string => (column >= numbersFrom ? 'n' : '');
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table><thead><tr>${head.map((text, column) => html`<th scope="col" class="${numeric(column)}">${text}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((cell, column) => html`<td class="${numeric(column)}">${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function observation(seen: StoredFault['effect'], yes: string, no: string): Markup {
  if (seen === undefined) return html`<span class="mark unknown">not told</span>`;
  return html`<span class="mark ${seen.observed ? 'ok' : 'unknown'}">${seen.observed ? yes : no}</span> ${seen.evidence}`;
}

function statusList(status: Readonly<Record<string, unknown>> | undefined): Markup {
  if (status === undefined) return html`it gave none`;
  const flat = Object.entries(status).flatMap(([name, value]): readonly (readonly [string, unknown])[] => (isRecord(value) ? Object.entries(value) : [[name, value]]));
  return html`<span class="pairs">${flat.map(([name, value]) => html`<span>${name} <b>${typeof value === 'string' ? value : showValue(value)}</b></span> `)}</span>`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
