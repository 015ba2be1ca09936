import { availableParallelism } from 'node:os';
import { nemeses } from '../src/registry.js';
import { Pool } from '../src/search/pool.js';
import { runOnce } from '../src/search/run-once.js';
import type { StoredPlan } from '../src/store/schema.js';
import { timeByArea, type Areas } from './time-by-area.js';

const SECONDS = 30;
const NODES = 5;
const CLIENTS = 10;
const RATE = 100;
/** Until what is hot is compiled. */
const WARM_UP = 8;
const RUNS = 16;
const POOL_RUNS = 60;

const AREAS: Areas = [
  ['/systems/paxos/core/', 'Paxos: the core'],
  ['/systems/paxos/client', 'clients'],
  ['/systems/paxos/http-client', 'clients'],
  ['/systems/paxos/', 'Paxos: log, snapshots, requests, status'],
  ['/clusters/sim/disk/', 'simulated disk'],
  ['/clusters/sim/clock', 'virtual time'],
  ['/clusters/sim/', 'simulated network and machines'],
  ['/src/generator/', 'generator'],
  ['/workloads/', 'generator'],
  ['/src/runner/monitor', 'monitor'],
  ['/src/runner/state-fingerprint', 'monitor'],
  ['/src/runner/counter-totals', 'monitor'],
  ['/src/runner/', 'interpreter'],
  ['/nemeses/', 'nemeses'],
  ['/checkers/', 'checkers'],
  ['/src/judge/', 'checkers'],
];

type Print = (line: string) => void;
type Faults = 'none' | 'all nemeses';

/** How fast simulated runs of the bundled service are, judging included: on one core, on all of them, and what takes the time. */
export async function benchSimulation(print: Print = (line) => void process.stdout.write(`${line}\n`)): Promise<void> {
  print(`simulated Paxos: ${NODES} nodes, ${CLIENTS} clients, ${RATE} operations a second in all, ${SECONDS} simulated seconds, judged; processor time of a run`);
  print('faults        operations   best ms   median ms   times real time, best   median');
  for (const faults of ['none', 'all nemeses'] as const) print(await speedRow(faults));
  print('');
  print(await wholeRuns());
  print('');
  print('where the time goes without faults');
  const shares = await timeByArea(AREAS, () => inTurn(plansOf('none', RUNS)));
  for (const [area, share] of shares) if (share >= 0.005) print(`  ${area.padEnd(44)} ${(100 * share).toFixed(1).padStart(5)} %`);
}

/** In a quiet world, and with the usual options: how long a run takes is not to depend on what its seed draws. */
function plansOf(faults: Faults, count: number): readonly StoredPlan[] {
  const plan = {
    format: 1,
    suite: 'bench',
    system: 'paxos',
    systemOptions: {},
    bugs: [],
    cluster: 'sim',
    nodes: NODES,
    workload: 'register',
    nemeses: faults === 'none' ? [] : Object.keys(nemeses),
    timeMs: SECONDS * 1000,
    concurrency: CLIENTS,
    rate: RATE,
    callTimeoutMs: 2000,
    livenessBoundMs: 15_000,
    keepData: false,
    command: '',
  } satisfies Omit<StoredPlan, 'seed'>;
  return Array.from({ length: count }, (_, number) => ({ ...plan, seed: number + 1 }));
}

async function speedRow(faults: Faults): Promise<string> {
  await inTurn(plansOf(faults, WARM_UP));
  const measured: { readonly ms: number; readonly operations: number }[] = [];
  for (const plan of plansOf(faults, RUNS)) {
    const before = process.cpuUsage();
    const { ops } = await runOnce(plan, never);
    const { user, system } = process.cpuUsage(before);
    measured.push({ ms: (user + system) / 1000, operations: ops.filter(({ type, process: by }) => type === 'invoke' && typeof by === 'number').length });
  }
  const times = measured.map(({ ms }) => ms).sort((a, b) => a - b);
  const [best, median] = [times[0] ?? NaN, times[times.length >> 1] ?? NaN];
  const operations = measured.reduce((sum, run) => sum + run.operations, 0) / measured.length;
  const timesReal = (ms: number): string => ((SECONDS * 1000) / ms).toFixed(0);
  return [faults.padEnd(12), operations.toFixed(0).padStart(11), best.toFixed(0).padStart(9), median.toFixed(0).padStart(11), timesReal(best).padStart(23), timesReal(median).padStart(8)].join(' ');
}

async function wholeRuns(): Promise<string> {
  const cores = availableParallelism();
  await using pool = new Pool(cores);
  const all = (plans: readonly StoredPlan[]): Promise<unknown> => Promise.all(plans.map((plan) => pool.run(plan, never)));
  await all(plansOf('none', WARM_UP * cores));
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await all(plansOf('none', POOL_RUNS));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1e6 / (seconds * cores);
  return `${(POOL_RUNS / seconds).toFixed(1)} whole runs a second on ${cores} cores, of which they got ${(100 * share).toFixed(0)} %: ${(POOL_RUNS / seconds / share).toFixed(1)} on cores that have nothing else to do`;
}

async function inTurn(plans: readonly StoredPlan[]): Promise<void> {
  for (const plan of plans) await runOnce(plan, never);
}

const never = new AbortController().signal;
