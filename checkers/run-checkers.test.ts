import { describe, expect, it } from 'vitest';
import type { CheckContext, History, Op } from '../src/index.js';
import { coverage, liveness, stats } from './index.js';
import { CONTEXT, history } from './testing/script.js';

type Event = Omit<Op, 'index'>;

const NODES = ['n1', 'n2', 'n3'];
const context: CheckContext = { ...CONTEXT, nodes: NODES, nemeses: ['partition'] };

/** Client operations from `ms` on, lasting 1 ms. */
function op(ms: number, process: number, f: string, type: 'ok' | 'fail' | 'info' | 'open', more: Partial<Op> = {}): readonly Event[] {
  const invoke: Event = { time: ms * 1e6, process, type: 'invoke', f, value: 1, node: NODES[process % 3] ?? 'n1', ...more };
  return type === 'open' ? [invoke] : [invoke, { ...invoke, time: (ms + 1) * 1e6, type }];
}

function phase(ms: number, value: string): Event {
  return { time: ms * 1e6, process: 'runner', type: 'info', f: 'phase', value };
}

function nemesis(ms: number, f: 'start' | 'stop', value: unknown, name = 'partition'): readonly Event[] {
  const invoke: Event = { time: ms * 1e6, process: `nemesis/${name}`, type: 'invoke', f, value: null };
  return [invoke, { ...invoke, type: 'info', value }];
}

const seen = { observed: true, evidence: 'seen' };
const unseen = { observed: false, evidence: 'nothing changed' };
const cut = { kind: 'one', targets: ['n1'] };
const cutEnd = { ...cut, effect: seen, healed: seen };

function run(finals: readonly Event[], end = 3000): History {
  return history(phase(0, 'load'), ...op(10, 0, 'write', 'ok'), ...op(20, 1, 'write', 'ok'), ...op(30, 2, 'write', 'ok'), phase(100, 'heal'), phase(200, 'final'), ...finals, phase(end, 'done'));
}

describe('liveness', () => {
  it('is given when every node and key is served again within the bound', async () => {
    const result = await liveness.check(run([...op(210, 0, 'write', 'ok'), ...op(220, 1, 'write', 'info'), ...op(230, 2, 'write', 'ok'), ...op(700, 4, 'write', 'ok')]), context);
    expect(result).toMatchObject({ valid: true, details: { recoveryMs: { 'write at n1': 11, 'write at n2': 501, 'write at n3': 31 } } });
  });

  it('is broken when one node stays stuck, and says which and for how long', async () => {
    const result = await liveness.check(run([...op(210, 0, 'write', 'ok'), ...op(220, 1, 'write', 'info'), ...op(230, 2, 'write', 'ok'), ...op(900, 4, 'write', 'open')]), context);
    expect(result.valid).toBe(false);
    expect(result.summary).toBe('stuck: within 1 s after healing no success of write at n2');
    expect(result.anomalies[0]?.message).toBe('write at n2: no success for 2.78 s after healing was done (#8), in 2 attempts (0 failed, 1 timed out or broke off, 1 never completed).');
  });

  it('is broken when writes stay stuck though reads are served', async () => {
    const reads = [0, 1, 2].flatMap((process) => op(210 + 10 * process, process, 'read', 'ok'));
    expect(await liveness.check(run([...reads, ...op(300, 3, 'write', 'info')]), context)).toMatchObject({ valid: false, summary: 'stuck: within 1 s after healing no success of write at n1' });
  });

  it('is broken when one client stays stuck though another is served that is pinned to the same node', async () => {
    const ofNode = [0, 1, 2].flatMap((process) => op(210 + 10 * process, process, 'write', 'ok'));
    // Processes 3 and 9 are client 0 of three, which was served as process 0; of six clients they are the fourth.
    const failing = [...op(300, 3, 'write', 'info'), ...op(400, 9, 'write', 'fail')];
    expect((await liveness.check(run([...ofNode, ...failing]), { ...context, concurrency: 3 })).valid).toBe(true);
    expect(await liveness.check(run([...ofNode, ...failing]), { ...context, concurrency: 6 })).toMatchObject({ valid: false, summary: 'stuck: within 1 s after healing no success of client 3 at n1' });
  });

  it('is broken when one key stays stuck', async () => {
    const finals = [0, 1, 2].flatMap((process) => op(210 + 10 * process, process, 'write', 'ok', { key: 'a' }));
    const result = await liveness.check(run([...finals, ...op(300, 3, 'write', 'info', { key: 'b' })]), context);
    expect(result.anomalies).toMatchObject([{ kind: 'stuck', key: 'b' }]);
  });

  it('is broken when the success comes after the bound', async () => {
    const result = await liveness.check(run([...op(210, 0, 'write', 'ok'), ...op(220, 1, 'write', 'info'), ...op(230, 2, 'write', 'ok'), ...op(2000, 4, 'write', 'ok')]), context);
    expect(result.anomalies[0]?.message).toMatch(/the first success came too late/);
  });

  it('is unknown if the history ends before the bound, or before healing', async () => {
    expect((await liveness.check(run([...op(210, 0, 'write', 'ok'), ...op(220, 1, 'write', 'open'), ...op(230, 2, 'write', 'ok')], 400), context)).valid).toBe('unknown');
    expect((await liveness.check(history(phase(0, 'load'), ...op(1, 0, 'write', 'ok')), context)).valid).toBe('unknown');
    expect(await liveness.check(run([...op(210, 0, 'write', 'ok'), ...op(230, 2, 'write', 'ok')]), context)).toMatchObject({ valid: 'unknown', summary: 'no operation was tried at n2 after healing' });
  });

  it('is broken when the phase ends just as the bound does, and open for what was tried only at its end', async () => {
    const served = [...op(210, 0, 'write', 'ok'), ...op(230, 2, 'write', 'ok')];
    expect((await liveness.check(run([...served, ...op(240, 1, 'write', 'open')], 1190), context)).valid).toBe(false);
    expect((await liveness.check(run([...served, ...op(900, 1, 'write', 'open')], 1190), context)).valid).toBe('unknown');
  });

  it('counts an operation that hangs since before healing against its node', async () => {
    const hanging = history(phase(0, 'load'), ...op(10, 1, 'write', 'open'), phase(100, 'heal'), phase(200, 'final'), ...op(210, 0, 'write', 'ok'), phase(3000, 'done'));
    expect(await liveness.check(hanging, context)).toMatchObject({ valid: false, summary: 'stuck: within 1 s after healing no success of anything at n2' });
  });
});

describe('coverage', () => {
  const load = (...middle: readonly Event[]): History => history(phase(0, 'load'), ...op(1, 0, 'write', 'ok'), ...middle);

  it('is given by a fault that bit while operations succeeded', async () => {
    const result = await coverage.check(load(...nemesis(10, 'start', cut), ...op(20, 1, 'write', 'ok'), ...nemesis(30, 'stop', cutEnd)), context);
    expect(result).toMatchObject({ valid: true, details: { faults: 1, effective: 1, healed: 1, byKind: { 'partition/one': { started: 1, effective: 1, healed: 1 } } } });
  });

  it.each([
    ['never began a fault', []],
    ['began 1 fault, none with an effect', [...nemesis(10, 'start', cut), ...nemesis(30, 'stop', { ...cut, effect: unseen, healed: seen })]],
    ['none of 1 operation succeeded while faults were in force', [...nemesis(10, 'start', cut), ...op(20, 1, 'write', 'info'), ...nemesis(30, 'stop', cutEnd)]],
    ['was never ended', [...nemesis(5, 'start', cut), ...nemesis(6, 'stop', cutEnd), ...nemesis(10, 'start', cut)]],
  ])('is unknown: %s', async (why, events) => {
    const result = await coverage.check(load(...events), context);
    expect(result.valid).toBe('unknown');
    expect(result.summary).toContain(why);
  });

  it('asks no success under a fault that takes everyone down', async () => {
    const all = { kind: 'all', targets: NODES };
    const result = await coverage.check(load(...nemesis(10, 'start', all), ...op(20, 1, 'write', 'info'), ...nemesis(30, 'stop', { ...all, effect: seen, healed: seen })), context);
    expect(result.valid).toBe(true);
  });

  it('lists what failed, had no effect or was not seen to heal, and counts leaders', async () => {
    const leader = (ms: number, node: string, term: string): Event => ({ time: ms * 1e6, process: 'monitor', type: 'info', f: 'leader', value: { node, term } });
    const failure: readonly Event[] = nemesis(50, 'start', null).map((event) => (event.type === 'info' ? { ...event, error: { code: 'nemesis-error', message: 'no such node' } } : event));
    const result = await coverage.check(
      load(leader(2, 'n1', '1.1'), ...nemesis(10, 'start', cut), ...op(20, 1, 'write', 'ok'), leader(25, 'n2', '2.2'), ...nemesis(30, 'stop', { ...cutEnd, healed: unseen }), ...nemesis(40, 'start', cut), ...nemesis(45, 'stop', { ...cut, effect: unseen, healed: seen }), ...failure),
      context,
    );
    expect(result.valid).toBe(true);
    expect(result.anomalies.map(({ kind }) => kind)).toEqual(['no-effect', 'healing-not-seen', 'nemesis-failed']);
    expect(result.details).toMatchObject({ leaderChanges: 1, faults: 2, effective: 1 });
  });

  it('is not asked for without nemeses', async () => {
    expect(await coverage.check(load(), { ...context, nemeses: [] })).toMatchObject({ valid: true, summary: 'no faults were asked for' });
  });
});

describe('stats', () => {
  it('counts by function, node and outcome, with latencies', async () => {
    const result = await stats.check(history(...op(1, 0, 'write', 'ok'), ...op(5, 1, 'write', 'info'), ...op(9, 2, 'read', 'ok'), ...op(11, 3, 'read', 'open')), CONTEXT);
    expect(result).toMatchObject({
      valid: true,
      summary: '4 operations: 2 ok, 0 failed, 2 indeterminate',
      details: { byFunction: { write: { total: 2, ok: 1, info: 1, latencyMs: { p50: 1, max: 1 } }, read: { ok: 1, open: 1 } }, byNode: { n1: { total: 2 } } },
    });
  });

  it('is unknown if a function never once succeeded, if nothing did, or if nothing was tried', async () => {
    expect(await stats.check(history(...op(1, 0, 'write', 'ok'), ...op(5, 1, 'cas', 'fail')), CONTEXT)).toMatchObject({ valid: 'unknown', summary: 'cas (1 attempt) never once succeeded' });
    expect((await stats.check(history(...op(1, 0, 'write', 'info')), CONTEXT)).summary).toBe('none of 1 operation ever succeeded');
    expect((await stats.check(history(), CONTEXT)).valid).toBe('unknown');
  });
});
