import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { SimClock } from '../clusters/sim/clock.js';
import { ORDERS } from '../clusters/sim/setting.js';
import { planOf } from '../src/cli/plan-of.js';
import { parseFlags } from '../src/config/load.js';
import { TEST_OPTIONS } from '../src/config/test-options.js';
import { nemeses, systems } from '../src/registry.js';
import { runTest } from '../src/runner/test-run.js';
import { partsOf } from '../src/search/resolve.js';
import { runOnce } from '../src/search/run-once.js';
import type { StoredPlan } from '../src/store/schema.js';

const never = new AbortController().signal;

/** Seeds that together have every nemesis, every workload and every order of messages; that they do is tested. */
const SEEDS = [22, 23, 10, 14, 15, 11];
const PLANS = SEEDS.map((seed, number): StoredPlan => planOf(parseFlags(TEST_OPTIONS, { cluster: 'sim', workload: 'all', time: '2s', nemesis: number === 0 ? Object.keys(nemeses).join() : 'all' }), seed - number, number).plan);

/**
 * What came of the first of these plans when this was written: hashes of their histories, by seed. They hold on any machine and with any version of Node.js; where one does not, the
 * simulation depends on something that it must not depend on. An intended change of the simulation, or of anything that takes part in a run (what a seed decides, the system, its client,
 * a workload, a nemesis, the runner) changes them as well: look whether the new histories are as they should be, then copy the hashes that the failing test shows.
 */
const GOLDEN: Readonly<Record<number, string>> = {
  10: '301dbf90fa3702acc27af04600cbc93e',
  22: '4bd9ae76a6aab66ce2b3e0be075d6650',
  23: 'cb25cc92b74e013a4e3ca8c9e8a30b03',
};

/** For what a plain action of the clock may have overlooked: every nemesis and both systems, some seeds. */
const PATIENCE = Array.from({ length: 48 }, (_, seed): StoredPlan => planOf(parseFlags(TEST_OPTIONS, { cluster: 'sim', system: seed % 6 === 5 ? 'synod' : 'paxos', workload: 'all', time: '2s', nemesis: 'all' }), seed, 0).plan);

/** A hash of the history and all that happened inside, with a clock that lets promises go on after every action (`patient`), or with the usual one. */
async function insideOf(plan: StoredPlan, patient: boolean): Promise<string> {
  const parts = partsOf(plan);
  const virtual = parts.provider.virtual;
  if (virtual === undefined) throw new Error('no virtual time');
  const seen: unknown[] = [];
  const see = (each: unknown): void => void seen.push(each);
  await runTest(plan, { ...parts, provider: { ...parts.provider, virtual: { ...virtual, clock: () => new SimClock({ patient }) } } }, { runId: 'run', runDir: '/run', event: see, trace: see, phase: () => undefined, log: () => undefined }, never);
  return hash(seen);
}

interface Hashes {
  readonly history: string;
  /** Of every message, role and end of a program, and of the abstract states that were seen. */
  readonly inside: string;
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

async function hashesOf(plan: StoredPlan): Promise<Hashes> {
  const { ops, trace, states } = await runOnce(plan, never, { trace: true });
  return { history: hash(ops), inside: hash([trace, states]) };
}

/** What was built. */
const BUILT = new URL('../dist/src/', import.meta.url);

/** The same in another thread or process, by what was built: of `plans`, told to `tell`. */
const ELSEWHERE = `
  const { createHash } = await import('node:crypto');
  const { runOnce } = await import('${BUILT.href}search/run-once.js');
  const hash = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
  const hashes = [];
  for (const plan of plans) {
    const { ops, trace, states } = await runOnce(plan, new AbortController().signal, { trace: true });
    hashes.push({ history: hash(ops), inside: hash([trace, states]) });
  }
  tell(hashes);`;

function inThread(plans: readonly StoredPlan[]): Promise<readonly Hashes[]> {
  const text = `const { parentPort, workerData: plans } = require('node:worker_threads'); const tell = (it) => parentPort.postMessage(it); (async () => { ${ELSEWHERE} })();`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(text, { eval: true, workerData: plans });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function inProcess<T>(plans: readonly StoredPlan[], program: string): Promise<T> {
  const text = `const plans = ${JSON.stringify(plans)}; const tell = (it) => { process.stdout.write(JSON.stringify(it)); process.exit(0); }; ${program}`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', text], { timeout: 100_000 });
  return JSON.parse(stdout) as T;
}

/** Keeps the event loop busy at random, so that whoever waits for it waits longer. */
const BUSY = `
  const work = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
  setInterval(() => work(Math.random() * 20), 1);
  const now = () => { work(Math.random() * 2); setImmediate(now); };
  setImmediate(now);`;

/** Tells what a run asks of Node.js that comes back asynchronously: promises, timers, files, sockets ... With `event` as what is done at every event of the history. */
function askedOfNode(event: string): string {
  return `
  const { createHook } = await import('node:async_hooks');
  const { runTest } = await import('${BUILT.href}runner/test-run.js');
  const { partsOf } = await import('${BUILT.href}search/resolve.js');
  const counts = {};
  // The clock lets the process take a breath now and then.
  const ofClock = (type) => type === 'Immediate' && new Error().stack.includes('/sim/clock.js');
  const hook = createHook({ init: (id, type) => { if (!ofClock(type)) counts[type] = (counts[type] ?? 0) + 1; } });
  for (const plan of plans) {
    hook.enable();
    await runTest(plan, partsOf(plan), { runId: 'run', runDir: '/run', event: () => { ${event} }, phase: () => {}, log: () => {} }, new AbortController().signal);
    hook.disable();
  }
  tell(counts);`;
}

describe('a seed in virtual time', { timeout: 120_000 }, () => {
  it('was chosen so that all of them have everything', () => {
    expect(existsSync(new URL('search/run-once.js', BUILT)), 'npm run build').toBe(true);
    expect(new Set(PLANS.flatMap((plan) => plan.nemeses))).toEqual(new Set(Object.keys(nemeses)));
    expect(new Set(PLANS.map(({ workload }) => workload))).toEqual(new Set(systems['paxos']?.workloads));
    expect(new Set(PLANS.map(({ world }) => (world as { readonly network: { readonly order: string } }).network.order))).toEqual(new Set(Object.keys(ORDERS)));
    expect(PLANS.flatMap(({ paces = {} }) => Object.values(paces)).some(({ aimed = 0 }) => aimed > 0)).toBe(true);
    expect(new Set(PLANS.map(({ core }) => core))).toEqual(new Set([true, false]));
  });

  it('is one history: again in this process, in a thread, in another process, and while the event loop is kept busy', async () => {
    const first: Hashes[] = [];
    for (const plan of PLANS) first.push(await hashesOf(plan));
    expect(new Set(first.map(({ history }) => history)).size).toBe(PLANS.length);
    const again: Hashes[] = [];
    for (const plan of PLANS.toReversed()) again.unshift(await hashesOf(plan));
    expect(again, 'again, in another order').toEqual(first);
    expect(await inThread(PLANS), 'in a thread').toEqual(first);
    expect(await inProcess(PLANS, ELSEWHERE), 'in another process').toEqual(first);
    expect(await inProcess(PLANS, BUSY + ELSEWHERE), 'with a busy event loop').toEqual(first);
  });

  it('is one history when several go on at once', async () => {
    const together = await Promise.all(PLANS.slice(0, 3).map(hashesOf));
    for (const [i, plan] of PLANS.slice(0, 3).entries()) expect(await hashesOf(plan)).toEqual(together[i]);
  });

  it('does not depend on whether anybody follows what happens inside', async () => {
    const [plan] = PLANS;
    if (plan === undefined) throw new Error('no plan');
    expect(hash((await runOnce(plan, never)).ops)).toBe((await hashesOf(plan)).history);
  });

  it('does not depend on whether promises may go on after every action, or only where they may by what is known', async () => {
    for (const plan of PATIENCE) expect(await insideOf(plan, true), `seed ${plan.seed}`).toBe(await insideOf(plan, false));
  });

  it('waits for nothing real: no timer, file, socket or thread', async () => {
    const { PROMISE, TickObject, ...others } = await inProcess<Record<string, number>>(PLANS, askedOfNode(''));
    expect(others).toEqual({});
    expect(PROMISE).toBeGreaterThan(0);
    expect(TickObject).toBeGreaterThan(0);
    const caught = await inProcess<Record<string, number>>(PLANS.slice(0, 1), askedOfNode('setTimeout(() => {}, 0);'));
    expect(caught['Timeout']).toBeGreaterThan(0);
  });

  it('is the history that it has always been', async () => {
    const histories = await Promise.all(PLANS.slice(0, 3).map(async (plan) => [plan.seed, (await hashesOf(plan)).history] as const));
    expect(Object.fromEntries(histories)).toEqual(GOLDEN);
  });
});
