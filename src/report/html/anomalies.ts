import type { Operation } from '../../history/op.js';
import type { StoredAnomaly, StoredChecker, StoredResults } from '../../store/schema.js';
import { NS_PER_MS } from '../../time/clock.js';
import { clip, showValue } from '../text.js';
import { html, type Markup } from './escape.js';
import { operationsAt, outcomeOf, resultOf, type Operations } from './operations.js';
import type { PagesBeside } from './pages-beside.js';
import { spaceTimeDiagram, type Shown } from './space-time.js';

/** So many anomalies get a table and a diagram; the others a line. */
const DETAILED = 20;
/** So many operations of one anomaly are shown, with others of the same key up to so many in all, so that most diagrams need no scrolling. */
const AT_FAULT = 24;
const IN_ALL = 9;
/** So many at most that were given up before the first of them began: they may still take effect. */
const GIVEN_UP = 2;

/** What every checker says; those with anomalies at length. */
export function findingsSection({ checkers }: StoredResults, operations: Operations, { explanation, messages }: PagesBeside): Markup {
  const link = explanation === undefined ? undefined : html`<p><a href="${explanation}">Why no order is possible</a>: the operations in time, to step through.</p>`;
  const sent = messages === undefined ? undefined : html`<p><a href="${messages}">Who sent what to whom</a>: the messages around the findings, with leaders, faults and losses.</p>`;
  const worstFirst = [...checkers].sort((a, b) => rank(a) - rank(b));
  const firstNumber = numbers(checkers);
  return html`<section id="findings"><h2>Findings</h2>${link}${sent}${worstFirst.map((checker) => checkerBlock(checker, firstNumber.get(checker.name) ?? 0, operations))}</section>`;
}

/** Number of each checker's first anomaly in the order of the page's data. */
function numbers(checkers: readonly StoredChecker[]): ReadonlyMap<string, number> {
  let next = 0;
  return new Map(
    checkers.map(({ name, anomalies }) => {
      const first = next;
      next += anomalies.length;
      return [name, first] as const;
    }),
  );
}

function rank({ valid }: StoredChecker): number {
  return valid === false ? 0 : valid === 'crash' ? 1 : valid === 'unknown' ? 2 : 3;
}

function checkerBlock(checker: StoredChecker, first: number, operations: Operations): Markup {
  const { name, judges, valid, summary, anomalies } = checker;
  const word = valid === true ? 'ok' : valid === false ? 'failed' : valid === 'crash' ? 'crashed' : 'unknown';
  const detailed = anomalies.slice(0, DETAILED).map((anomaly, i) => anomalyBlock(anomaly, first + i, operations));
  const others = anomalies.slice(DETAILED).map((anomaly, i) => html`<li>${title(anomaly)} ${jump(first + DETAILED + i)}<br>${anomaly.message}</li>`);
  const more = others.length === 0 ? undefined : html`<details><summary>${others.length} more</summary><ul>${others}</ul></details>`;
  return html`<div class="checker"><h3><span class="mark ${word}">${word}</span> ${name} <small>${judges}</small></h3><p>${summary}</p>${detailed}${more}</div>`;
}

function anomalyBlock(anomaly: StoredAnomaly, number: number, operations: Operations): Markup {
  const positions = operationsAt(operations, anomaly);
  const shown = chosen(positions, anomaly, operations);
  const cut = positions.length > AT_FAULT ? html`<p class="note">The first ${AT_FAULT} of ${positions.length} operations; all are in the timeline.</p>` : undefined;
  const body = shown.length === 0 ? undefined : html`${table(shown)}${cut}${spaceTimeDiagram(shown)}<p class="note">Thick outline: named by the finding. Thin and pale: operations on the same key meanwhile. A bar open to the right: its outcome is unknown, it may take effect at any time after it began.</p>`;
  return html`<article class="anomaly" id="anomaly-${number}"><h4>${title(anomaly)} ${positions.length === 0 ? undefined : jump(number)}</h4><p>${anomaly.message}</p>${body}</article>`;
}

function title({ kind, key }: StoredAnomaly): Markup {
  return html`<strong>${kind}</strong>${key === undefined ? undefined : html` on key <code>${key}</code>`}`;
}

function jump(number: number): Markup {
  return html`<button type="button" class="jump" data-anomaly="${number}">Show in timeline</button>`;
}

/** The anomaly's operations, and those on the same key that ran meanwhile or may still have taken effect, in order of invocation. */
function chosen(positions: readonly number[], anomaly: StoredAnomaly, { list }: Operations): readonly Shown[] {
  const named = positions.slice(0, AT_FAULT).flatMap((position) => list[position] ?? []);
  const from = Math.min(...named.map(({ invoke }) => invoke.index));
  const to = Math.max(...named.map(({ invoke, completion }) => completion?.index ?? invoke.index));
  const keys = new Set(anomaly.key === undefined ? named.map(({ invoke }) => invoke.key) : [anomaly.key]);
  const own = new Set(named);
  const others = list.filter((operation) => !own.has(operation) && keys.has(operation.invoke.key) && operation.invoke.index < to);
  const meanwhile = others.filter((operation) => (operation.completion?.index ?? operation.invoke.index) > from);
  const givenUp = others.filter((operation) => (operation.completion?.index ?? operation.invoke.index) <= from && mayStillAct(operation)).slice(-GIVEN_UP);
  const near = meanwhile.map((operation) => ({ operation, distance: distance(operation, named) })).sort((a, b) => a.distance - b.distance).slice(0, Math.max(2, IN_ALL - named.length - givenUp.length));
  const around = [...givenUp, ...near.map(({ operation }) => operation)];
  return [...named.map((operation) => ({ operation, atFault: true })), ...around.map((operation) => ({ operation, atFault: false }))].sort((a, b) => a.operation.invoke.index - b.operation.invoke.index);
}

/** An unknown outcome can come true later, but for a read's, which changes nothing. */
function mayStillAct(operation: Operation): boolean {
  const outcome = outcomeOf(operation);
  return (outcome === 'unknown' || outcome === 'open') && operation.invoke.f !== 'read';
}

/** How far an operation is from the nearest of some, in events. */
function distance({ invoke, completion }: Operation, others: readonly Operation[]): number {
  return Math.min(...others.map((other) => Math.min(Math.abs(invoke.index - other.invoke.index), Math.abs((completion?.index ?? invoke.index) - (other.completion?.index ?? other.invoke.index)))));
}

function table(shown: readonly Shown[]): Markup {
  const rows = shown.filter(({ atFault }) => atFault).map(({ operation }) => row(operation));
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Operations of the finding"><table><thead><tr><th>events</th><th>process</th><th>node</th><th>key</th><th>operation</th><th>outcome</th><th>result</th><th class="n">from ms</th><th class="n">to ms</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function row(operation: Operation): Markup {
  const { invoke, completion } = operation;
  const outcome = outcomeOf(operation);
  const argument = invoke.value === null ? '' : ` ${showValue(invoke.value, 80)}`;
  return html`<tr><td>#${invoke.index}${completion === undefined ? '' : ` – #${completion.index}`}</td><td>${invoke.process}</td><td>${invoke.node}</td><td>${invoke.key}</td><td><code>${invoke.f}${argument}</code></td><td><span class="mark ${outcome}">${outcome}</span></td><td><code>${clip(resultOf(operation, 200), 200)}</code></td><td class="n">${milliseconds(invoke.time)}</td><td class="n">${completion === undefined ? 'never' : milliseconds(completion.time)}</td></tr>`;
}

function milliseconds(ns: number): string {
  return (ns / NS_PER_MS).toFixed(3);
}
