import { usageError } from '../config/option-spec.js';
import type { TestOptions } from '../config/test-options.js';
import type { HostReport } from '../control/host-report.js';
import { messageOf } from '../errors.js';
import { clusters, nemeses, systems, workloads } from '../registry.js';
import type { Nemesis } from '../runner/nemesis.js';
import type { TestParts } from '../runner/test-run.js';
import type { StoredPlan } from '../store/schema.js';
import { partsOf } from '../search/resolve.js';
import { swarm, type Pinned } from '../search/swarm.js';
import { obstacles, unable } from './obstacles.js';
import { promisedCheckers } from '../judge/promised.js';
import { lookUp } from '../judge/suggest.js';

/** A plan with what it names. */
export interface PlannedRun {
  readonly plan: StoredPlan;
  readonly parts: TestParts;
}

/** Makes the plan of the run with the given number, from 0: it has its own seed, and the workloads take turns. With `host`, `all` nemeses are those that it can make, and any other is refused. Throws FaultlineError (usage) that names the option. */
export function planOf(options: Partial<TestOptions>, firstSeed: number, number: number, host?: HostReport): PlannedRun {
  const system = lookUp('system', options.system ?? 'paxos', systems);
  const provider = lookUp('cluster', options.cluster ?? 'local', clusters);
  if (options.image !== undefined && provider.containers !== true) throw usageError(`--image: the cluster ${provider.name} does not run images`, 'Take --cluster docker.');
  const nodes = options.nodes ?? 5;
  const names = chosen('workload', options.workload ?? system.workloads.slice(0, 1), system.workloads);
  const workload = lookUp('workload', names[number % names.length] ?? '', workloads);
  const able = host === undefined ? nemeses : Object.fromEntries(Object.entries(nemeses).filter(([, nemesis]) => obstacles(nemesis, host, system).length === 0));
  const nemesisNames = chosen('nemesis', options.nemesis ?? ['all'], Object.keys(nemeses), Object.keys(able));
  for (const name of nemesisNames) if (!Object.hasOwn(able, name) && host !== undefined) throw unable(lookUp<Nemesis>('nemesis', name, nemeses), host, system);
  const bugs = options.bug ?? [];
  const known = Object.fromEntries((system.bugs ?? []).map((bug) => [bug.name, bug]));
  for (const bug of bugs) lookUp(`bug of ${system.name}`, bug, known);
  const settings = bugs.map((bug) => known[bug]?.setting ?? {});
  const systemOptions = { ...Object.assign({}, ...settings) as object, ...options.option, ...(bugs.length === 0 ? {} : { bugs }) };
  const parsed = system.options.safeParse(systemOptions);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw usageError(`-o ${issue?.path.join('.') ?? ''}: ${issue?.message ?? messageOf(parsed.error)}`, `faultline reference lists the options of ${system.name}.`);
  }
  const promise = system.promise?.(parsed.data);
  const judges = promisedCheckers(workload, promise);
  if (options.failFast === true && !judges.some((judge) => judge.monitor !== undefined)) throw usageError(`--fail-fast: nothing watches for violations of ${promise === undefined ? 'what this workload promises' : `${promise} consistency`} during a run`, 'Leave it out: the history is judged at the end.');
  const concurrency = options.concurrency ?? { count: 2, perNode: true };
  const seed = (firstSeed + number) % 2 ** 32;
  const plan: StoredPlan = {
    format: 1,
    seed,
    suite: options.suite ?? `${system.name}-${workload.name}`,
    system: system.name,
    systemOptions,
    bugs: [...bugs],
    cluster: provider.name,
    nodes,
    workload: workload.name,
    nemeses: [...nemesisNames],
    timeMs: options.time ?? 30_000,
    concurrency: concurrency.perNode ? concurrency.count * nodes : concurrency.count,
    rate: options.rate ?? 100,
    callTimeoutMs: options.callTimeout ?? 2000,
    livenessBoundMs: options.livenessBound ?? 15_000,
    ...(options.basePort === undefined ? {} : { basePort: options.basePort }),
    ...(options.damage === 'majority' ? { damage: options.damage } : {}),
    ...(options.image === undefined ? {} : { image: options.image }),
    keepData: options.keepData === true,
    ...(options.failFast === true ? { failFast: true } : {}),
    ...(promise === undefined ? {} : { promise }),
    command: '',
  };
  const parts: TestParts = { system, systemOptions: parsed.data, provider, workload, nemeses: nemesisNames.map((name) => lookUp<Nemesis>('nemesis', name, nemeses)) };
  if (provider.virtual === undefined) return { plan: { ...plan, command: commandOf(plan) }, parts };
  if (system.simulate === undefined) throw usageError(`--cluster ${provider.name}: ${system.name} does not run in a simulation`, 'Take --cluster local or docker.');
  const drawn = swarm(plan, parts, pinnedBy(options));
  // A command repeats the choices that were made for the user; the seed repeats the others.
  return { plan: { ...drawn, command: virtualCommandOf(plan, options) }, parts: partsOf(drawn) };
}

/** What the user has chosen: it is not drawn. */
function pinnedBy(options: Partial<TestOptions>): Pinned {
  const all = (options.nemesis ?? ['all']).join() === 'all';
  return { nodes: options.nodes !== undefined, nemeses: !all, time: options.time !== undefined, rate: options.rate !== undefined, options: Object.keys(options.option ?? {}) };
}

/** The command that repeats a plan whose world was drawn from its seed. */
function virtualCommandOf(plan: StoredPlan, options: Partial<TestOptions>): string {
  const { nodes, nemeses, time, rate, options: names } = pinnedBy(options);
  return [
    `faultline test --seed ${plan.seed} --system ${plan.system} --cluster ${plan.cluster} --workload ${plan.workload}`,
    ...(nodes ? [`--nodes ${plan.nodes}`] : []),
    ...(nemeses ? [`--nemesis ${plan.nemeses.join(',') || 'none'}`] : []),
    ...(time ? [`--time ${plan.timeMs}ms`] : []),
    ...(rate ? [`--rate ${plan.rate}`] : []),
    ...(options.concurrency === undefined ? [] : [`--concurrency ${options.concurrency.count}${options.concurrency.perNode ? 'n' : ''}`]),
    ...(options.callTimeout === undefined ? [] : [`--call-timeout ${plan.callTimeoutMs}ms`]),
    ...(options.livenessBound === undefined ? [] : [`--liveness-bound ${plan.livenessBoundMs}ms`]),
    ...(plan.failFast === true ? ['--fail-fast'] : []),
    ...(plan.damage === undefined ? [] : [`--damage ${plan.damage}`]),
    ...names.map((name) => `-o ${name}=${textOf(plan.systemOptions[name])}`),
    ...plan.bugs.map((bug) => `--bug ${bug}`),
  ].join(' ');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `all` means those that can be had. */
function chosen(what: string, names: readonly string[], all: readonly string[], able = all): readonly string[] {
  if (names.length === 1 && names[0] === 'all') return able;
  if (names.length === 1 && names[0] === 'none' && what === 'nemesis') return [];
  if (names.length === 0) throw usageError(`--${what}: no name given`, `Known are: ${all.join(', ')}, all.`);
  const table = Object.fromEntries(all.map((name) => [name, name]));
  return [...new Set(names.map((name) => lookUp(what, name, table)))];
}

/** The command that repeats a plan. */
function commandOf(plan: StoredPlan): string {
  const { bugs, ...options } = plan.systemOptions;
  const words = [
    'faultline test',
    `--seed ${plan.seed} --system ${plan.system} --cluster ${plan.cluster} --nodes ${plan.nodes} --workload ${plan.workload}`,
    `--nemesis ${plan.nemeses.join(',') || 'none'} --time ${plan.timeMs}ms --concurrency ${plan.concurrency} --rate ${plan.rate}`,
    `--call-timeout ${plan.callTimeoutMs}ms --liveness-bound ${plan.livenessBoundMs}ms`,
    ...(plan.failFast === true ? ['--fail-fast'] : []),
    ...(plan.basePort === undefined ? [] : [`--base-port ${plan.basePort}`]),
    ...(plan.damage === undefined ? [] : [`--damage ${plan.damage}`]),
    ...(plan.image === undefined ? [] : [`--image ${plan.image}`]),
    ...Object.entries(options).map(([name, value]) => `-o ${name}=${textOf(value)}`),
    ...(Array.isArray(bugs) ? bugs.map((bug) => `--bug ${String(bug)}`) : []),
  ];
  return words.join(' ');
}
