import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { duration, flag, integer, text, usageError, type OptionSpec, type OptionValues } from '../config/option-spec.js';
import { EXIT } from '../errors.js';
import { readHistory } from '../history/journal.js';
import type { Op } from '../history/op.js';
import { exitCodeOf } from '../judge/judge-run.js';
import { clusters } from '../registry.js';
import { plural } from '../report/text.js';
import { LiveTrials } from '../search/live-trials.js';
import { Pool } from '../search/pool.js';
import { partsOf } from '../search/resolve.js';
import { shrinkFaults, shrinkRun, type Shrunk } from '../search/shrink/shrink-run.js';
import type { PlanSize } from '../search/shrink/shrink.js';
import { decisiveAnomaly } from '../search/summarize.js';
import type { RunSummary } from '../search/summary.js';
import { FILES, RunFolder } from '../store/run-folder.js';
import type { StoredPlan, StoredResults } from '../store/schema.js';
import { realClock } from '../time/clock.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';
import { performRun } from './perform.js';

function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

const OPTIONS = {
  timeLimit: option({ flag: '--time-limit <duration>', help: 'then the smallest so far is taken', defaultText: '60s in virtual time, 30m on real nodes', parse: duration(1000) }),
  tries: option({ flag: '--tries <n>', help: 'on real nodes: how often a schedule of faults is tried before it counts as one that does not fail', defaultText: '3', parse: integer(1, 100) }),
  jobs: option({ flag: '--jobs <n>', help: 'threads for runs in virtual time', defaultText: 'as many as there are processors', parse: integer(1, 256) }),
  results: option({ flag: '--results <dir>', help: 'folder of stored runs', defaultText: 'results', parse: text }),
  json: option({ flag: '--json', help: 'one JSON document on standard output', parse: flag }),
} as const;

type ShrinkOptions = OptionValues<typeof OPTIONS>;

/** `faultline shrink`: makes a failing run smaller and stores a run of what is left, with its report. */
export function shrinkCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('shrink', 'makes a failing run smaller: few operations, few faults, few nodes, the same kind of failure', OPTIONS)
    .argument('<run>', 'a folder below results/ (results/latest)')
    .action(async (path: string, flags: Record<string, unknown>) => {
      const options = parseFlags(OPTIONS, flags);
      const folder = RunFolder.open(path);
      const [plan, results] = [folder.plan(), folder.results()];
      if (results.verdict !== 'invalid') throw usageError(`${path}: this run is ${results.verdict}, not invalid`, 'Only a run that failed can be made smaller.');
      const { ops } = await readHistory(folder.path(FILES.history));
      const failure = failureOf(plan, results);
      const shrunk = await (clusters[plan.cluster]?.virtual !== undefined ? inVirtualTime(plan, ops, failure, options, context) : onRealNodes(plan, ops, failure, options, context));
      done(await conclude(shrunk, folder, options, context));
    });
}

function failureOf(plan: StoredPlan, results: StoredResults): RunSummary {
  const { verdict, kind, headline } = results;
  return { plan, verdict, ...(kind === undefined ? {} : { kind }), ...decisiveAnomaly(results), headline, operations: 0, virtualMs: 0, cpuMs: 0, exercised: {}, faults: 0, states: [] };
}

async function inVirtualTime(plan: StoredPlan, ops: readonly Op[], failure: RunSummary, options: ShrinkOptions, context: CliContext): Promise<Shrunk | undefined> {
  const jobs = options.jobs ?? availableParallelism();
  await using pool = new Pool(jobs);
  return await shrinkRun({ plan, ops, failure, pool, jobs, signal: context.signal, ...progress(context, options.timeLimit ?? 60_000) });
}

async function onRealNodes(plan: StoredPlan, ops: readonly Op[], failure: RunSummary, options: ShrinkOptions, context: CliContext): Promise<Shrunk | undefined> {
  const trials = new LiveTrials({ wanted: failure.kind, tries: options.tries ?? 3, signal: context.signal, ...progress(context, options.timeLimit ?? 1_800_000) });
  return shrinkFaults(plan, ops, trials);
}

/** How far it is, on standard error; and when the time is up. */
function progress(context: CliContext, limitMs: number): { readonly enough: () => boolean; readonly onTrial: (trials: number) => void; readonly onPass: (pass: string, size: PlanSize) => void } {
  const clock = realClock();
  let size = '';
  const write = (trials: number): void => {
    if (context.terminal) context.err(`\r\u001b[2K${plural(trials, 'run')} tried${size}`);
  };
  return {
    enough: () => clock.now() / 1e6 > limitMs,
    onTrial: write,
    onPass: (pass, smaller) => {
      size = `, left: ${words(smaller)}`;
      if (!context.terminal) context.err(`without the ${pass} that can be done without: ${words(smaller)}\n`);
    },
  };
}

function words({ operations, faults, nodes }: PlanSize): string {
  return `${plural(operations, 'client operation')}, ${plural(faults, 'fault')}, ${plural(nodes, 'node')}`;
}

/** Runs what is left, which fails as the whole did, and stores it. */
async function conclude(shrunk: Shrunk | undefined, folder: RunFolder, options: ShrinkOptions, context: CliContext): Promise<number> {
  if (context.terminal) context.err('\r\u001b[2K');
  if (context.signal.aborted) return EXIT.interrupted;
  if (shrunk === undefined) {
    context.err('faultline: what was done in this run does not make it fail again as it did; nothing was made smaller. On real nodes try --tries 10; in virtual time: does faultline replay give the same history?\n');
    return EXIT.unknown;
  }
  const { before, after, trials } = shrunk;
  context.err(`from ${words(before)} to ${words(after)}, in ${plural(trials, 'run')}\n`);
  const plan: StoredPlan = { ...shrunk.plan, origin: folder.dir, suite: suiteOf(shrunk.plan.suite) };
  const again = await performRun({ plan, parts: partsOf(plan) }, options.results ?? 'results', ['shrink', folder.dir], context);
  if (options.json === true) context.out(`${JSON.stringify({ dir: again.folder.dir, before, after, trials, results: again.results })}\n`);
  return exitCodeOf(again.results);
}

function suiteOf(suite: string): string {
  return suite.endsWith('-shrunk') ? suite : `${suite}-shrunk`;
}
