import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { duration, flag, integer, list, oneOf, usageError, type OptionSpec, type OptionValues } from '../config/option-spec.js';
import type { HostReport } from '../control/host-report.js';
import type { TestOptions } from '../config/test-options.js';
import { EXIT } from '../errors.js';
import { lookUp } from '../judge/suggest.js';
import { Random } from '../random/random.js';
import { clusters, systems } from '../registry.js';
import type { ControlInfo, System } from '../runner/system.js';
import { plural } from '../report/text.js';
import { liveScore } from '../search/live-mutants.js';
import { score, type Mutant, type MutantScore } from '../search/mutants.js';
import { Pool } from '../search/pool.js';
import { search } from '../search/search.js';
import { realClock } from '../time/clock.js';
import type { CliContext } from './context.js';
import { mutantsMarkdown, rowText, scoreText, HEADER, type Control } from './mutants-text.js';
import { commandWith } from './options.js';
import { planOf } from './plan-of.js';

function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

const OPTIONS = {
  only: option({ flag: '--only <names>', help: 'only these bugs', defaultText: 'all', parse: list, repeatable: true }),
  system: option({ flag: '--system <names>', help: 'only the bugs of these systems', defaultText: 'all', parse: list }),
  cluster: option({ flag: '--cluster <name>', help: 'where they are looked for; on real nodes with --only', defaultText: 'sim', parse: oneOf('sim', 'local', 'docker') }),
  seed: option({ flag: '--seed <n>', help: 'of the first search', defaultText: '1', parse: integer(0, 2 ** 31) }),
  seeds: option({ flag: '--seeds <n>', help: 'each bug is looked for so many times, with seeds of their own; the figures are medians', defaultText: '3', parse: integer(1, 99) }),
  runs: option({ flag: '--runs <n>', help: 'for one search at most', defaultText: '1000, on real nodes 5', parse: integer(1, 100_000) }),
  budget: option({ flag: '--budget <duration>', help: 'processor time for one search at most', defaultText: '30s', parse: duration(100) }),
  shrink: option({ flag: '--shrink <duration>', help: 'make the first find of each smaller, for so long at most', defaultText: 'not done', parse: duration(1000) }),
  control: option({ flag: '--control <n>', help: 'so many runs of each correct system, none of which may fail', defaultText: '200', parse: integer(0, 1_000_000) }),
  atLeast: option({ flag: '--at-least <n>', help: 'so many bugs have to be found for exit code 0', defaultText: 'all', parse: integer(0, 10_000) }),
  jobs: option({ flag: '--jobs <n>', help: 'threads', defaultText: 'as many as there are processors', parse: integer(1, 256) }),
  markdown: option({ flag: '--markdown', help: 'the table of docs/mutants.md on standard output', parse: flag }),
  json: option({ flag: '--json', help: 'one JSON document on standard output', parse: flag }),
} as const;

type MutantsOptions = OptionValues<typeof OPTIONS>;

/** `faultline mutants`: tests the tester. Each known bug is switched on and looked for, and the correct systems run beside them. */
export function mutantsCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('mutants', 'the score of the tester: which switchable bugs it finds, how fast, and that it accuses no correct system', OPTIONS).action(async (flags: Record<string, unknown>) => {
    const options = parseFlags(OPTIONS, flags);
    const cluster = options.cluster ?? 'sim';
    if (cluster !== 'sim' && options.only === undefined) throw usageError(`--cluster ${cluster}: on real nodes a run takes as long as it says`, 'Choose some bugs by --only.');
    const host = await lookUp('cluster', cluster, clusters).examine({ nodeCount: 5, signal: context.signal });
    const mutants = mutantsOf(options, cluster, host);
    if (options.json !== true && options.markdown !== true) context.out(`${HEADER}\n`);
    const clock = realClock();
    const jobs = options.jobs ?? availableParallelism();
    await using pool = new Pool(cluster === 'sim' ? jobs : 0);
    const first = options.seed ?? 1;
    // Far apart, so that the searches have no seed in common.
    const seeds = Array.from({ length: options.seeds ?? (cluster === 'sim' ? 3 : 1) }, (_, i) => first + i * 1_000_000);
    const rows: MutantScore[] = [];
    for (const mutant of mutants) {
      if (context.signal.aborted) break;
      const limits = { seeds, runs: options.runs ?? (cluster === 'sim' ? 1000 : 5), budgetMs: options.budget ?? 30_000, shrinkMs: options.shrink ?? 0, signal: context.signal, nowMs: () => clock.now() / 1e6 };
      const row = await (cluster === 'sim' ? score(mutant, { ...limits, pool, jobs }) : liveScore(mutant, limits));
      rows.push(row);
      if (options.json !== true && options.markdown !== true) context.out(`${rowText(row)}\n`);
      else context.err(`${rowText(row)}\n`);
    }
    const controls = cluster === 'sim' ? await controlRuns(options, pool, context, host) : [];
    const seconds = clock.now() / 1e9;
    if (options.json === true) context.out(`${JSON.stringify({ cluster, seeds, seconds, mutants: rows, controls }, null, 2)}\n`);
    else if (options.markdown === true) context.out(mutantsMarkdown(rows, controls));
    else context.out(scoreText(rows, controls, seconds));
    done(context.signal.aborted ? EXIT.interrupted : asExpected(rows, controls, options.atLeast) ? EXIT.valid : EXIT.invalid);
  });
}

/** Whether all bugs were found, or as many as were asked for, nothing was found that must survive, and nothing correct was accused. */
function asExpected(rows: readonly MutantScore[], controls: readonly Control[], atLeast: number | undefined): boolean {
  const wanted = rows.filter(({ expected }) => expected === 'found');
  const enough = wanted.filter(({ found }) => found).length >= (atLeast ?? wanted.length);
  return enough && rows.every(({ found, expected }) => expected === 'found' || !found) && controls.every(({ failures }) => failures.length === 0);
}

/** The bugs that are asked for, as what the tester is tried on. Throws FaultlineError (usage) for a name that is none. */
function mutantsOf(options: MutantsOptions, cluster: string, host: HostReport): readonly Mutant[] {
  for (const name of options.system ?? []) lookUp('system', name, systems);
  const hidden = Object.values(systems).filter(({ name }) => cluster === 'sim' && (options.system?.includes(name) ?? true)).flatMap((system) => (system.controls ?? []).map((control) => controlMutant(system, control)));
  const all = Object.values(systems).filter(({ name, simulate }) => (options.system?.includes(name) ?? true) && (cluster !== 'sim' || simulate !== undefined)).flatMap((system) => (system.bugs ?? []).map((bug) => ({ system: system.name, bug })));
  const table = Object.fromEntries([...all.map(({ bug }) => bug.name), ...hidden.map(({ bug }) => bug.name)].map((name) => [name, name]));
  for (const name of options.only ?? []) lookUp('bug', name, table);
  const wanted = (name: string): boolean => options.only?.includes(name) ?? true;
  const shown: readonly Mutant[] = all
    .filter(({ bug }) => wanted(bug.name))
    .map(({ system, bug }): Mutant => ({
      system,
      bug,
      survives: bug.survives,
      planOf: (seed, number) => planOf(testOptions(system, bug, cluster), seed, number, host).plan,
    }));
  return [...shown, ...hidden.filter(({ bug }) => wanted(bug.name))];
}

/** A bug in a setting that hides it: a calm world, its nemeses and no others, and no quorum that is left alone. */
function controlMutant(system: System, { name, bug: hidden, faults, survives }: ControlInfo): Mutant {
  const bug = (system.bugs ?? []).find((each) => each.name === hidden);
  const { kind = 'safety', part = '', workloads = system.workloads } = bug ?? {};
  const options: Partial<TestOptions> = { system: system.name, cluster: 'sim', bug: [hidden], workload: workloads, nemesis: faults.length === 0 ? ['none'] : faults, nodes: 5 };
  return {
    system: system.name,
    bug: { name, kind, part },
    survives,
    planOf: (seed, number) => {
      const { plan } = planOf(options, seed, number);
      return { ...plan, core: false, world: clusters['sim']?.virtual?.calmer(plan.world).whole[0] };
    },
  };
}

/** In virtual time nothing is said of what would bring it out, but for the workloads that could show it; on real nodes, where a run takes long, the faults that bring it out. */
function testOptions(system: string, { name, workloads, faults }: { readonly name: string; readonly workloads: readonly string[]; readonly faults: readonly string[] }, cluster: string): Partial<TestOptions> {
  const common = { system, cluster, bug: [name], workload: workloads };
  return cluster === 'sim' ? common : { ...common, nemesis: faults, time: 20_000 };
}

/** Runs of the correct systems: each failure among them is a false alarm, or a bug that nobody has switched on. */
async function controlRuns(options: MutantsOptions, pool: Pool, context: CliContext, host: HostReport): Promise<readonly Control[]> {
  const controls: Control[] = [];
  for (const { name, simulate } of Object.values(systems)) {
    if (simulate === undefined || !(options.system?.includes(name) ?? true) || context.signal.aborted || (options.control ?? 200) === 0) continue;
    const seed = options.seed ?? 1;
    context.err(`the correct ${name}: ${plural(options.control ?? 200, 'run')}\n`);
    const result = await search({ planOf: (number) => planOf({ system: name, cluster: 'sim', workload: ['all'] }, seed, number, host).plan, runs: options.control ?? 200, goesOn: true, pool, random: Random.fromSeed(seed).fork('control'), signal: context.signal });
    controls.push({ system: name, runs: result.runs, failures: result.found.map(({ plan, headline }) => ({ seed: plan.seed, headline })) });
  }
  return controls;
}
