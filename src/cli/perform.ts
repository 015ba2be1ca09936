import { appendFileSync } from 'node:fs';
import { Progress, summaryText } from '../report/console/index.js';
import { messageOf } from '../errors.js';
import { JournalWriter, readHistory } from '../history/journal.js';
import type { Op } from '../history/op.js';
import type { TraceEvent } from '../history/trace.js';
import { virtualRunId } from '../search/run-once.js';
import type { HistoryMonitor } from '../runner/checker.js';
import { runTest, type TestOutcome } from '../runner/test-run.js';
import { FILES, RunFolder } from '../store/run-folder.js';
import type { StoredResults, StoredRun } from '../store/schema.js';
import { NS_PER_MS, realClock, wallClock, type Clock } from '../time/clock.js';
import type { CliContext } from './context.js';
import { explainOptionsOf } from './explain-file.js';
import { DEFAULT_LIMITS, judgeRun } from '../judge/judge-run.js';
import type { PlannedRun } from './plan-of.js';
import { promisedCheckers } from '../judge/promised.js';
import { version } from './version.js';
import { shellWord } from '../report/text.js';

/** What came of a performed run. */
export interface PerformedRun {
  readonly folder: RunFolder;
  readonly results: StoredResults;
}

/** Carries out a plan, judges it, stores everything and tells people. Throws what made the run impossible; the folder then holds what there is. */
export async function performRun(given: PlannedRun, root: string, argv: readonly string[], context: CliContext): Promise<PerformedRun> {
  const clock = realClock();
  const started = wallClock();
  const folder = RunFolder.create({ root, suite: given.plan.suite, seed: given.plan.seed, started });
  const planned = repeatable(given, folder);
  const { plan, parts } = planned;
  const id = planned.parts.provider.virtual !== undefined ? virtualRunId(plan) : `fl-${started.getTime().toString(36)}-${process.pid.toString(36)}-${plan.seed.toString(36)}`;
  const run: StoredRun = { format: 1, id, version: version(), started: started.toISOString(), controllerPid: process.pid, argv: [...argv] };
  folder.writeJson(FILES.run, run);
  folder.writeJson(FILES.plan, plan);
  const trace: TraceEvent[] = [];
  const outcome = await record(planned, folder, id, clock, context, trace);
  const { ops } = await readHistory(folder.path(FILES.history));
  const now = (): number => clock.now() / NS_PER_MS;
  const results = await judgeRun(plan, parts.workload, ops, { runId: id, outcome, durationMs: now(), now }, DEFAULT_LIMITS);
  folder.writeJson(FILES.results, results);
  const reportPath = await report(folder, run, planned, results, ops, trace, context);
  if (results.verdict === 'valid' && !plan.keepData) folder.dropData();
  context.err(summaryText(results, plan, { columns: context.columns, color: hasColor(context), reportPath, runDir: folder.dir }));
  return { folder, results };
}

/** What no options of `test` give (a mutation, a script) is repeated from its folder. */
function repeatable({ plan, parts }: PlannedRun, { dir }: RunFolder): PlannedRun {
  return { plan: plan.command === '' ? { ...plan, command: `faultline replay ${shellWord(dir)}` } : plan, parts };
}

/** The running half: all that remains of it is the history and what the outcome says. */
async function record({ plan, parts }: PlannedRun, folder: RunFolder, runId: string, clock: Clock, context: CliContext, trace: TraceEvent[]): Promise<TestOutcome> {
  using journal = new JournalWriter(folder.path(FILES.history));
  const progress = new Progress({ write: (text) => context.err(text), terminal: context.terminal, columns: context.columns, color: hasColor(context), totalMs: plan.timeMs });
  const log = (message: string): void => appendFileSync(folder.path(FILES.log), `${(clock.now() / 1e9).toFixed(3).padStart(9)} ${message}\n`);
  context.err(`seed ${plan.seed}: ${plan.workload} on ${plan.nodes} nodes (${plan.system}, ${plan.cluster}), faults: ${plan.nemeses.join(', ') || 'none'}${plan.bugs.length === 0 ? '' : `, bugs: ${plan.bugs.join(', ')}`}\n`);
  context.err(`stored in ${folder.dir}\n`);
  try {
    return await runTest(plan, { ...parts, monitors: monitorsOf({ plan, parts }) }, {
      runId,
      runDir: folder.dir,
      event: (op) => {
        journal.append(op);
        progress.event(op);
      },
      phase: (phase) => {
        log(`phase ${phase}`);
        progress.phase(phase);
      },
      log,
      trace: (event) => void trace.push(event),
      nodeLog: (node, text) => folder.appendNodeLog(node, text),
    }, context.signal);
  } catch (error) {
    log(`failed: ${messageOf(error)}`);
    throw error;
  } finally {
    progress.end();
  }
}

/** What follows the run in order to end it at its first violation, if that was asked for. */
function monitorsOf({ plan, parts }: PlannedRun): readonly HistoryMonitor[] {
  return plan.failFast === true ? promisedCheckers(parts.workload, plan.promise).flatMap((checker) => checker.monitor?.({}) ?? []) : [];
}

/** The report is not the verdict: if it cannot be made, that is said, and the run stands. */
async function report(folder: RunFolder, run: StoredRun, { plan }: PlannedRun, results: StoredResults, ops: readonly Op[], trace: readonly TraceEvent[], context: CliContext): Promise<string> {
  try {
    // Loaded here: the drawing library takes longer to load than most commands take to run.
    const [{ clockChart, latencyChart, throughputChart }, { renderHtml }, { EXPLAIN_FILE, explainHtml, parseExplained }, { MESSAGES_FILE, messagesHtml }] = await Promise.all([import('../report/charts/index.js'), import('../report/html/index.js'), import('../report/explain/index.js'), import('../report/messages/index.js')]);
    folder.write('latency.svg', latencyChart(ops));
    folder.write('throughput.svg', throughputChart(ops));
    const clocks = clockChart(ops);
    if (clocks !== undefined) folder.write('clock.svg', clocks);
    const explained = parseExplained(results);
    if (explained.length > 0) folder.write(EXPLAIN_FILE, explainHtml(explained, explainOptionsOf(plan)));
    const anomalies = results.checkers.flatMap((checker) => (checker.judges === results.kind && checker.valid === false ? checker.anomalies : []));
    const told = trace.length > 0 && anomalies.length > 0;
    if (told) folder.write(MESSAGES_FILE, messagesHtml({ trace, ops, anomalies, nodes: results.nodes.map(({ name }) => name) }, { title: results.headline, system: plan.system }));
    folder.write(FILES.report, renderHtml({ plan, run, results, ops, ...(explained.length === 0 ? {} : { explanation: EXPLAIN_FILE }), ...(told ? { messages: MESSAGES_FILE } : {}) }));
  } catch (error) {
    context.err(`faultline: the report could not be made: ${messageOf(error)}\n`);
  }
  return folder.path(FILES.report);
}

function hasColor(context: CliContext): boolean {
  return context.terminal && (context.environment['NO_COLOR'] ?? '') === '';
}
