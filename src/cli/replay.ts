import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { flag, integer, text, usageError, type OptionSpec, type OptionValues } from '../config/option-spec.js';
import { EXIT } from '../errors.js';
import { readHistory } from '../history/journal.js';
import { exitCodeOf, worstExitCode } from '../judge/judge-run.js';
import { clusters } from '../registry.js';
import { partsOf } from '../search/resolve.js';
import { faultsOf } from '../search/script-of.js';
import { FILES, RunFolder } from '../store/run-folder.js';
import type { StoredPlan, StoredResults } from '../store/schema.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';
import { performRun } from './perform.js';
import { version } from './version.js';

function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

const OPTIONS = {
  times: option({ flag: '--times <n>', help: 'of a run on real nodes: how often its faults are repeated, until one fails as it did', defaultText: '1', parse: integer(1, 1000) }),
  results: option({ flag: '--results <dir>', help: 'folder of stored runs', defaultText: 'results', parse: text }),
  json: option({ flag: '--json', help: 'one JSON document a run on standard output', parse: flag }),
} as const;

/** `faultline replay`: does a stored run again. In virtual time it gives the same history to the byte; on real nodes the same faults come at the same times. */
export function replayCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('replay', 'does a stored run again: to the byte in virtual time, its faults at their times on real nodes', OPTIONS)
    .argument('<run>', 'a folder below results/ (results/latest)')
    .action(async (path: string, flags: Record<string, unknown>) => {
      const options = parseFlags(OPTIONS, flags);
      const folder = RunFolder.open(path);
      const plan = folder.plan();
      done(await (clusters[plan.cluster]?.virtual !== undefined ? replayVirtual(folder, plan, options, context) : replayLive(folder, plan, options, context)));
    });
}

type ReplayOptions = OptionValues<typeof OPTIONS>;

/** The same plan, and then a look at whether it was the same run. */
async function replayVirtual(folder: RunFolder, plan: StoredPlan, options: ReplayOptions, context: CliContext): Promise<number> {
  const again = await performRun({ plan: { ...plan, origin: plan.origin ?? folder.dir }, parts: partsOf(plan) }, options.results ?? 'results', ['replay', folder.dir], context);
  const difference = firstDifference(readFileSync(folder.path(FILES.history), 'utf8'), readFileSync(again.folder.path(FILES.history), 'utf8'));
  tell(again.folder, again.results, options, context);
  if (difference === undefined) {
    context.err(`the same history, to the byte: ${again.results.events} events\n`);
    return exitCodeOf(again.results);
  }
  const by = folder.run().version;
  context.err(`the history differs from event ${difference} on: ${by === version() ? 'the code has changed since, or the run was cut short' : `the run is of faultline ${by}, this is ${version()}`}\n`);
  return worstExitCode([exitCodeOf(again.results), EXIT.unknown]);
}

/** Number of the first line that differs; undefined: none does. */
function firstDifference(before: string, after: string): number | undefined {
  if (before === after) return undefined;
  const [a, b] = [before.split('\n'), after.split('\n')];
  return a.findIndex((line, i) => line !== b[i]) === -1 ? a.length : a.findIndex((line, i) => line !== b[i]);
}

/** The same faults at the same times; clients and the network go their own way. */
async function replayLive(folder: RunFolder, plan: StoredPlan, options: ReplayOptions, context: CliContext): Promise<number> {
  const { ops } = await readHistory(folder.path(FILES.history));
  const faults = plan.script?.faults ?? [...faultsOf(ops)];
  if (faults.length === 0) throw usageError(`${folder.dir}: no fault is recorded in this run`, 'There is nothing to be done again; faultline test --seed repeats what a seed decides.');
  const before = folder.has(FILES.results) ? folder.results() : undefined;
  const times = options.times ?? 1;
  const codes: number[] = [];
  for (let time = 1; time <= times && !context.signal.aborted; time++) {
    if (times > 1) context.err(`\nreplay ${time} of ${times}\n`);
    const again = await performRun({ plan: { ...plan, command: '', script: { ...plan.script, faults }, origin: folder.dir }, parts: partsOf(plan) }, options.results ?? 'results', ['replay', folder.dir], context);
    tell(again.folder, again.results, options, context);
    codes.push(exitCodeOf(again.results));
    if (before?.verdict === 'invalid' && again.results.verdict === 'invalid' && again.results.kind === before.kind) break;
  }
  return context.signal.aborted ? EXIT.interrupted : worstExitCode(codes);
}

function tell(folder: RunFolder, results: StoredResults, options: ReplayOptions, context: CliContext): void {
  if (options.json === true) context.out(`${JSON.stringify({ dir: folder.dir, results })}\n`);
}
