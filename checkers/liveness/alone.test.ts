import { describe, expect, it } from 'vitest';
import type { CheckContext, History, Op } from '../../src/index.js';
import { CONTEXT, history } from '../testing/script.js';
import { liveness } from './index.js';

type Event = Omit<Op, 'index'>;

const NODES = ['n1', 'n2', 'n3'];
/** Three clients, one a node; the bound is a second. */
const context: CheckContext = { ...CONTEXT, nodes: NODES, concurrency: 3 };
const LEFT_ALONE = { core: ['n1', 'n2'], ailments: { n3: 'cut' } };

function runner(ms: number, f: string, value: unknown): Event {
  return { time: ms * 1e6, process: 'runner', type: 'info', f, value };
}

/** An operation of a client, from one moment to another. */
function op(fromMs: number, process: number, type: 'ok' | 'info' | 'fail' | 'open', toMs = fromMs + 1): readonly Event[] {
  const invoke: Event = { time: fromMs * 1e6, process, type: 'invoke', f: 'write', value: 1, node: NODES[process % 3] ?? '' };
  return type === 'open' ? [invoke] : [invoke, { ...invoke, time: toMs * 1e6, type }];
}

/** A history in which n1 and n2 are left alone from 200 to `untilMs`, and all is served afterwards. */
function alone(events: readonly Event[], untilMs = 1300, plan: unknown = LEFT_ALONE): History {
  const all = [runner(0, 'phase', 'load'), runner(100, 'phase', 'heal'), runner(200, 'phase', 'core'), runner(200, 'core', plan), ...events, runner(untilMs, 'phase', 'heal'), runner(untilMs + 10, 'phase', 'final')];
  const served = [0, 1, 2].flatMap((process) => op(untilMs + 20 + process * 2, process, 'ok'));
  return history(...[...all, ...served, runner(untilMs + 2000, 'phase', 'done')].sort((a, b) => a.time - b.time));
}

const first = op(210, 0, 'ok');

describe('liveness of a quorum that was left alone', () => {
  it('is given when each of its clients succeeds within the bound', async () => {
    expect(await liveness.check(alone([...first, ...op(220, 1, 'info', 600), ...op(610, 4, 'ok', 700)]), context)).toMatchObject({ valid: true });
  });

  it('is broken when one of them never does, though all is served afterwards', async () => {
    const result = await liveness.check(alone([...first, ...op(220, 1, 'info', 700), ...op(710, 4, 'fail')]), context);
    expect(result).toMatchObject({ valid: false, summary: 'stuck: within 1 s after healing no success of client 1 at n2, in a quorum that was left alone' });
    expect(result.anomalies).toMatchObject([{ kind: 'stuck', message: 'client 1 at n2, in a quorum that was left alone: no success for 1.08 s after n1, n2 were left alone (n3 cut) (#3), in 2 attempts (1 failed, 1 timed out or broke off, 0 never completed).' }]);
    expect(result.anomalies[0]?.ops).toContain(3);
  });

  it('is broken by a success that comes too late, or when the others were back', async () => {
    expect((await liveness.check(alone([...first, ...op(220, 1, 'ok', 1290)]), context)).valid).toBe(false);
    expect((await liveness.check(alone([...first, ...op(220, 1, 'ok', 1305)]), context)).valid).toBe(false);
  });

  it('is not judged of those who ail', async () => {
    expect((await liveness.check(alone([...first, ...op(220, 1, 'ok'), ...op(230, 2, 'info', 1290)]), context)).valid).toBe(true);
  });

  it('is open when the phase was too short to tell', async () => {
    expect((await liveness.check(alone([...first, ...op(220, 1, 'info', 400)], 500), context)).valid).toBe('unknown');
  });

  it('is not asked for without such a phase, or one that nobody can read', async () => {
    const { ops } = alone([]);
    const without = history(...ops.filter(({ f, value }) => f !== 'core' && value !== 'core'));
    expect((await liveness.check(without, context)).valid).toBe(true);
    expect((await liveness.check(alone([...op(220, 1, 'info', 1290)], 1300, { core: 'all' }), context)).valid).toBe(true);
  });
});
