import type { Command } from 'commander';
import { loadOptions } from '../config/load.js';
import { usageError } from '../config/option-spec.js';
import { TEST_OPTIONS, type TestOptions } from '../config/test-options.js';
import type { HostReport } from '../control/host-report.js';
import { EXIT, FaultlineError } from '../errors.js';
import { freshSeed } from '../random/entropy.js';
import type { CliContext } from './context.js';
import { reportFailure } from './failure.js';
import { exitCodeOf, worstExitCode } from '../judge/judge-run.js';
import { commandWith, unknownVariables } from './options.js';
import { performRun } from './perform.js';
import { obstacles } from './obstacles.js';
import { planOf } from './plan-of.js';
import { clusters, nemeses, systems } from '../registry.js';
import { searchRuns } from './search-runs.js';
import { planText } from './show-plan.js';
import { lookUp } from '../judge/suggest.js';

/** `faultline test`: carries out one run or several and judges them. */
export function testCommand(context: CliContext, done: (code: number) => void): Command {
  return withConfig(commandWith('test', 'tests a system: load under faults, healing, verdict, report', TEST_OPTIONS)).action(async (flags: Record<string, unknown>) => {
    const options = optionsOf(flags, context);
    done(await (options.dryRun === true ? showPlans(options, context) : testRuns(options, flags, context)));
  });
}

/** `faultline plan`: what `test` with the same options would do. */
export function planCommand(context: CliContext, done: (code: number) => void): Command {
  return withConfig(commandWith('plan', 'prints what a seed would do, and does nothing (test --dry-run)', TEST_OPTIONS)).action(async (flags: Record<string, unknown>) => {
    done(await showPlans(optionsOf(flags, context), context));
  });
}

function withConfig(command: Command): Command {
  return command.option('--config <file>', 'options as a JSON object (default: faultline.json if it is there)');
}

function optionsOf(flags: Readonly<Record<string, unknown>>, context: CliContext): TestOptions {
  const { config, ...rest } = flags;
  for (const name of unknownVariables(TEST_OPTIONS, context)) context.err(`faultline: ${name} is in the environment, but there is no such option\n`);
  return loadOptions(TEST_OPTIONS, { flags: rest, environment: context.environment, ...(typeof config === 'string' ? { configFile: config } : {}) });
}

async function showPlans(options: TestOptions, context: CliContext): Promise<number> {
  const seed = options.seed ?? freshSeed();
  const host = await examined(options, context);
  for (let number = 0; number < (options.runs ?? 1); number++) {
    const planned = planOf(options, seed, number, host);
    context.out(options.json === true ? `${JSON.stringify(planned.plan)}\n` : `${planText(planned, host)}\n`);
  }
  return EXIT.valid;
}

async function testRuns(options: TestOptions, flags: Readonly<Record<string, unknown>>, context: CliContext): Promise<number> {
  const seed = options.seed ?? freshSeed();
  const runs = options.runs ?? 1;
  // Every mistake in the options shows before anything is asked of the host, and every fault that it cannot make before the first run.
  planOf(options, seed, 0);
  const host = await examined(options, context, (line) => context.err(`${line}\n`));
  const plans = Array.from({ length: Math.min(runs, 64) }, (_, number) => planOf(options, seed, number, host));
  tellLeftOut(options, host, context);
  const argv = Object.entries(flags).map(([name, value]) => `${name}=${String(value)}`);
  const searches = runs > 1 && plans[0]?.parts.provider.virtual !== undefined;
  refuseSearchOptions(options, searches);
  if (searches) return searchRuns((number) => planOf(options, seed, number, host), options, argv, context);
  const codes: number[] = [];
  const tally = new Map<string, number>();
  for (let number = 0; number < runs && !context.signal.aborted; number++) {
    if (runs > 1) context.err(`\nrun ${number + 1} of ${runs}\n`);
    const code = await oneRun(plans[number] ?? planOf(options, seed, number, host), options, argv, context, tally);
    codes.push(code);
    if (code === EXIT.usage || (options.failFast === true && code !== EXIT.valid)) break;
  }
  if (runs > 1) context.err(`\n${codes.length} runs: ${[...tally].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}\n`);
  return context.signal.aborted ? EXIT.interrupted : worstExitCode(codes);
}

/** Options of a search say nothing to runs that come one after the other. Throws FaultlineError (usage). */
function refuseSearchOptions(options: TestOptions, searches: boolean): void {
  const given = [options.jobs === undefined ? [] : '--jobs', options.keepGoing === true ? '--keep-going' : [], options.budget === undefined ? [] : '--budget'].flat();
  if (!searches && given.length > 0) throw usageError(`${given.join(', ')}: only for many runs in virtual time`, 'Give --cluster sim and --runs 2 or more, or leave it out.');
}

/** What the host of the nodes can do. */
async function examined(options: TestOptions, context: CliContext, prepare?: (line: string) => void): Promise<HostReport> {
  const provider = lookUp('cluster', options.cluster ?? 'local', clusters);
  return provider.examine({ nodeCount: options.nodes ?? 5, signal: context.signal, ...(prepare === undefined ? {} : { prepare }) });
}

/** `all` is what can be had; what was left out is said. */
function tellLeftOut(options: TestOptions, host: HostReport, context: CliContext): void {
  if ((options.nemesis ?? ['all']).join() !== 'all') return;
  const system = lookUp('system', options.system ?? 'paxos', systems);
  const leftOut = Object.values(nemeses).filter((nemesis) => obstacles(nemesis, host, system).length > 0);
  if (leftOut.length > 0) context.err(`without ${leftOut.map((nemesis) => `${nemesis.name} (${obstacles(nemesis, host, system)[0]?.why ?? ''})`).join(', ')}: faultline doctor --cluster ${host.provider} tells more\n`);
}

async function oneRun(planned: ReturnType<typeof planOf>, options: TestOptions, argv: readonly string[], context: CliContext, tally: Map<string, number>): Promise<number> {
  const count = (verdict: string): void => void tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
  try {
    const { folder, results } = await performRun(planned, options.results ?? 'results', argv, context);
    count(results.verdict === 'invalid' && results.kind === 'liveness' ? 'safe but stuck' : results.verdict);
    if (options.json === true) context.out(`${JSON.stringify({ dir: folder.dir, plan: planned.plan, results })}\n`);
    return exitCodeOf(results);
  } catch (error) {
    count(error instanceof FaultlineError ? `failed (${error.code})` : 'crashed');
    return reportFailure(error, context);
  }
}
