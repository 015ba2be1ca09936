import { any, clients, onNemesis, simulate, stagger, timeLimit } from '../generator/index.js';
import type { Capability } from '../control/capability.js';
import type { HostReport } from '../control/host-report.js';
import type { Op } from '../history/op.js';
import { Random } from '../random/random.js';
import { realClock } from '../time/clock.js';
import { needsOf } from '../runner/nemesis.js';
import type { Run } from '../runner/run-context.js';
import type { PlannedRun } from './plan-of.js';

/** So many client operations are shown. */
const SHOWN = 15;

/** What a seed would do, in words: the faults in full, and the first client operations, on a system that answers everything at once. */
export function planText({ plan, parts }: PlannedRun, host?: HostReport): string {
  const ops = simulated({ plan, parts }, host);
  const faults = ops.filter((op) => typeof op.process === 'string' && op.type === 'invoke');
  const calls = ops.filter((op) => typeof op.process === 'number' && op.type === 'invoke');
  return [
    `${plan.command}`,
    '',
    `Faults (${faults.filter(({ f }) => f === 'start').length}; each lasts until its stop, and what is aimed at the leader finds it then):`,
    ...faults.map((op) => `  ${at(op)}  ${String(op.process).padEnd(18)} ${op.f.padEnd(5)} ${op.f === 'start' ? JSON.stringify(op.value) : ''}`.trimEnd()),
    '',
    `Client operations (${calls.length} in the load phase if none is held up; the first ${Math.min(SHOWN, calls.length)}):`,
    ...calls.slice(0, SHOWN).map((op) => `  ${at(op)}  process ${String(op.process).padEnd(4)} ${op.f.padEnd(6)} ${String(op.key ?? '').padEnd(5)} ${JSON.stringify(op.value)}`),
    '',
  ].join('\n');
}

/** The simulated history of the load phase. */
export function simulated({ plan, parts }: PlannedRun, host?: HostReport): readonly Op[] {
  const random = Random.fromSeed(plan.seed).fork('run');
  const run = imaginedRun(plan, parts, random, host);
  const work = parts.workload.generator(run);
  const faults = parts.nemeses.map((nemesis) => onNemesis(nemesis.name, nemesis.create(run).generator(random.fork(`nemesis ${nemesis.name}`))));
  const load = timeLimit(plan.timeMs, any(clients(plan.rate === 0 ? work : stagger(1000 / plan.rate, work)), ...faults));
  const maxOperations = plan.rate === 0 ? 10_000 : undefined;
  return simulate(load, {
    threads: plan.concurrency,
    nemeses: parts.nemeses.map(({ name }) => name),
    seed: plan.seed,
    ...(maxOperations === undefined ? {} : { maxOperations }),
  }).ops;
}

/** A run with nodes that have names only, and what the host can do: all that schedules look at. */
function imaginedRun(plan: PlannedRun['plan'], parts: PlannedRun['parts'], random: Random, host?: HostReport): Run {
  const nodes = Array.from({ length: plan.nodes }, (_, index) => ({ name: `n${index + 1}`, index }));
  const { seed, concurrency, timeMs, rate } = plan;
  const cluster = { provider: plan.cluster, nodes, supports: (capability: Capability) => host === undefined || host.capabilities.get(capability)?.ok === true } as unknown as Run['cluster'];
  return { id: 'plan', seed, random, clock: realClock(), cluster, system: parts.system, concurrency, nemeses: parts.nemeses.map(({ name }) => name), needs: needsOf(parts.nemeses), timeMs, rate, damage: plan.damage ?? 'minority', ...(plan.paces === undefined ? {} : { paces: plan.paces }), systemOptions: parts.systemOptions, log: () => undefined };
}

function at(op: Op): string {
  return `${(op.time / 1e9).toFixed(3).padStart(8)} s`;
}
