import { describe, expect, it } from 'vitest';
import type { StoredPlan } from '../store/schema.js';
import { Pool } from './pool.js';
import { summarize } from './summarize.js';
import { basePlan, shortPlan } from './testing/plans.js';

const never = new AbortController().signal;

/** A thread that does what the plan's suite says: `echo` answers with the number of plans that this thread has had. */
const THREAD = new URL(`data:text/javascript,${encodeURIComponent(`
  import { parentPort } from 'node:worker_threads';
  let had = 0;
  parentPort.on('message', (plan) => {
    had++;
    if (plan.suite === 'ends') process.exit(3);
    if (plan.suite === 'throws') throw new Error('broken inside');
    if (plan.suite === 'hangs') return;
    parentPort.postMessage({ plan, operations: had });
    if (plan.suite === 'ends afterwards') setImmediate(() => process.exit(3));
  });`)}`);

function plan(suite: string, seed = 1): StoredPlan {
  return { ...basePlan(seed), suite };
}

describe('a pool of threads', () => {
  it('gives each plan its own summary, on as many threads as it has', async () => {
    await using pool = new Pool(3, THREAD);
    const summaries = await Promise.all(Array.from({ length: 20 }, (_, seed) => pool.run(plan('echo', seed), never)));
    expect(summaries.map((summary) => summary.plan.seed)).toEqual(Array.from({ length: 20 }, (_, seed) => seed));
    expect(Math.max(...summaries.map(({ operations }) => operations))).toBeGreaterThanOrEqual(20 / 3);
  });

  it.each([
    ['ends', 'the thread of a run of seed 5 has ended'],
    ['throws', 'a run of seed 5 broke its thread: broken inside'],
  ])('names the run of a thread that %s, and replaces it', async (suite, message) => {
    await using pool = new Pool(1, THREAD);
    await pool.run(plan('echo'), never);
    const [broken, next] = await Promise.allSettled([pool.run(plan(suite, 5), never), pool.run(plan('echo', 6), never)]);
    expect(broken).toMatchObject({ status: 'rejected', reason: { code: 'search-worker', message } });
    expect(next).toMatchObject({ status: 'fulfilled', value: { plan: { seed: 6 }, operations: 1 } });
  });

  it('replaces a thread that ends while it has nothing to do', async () => {
    await using pool = new Pool(1, THREAD);
    expect(await pool.run(plan('ends afterwards'), never)).toMatchObject({ operations: 1 });
    // Asked at once it is the same thread, which does not live to answer; in the end it is another one.
    let last = await pool.run(plan('echo'), never).catch(() => undefined);
    while (last === undefined || last.operations > 1) last = await pool.run(plan('echo'), never).catch(() => undefined);
    expect(last).toMatchObject({ operations: 1 });
  });

  it('says so when no thread can be started, of every run', async () => {
    await using pool = new Pool(2, new URL('data:text/javascript,throw new Error("no such program")'));
    const runs = await Promise.allSettled(Array.from({ length: 5 }, (_, seed) => pool.run(plan('echo', seed), never)));
    for (const each of runs) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'search-worker' } });
  });

  it('leaves a run that is aborted, whether it is under way or waits, and is ready for others', async () => {
    await using pool = new Pool(1, THREAD);
    const stop = new AbortController();
    const runs = [pool.run(plan('hangs'), stop.signal), pool.run(plan('hangs'), stop.signal), pool.run(plan('echo', 9), never)];
    stop.abort(new Error('enough'));
    const [underWay, waiting, other] = await Promise.allSettled(runs);
    for (const left of [underWay, waiting]) expect(left).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
    expect(other).toMatchObject({ status: 'fulfilled', value: { plan: { seed: 9 } } });
    await expect(pool.run(plan('echo'), stop.signal)).rejects.toThrow('enough');
  });

  it('carries out plans as this thread would', async () => {
    await using pool = new Pool(1);
    const { cpuMs: _, ...there } = await pool.run(shortPlan(3), never);
    const { cpuMs: _cpuMs, ...here } = await summarize(shortPlan(3), never);
    expect(there).toEqual(here);
    expect(here.operations).toBeGreaterThan(10);
  });
});

describe('a summary', () => {
  it('of what cannot be carried out says why', async () => {
    expect(await summarize({ ...shortPlan(1), system: 'paxis' }, never)).toMatchObject({ verdict: 'failed', headline: expect.stringContaining('paxis') as unknown, operations: 0 });
    expect(await summarize({ ...shortPlan(1), systemOptions: { q1: 'many' } }, never)).toMatchObject({ verdict: 'failed', headline: expect.stringContaining('q1') as unknown });
  });

  it('is not made of an aborted run', async () => {
    await expect(summarize(shortPlan(1), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
