import type { StoredAnomaly, StoredChecker, StoredFault, StoredPlan, StoredResults } from '../../store/schema.js';
import { verdictWords } from '../verdict.js';
import { clip, plural, printable, shellWord, showCount, showMs, wrap } from '../text.js';
import { painter, type Paint, type Style } from './style.js';
import { table } from './table.js';

/** How the summary is laid out, and where the run lies. */
export interface SummaryOptions {
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly color: boolean;
  readonly reportPath: string;
  readonly runDir: string;
}

/** So wide at most, for reading; so narrow at least, for tables. */
const WIDEST = 110;
const NARROWEST = 40;
/** So many anomalies are told; the report has them all. */
const TOLD = 3;
const STYLES: Readonly<Record<StoredResults['verdict'], Style>> = { valid: 'green', invalid: 'red', unknown: 'yellow' };
const MARKS: Readonly<Record<StoredResults['verdict'], string>> = { valid: '✓', invalid: '✗', unknown: '?' };

interface Page {
  readonly width: number;
  readonly paint: Paint;
}

/** The summary of a judged run for people: the verdict first, then what is wrong, what was done, and what to do next. Ends in a newline. */
export function summaryText(results: StoredResults, plan: StoredPlan, options: SummaryOptions): string {
  const page: Page = { width: Math.max(NARROWEST, Math.min(WIDEST, options.columns)) - 1, paint: painter(options.color) };
  const sections = [verdict(results, page), findings(results, page), operations(results, page), faults(results, page), nodes(results, page), exercised(results, page), troubles(results, page), whatNext(results, plan, options, page)];
  return `\n${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** What the nodes count and never did: what this run says nothing of. */
function exercised({ exercised: counts = {} }: StoredResults, { width, paint }: Page): readonly string[] {
  const never = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [name] : []));
  if (never.length === 0) return [];
  return wrap(printable(`${Object.keys(counts).length - never.length} of the ${Object.keys(counts).length} things that the nodes count happened; never: ${never.join(', ')}`), width).map((line) => paint('dim', line));
}

function verdict(results: StoredResults, { width, paint }: Page): readonly string[] {
  const words = `${MARKS[results.verdict]} ${verdictWords(results)}`;
  const { endedEarly } = results;
  const early = endedEarly === undefined ? [] : indent(printable(`Ended early by --fail-fast, at event #${endedEarly.event}.`), width);
  return [paint('bold', paint(STYLES[results.verdict], words)), ...indent(printable(results.headline), width), ...early];
}

/** Each checker's line; below those that object, their anomalies (but for the one that the headline already tells). */
function findings(results: StoredResults, page: Page): readonly string[] {
  return results.checkers.flatMap((checker) => [...checkerLine(checker, page), ...anomaliesOf(checker, results.headline, page)]);
}

function checkerLine({ name, valid, summary }: StoredChecker, { width, paint }: Page): readonly string[] {
  const word = valid === true ? 'ok' : valid === false ? 'FAILED' : valid === 'crash' ? 'CRASHED' : 'unknown';
  const style: Style = valid === true ? 'green' : valid === 'unknown' ? 'yellow' : 'red';
  const [first = '', ...more] = wrap(printable(summary), width - 24);
  return [`${paint(style, word.padEnd(8))}${name.padEnd(14)}  ${first}`, ...more.map((line) => `${' '.repeat(24)}${line}`)];
}

function anomaliesOf({ valid, anomalies }: StoredChecker, headline: string, { width, paint }: Page): readonly string[] {
  if (valid !== false) return [];
  const told = anomalies.slice(0, TOLD).flatMap((anomaly) => {
    const body = anomaly.message === headline ? 'as told above' : anomaly.message;
    return [...wrap(printable(`${anomalyName(anomaly)}: ${body}`), width - 10), ...wrap(eventsOf(anomaly), width - 10)].map((line) => `${' '.repeat(10)}${line}`);
  });
  const more = anomalies.length - TOLD;
  return more > 0 ? [...told, paint('dim', `${' '.repeat(10)}and ${showCount(more)} more ${more === 1 ? 'anomaly' : 'anomalies'}: see the report`)] : told;
}

function anomalyName({ kind, key }: StoredAnomaly): string {
  return key === undefined ? kind : `${kind}, key ${key}`;
}

function eventsOf({ ops }: StoredAnomaly): string {
  if (ops.length === 0) return '';
  const shown = ops.slice(0, 12).map((index) => `#${index}`);
  return `events ${shown.join(' ')}${ops.length > shown.length ? ` and ${ops.length - shown.length} more` : ''}`;
}

function operations({ operations, events, leaderChanges }: StoredResults, { width, paint }: Page): readonly string[] {
  if (operations.length === 0) return ['No client operation was recorded.'];
  const head = ['operation', 'ok', 'fail', 'unknown', 'p50', 'p99', 'max'];
  const rows = operations.map(({ f, ok, fail, info, p50Ms, p99Ms, maxMs }) => [printable(f), showCount(ok), showCount(fail), showCount(info), showMs(p50Ms), showMs(p99Ms), showMs(maxMs)]);
  const [title = '', ...lines] = table([head, ...rows], { right: [1, 2, 3, 4, 5, 6], width });
  return [paint('dim', title), ...lines, `${plural(events, 'event')}, ${plural(leaderChanges, 'change')} of leader`];
}

function faults({ faults }: StoredResults, { width, paint }: Page): readonly string[] {
  if (faults.length === 0) return ['No fault was injected.'];
  const kinds = grouped(faults);
  const rows = [...kinds].map(([name, own]) => [
    printable(name),
    showCount(own.length),
    showCount(own.filter(({ effect }) => effect?.observed === true).length),
    showCount(own.filter(({ healed }) => healed?.observed === true).length),
  ]);
  const [title = '', ...lines] = table([['fault', 'count', 'with effect', 'healed'], ...rows], { right: [1, 2, 3], width });
  return [paint('dim', title), ...lines];
}

function grouped(faults: readonly StoredFault[]): ReadonlyMap<string, readonly StoredFault[]> {
  const groups = new Map<string, StoredFault[]>();
  for (const fault of faults) {
    const name = `${fault.nemesis} ${fault.kind}`;
    groups.set(name, [...(groups.get(name) ?? []), fault]);
  }
  return groups;
}

function nodes({ nodes }: StoredResults, { width, paint }: Page): readonly string[] {
  const exits = nodes.flatMap(({ name, unexpectedExits }) => unexpectedExits.map((words) => `${name}: ${words}`));
  return exits.length === 0 ? [] : [paint('yellow', 'Programs that ended by themselves'), ...exits.flatMap((exit) => indent(printable(exit), width))];
}

function troubles({ troubles, interrupted }: StoredResults, { width, paint }: Page): readonly string[] {
  const all = [...(interrupted ? ['The run was interrupted: it is shorter than planned.'] : []), ...troubles];
  return all.length === 0 ? [] : [paint('yellow', 'Trouble around the run'), ...all.flatMap((trouble) => indent(printable(trouble), width))];
}

/** Paths and commands stay on one line, however long: they are there to be copied. */
function whatNext({ durationMs, checkMs }: StoredResults, plan: StoredPlan, { reportPath, runDir }: SummaryOptions, { paint, width }: Page): readonly string[] {
  const row = (label: string, text: string): string => `${paint('dim', label.padEnd(12))}${printable(text)}`;
  return [
    row('report', reportPath),
    row('run again', plan.command),
    row('check again', `faultline check ${shellWord(runDir)}`),
    clip(row('took', `${showMs(durationMs)}, ${showMs(checkMs)} to judge`), width + (paint('dim', ' ').length - 1)),
  ];
}

function indent(text: string, width: number): readonly string[] {
  return wrap(text, width - 2).map((line) => `  ${line}`);
}
