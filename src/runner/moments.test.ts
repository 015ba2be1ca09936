import { describe, expect, it } from 'vitest';
import type { Moment } from '../control/cluster.js';
import { Random } from '../random/random.js';
import { atMoment, momentOf, withFirst } from './moments.js';
import type { FaultValue, NemesisCall, RunningNemesis } from './nemesis.js';
import type { Run } from './run-context.js';

const never = new AbortController().signal;
const MOMENT: Moment = { sort: 'promise', was: 'sent', from: 'n2', to: 'n3', laterMs: 0.3 };

/** A run whose cluster tells of this moment after 40 ms, and a nemesis that says what it was told. */
function scene(moment: Moment | undefined | 'nobody can tell'): { readonly run: Run; readonly nemesis: RunningNemesis; readonly told: NemesisCall[] } {
  let nowNs = 0;
  const told: NemesisCall[] = [];
  const invoke = async (call: NemesisCall): Promise<FaultValue> => {
    told.push(call);
    return { kind: 'one' };
  };
  const cluster = moment === 'nobody can tell' ? {} : { moment: async () => {
    nowNs += 40e6;
    return moment;
  } };
  return { run: { clock: { now: () => nowNs }, cluster } as unknown as Run, nemesis: { invoke } as unknown as RunningNemesis, told };
}

const START: NemesisCall = { f: 'start', value: { kind: 'one', order: ['n1', 'n2', 'n3'] } };

describe('a fault that waits for a moment', () => {
  it('says what it waited for, and how long, and begins with a node of that message often', async () => {
    const firsts = new Set<string | undefined>();
    for (let seed = 0; seed < 50; seed++) {
      const { run, nemesis, told } = scene(MOMENT);
      const value = await atMoment(run, nemesis, START, 1, Random.fromSeed(seed), never);
      const { first, ...rest } = momentOf(value) ?? {};
      expect(rest).toEqual({ ...MOMENT, waitedMs: 40 });
      expect(told).toEqual([{ f: 'start', value: first === undefined ? START.value : withFirst(START.value, first) }]);
      firsts.add(first);
    }
    expect(firsts).toEqual(new Set([undefined, 'n2', 'n3']));
  });

  it('says how long it waited when no message came', async () => {
    const { run, nemesis, told } = scene(undefined);
    expect(await atMoment(run, nemesis, START, 1, Random.fromSeed(1), never)).toEqual({ kind: 'one', moment: { waitedMs: 40 } });
    expect(told).toEqual([START]);
  });

  it('is as rare as asked for, and begins at once where nobody can tell', async () => {
    let waited = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { run, nemesis } = scene(MOMENT);
      if (momentOf(await atMoment(run, nemesis, START, 0.25, Random.fromSeed(seed), never)) !== undefined) waited++;
    }
    expect(waited).toBeGreaterThan(65);
    expect(waited).toBeLessThan(135);
    const { run, nemesis } = scene('nobody can tell');
    expect(await atMoment(run, nemesis, START, 1, Random.fromSeed(1), never)).toEqual({ kind: 'one' });
  });

  it('keeps the order of nodes otherwise, and a value that has none', () => {
    expect(withFirst({ kind: 'one', order: ['n1', 'n2', 'n3'] }, 'n3')).toEqual({ kind: 'one', order: ['n3', 'n1', 'n2'] });
    expect(withFirst({ kind: 'one', order: ['n1'] }, 'n3')).toEqual({ kind: 'one', order: ['n1'] });
    expect(withFirst(null, 'n3')).toBe(null);
  });
});
