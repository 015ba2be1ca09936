import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Random, type FaultEnd } from '../src/index.js';
import { clockSupport } from '../clusters/local/clock.js';
import { readClock, type Reading } from './clock/observe.js';
import { DriftWatch, OffsetWatch } from './clock/watch.js';
import { clockNemesis } from './index.js';
import { AtWork, TestRun } from './testing/run.js';

const ORDER = ['n2', 'n3', 'n1'];
const support = clockSupport();

describe.skipIf(!support.ok)(`the clock nemesis${support.ok ? '' : ` (skipped: ${support.why})`}`, () => {
  let test: TestRun;
  let clock: AtWork;

  beforeEach(async () => {
    test = await TestRun.start(3, ['clock']);
    clock = new AtWork(clockNemesis, test.run);
  });

  afterEach(async () => {
    await clock.heal();
    await test[Symbol.asyncDispose]();
  });

  /** How far a node's clock is off, and by how much that may be wrong. */
  async function read(name: string): Promise<Reading> {
    const reading = await readClock(test.run, test.node(name), new AbortController().signal);
    if (reading === undefined) throw new Error(`${name} shows no clock`);
    return reading;
  }

  async function expectOffset(name: string, offsetMs: number): Promise<void> {
    const reading = await read(name);
    expect(Math.abs(reading.offsetMs - offsetMs)).toBeLessThanOrEqual(reading.errorMs + 5);
  }

  async function expectRight(end: FaultEnd): Promise<void> {
    expect(end).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
    for (const name of ORDER) await expectOffset(name, 0);
  }

  it.each([2000, -2000, 300_000, -300_000])('bump: sets one clock off by %d ms, and right again', async (offsetMs) => {
    expect(await clock.start({ kind: 'bump', order: ORDER, offsetsMs: [offsetMs] })).toEqual({ kind: 'bump', targets: ['n2'], offsets: { n2: offsetMs } });
    await expectOffset('n2', offsetMs);
    await expectOffset('n1', 0);
    const end = await clock.stop();
    expect(end.effect.evidence).toMatch(/^n2: seen: -?\d+ ms$/);
    expect(end.healed.evidence).toMatch(/^n2: right again: -?\d+ ms$/);
    await expectRight(end);
  });

  it('scramble: sets each clock off by its own offset', async () => {
    expect(await clock.start({ kind: 'scramble', order: ORDER, offsetsMs: [5000, -9000, 700] })).toMatchObject({ offsets: { n2: 5000, n3: -9000, n1: 700 } });
    await Promise.all([expectOffset('n2', 5000), expectOffset('n3', -9000), expectOffset('n1', 700)]);
    await expectRight(await clock.stop());
  });

  it('bump-leader: aims at the leader', async () => {
    test.primaries = async () => ['n3'];
    expect(await clock.start({ kind: 'bump-leader', order: ORDER, offsetsMs: [60_000, 1] })).toMatchObject({ targets: ['n3'], leader: 'n3', offsets: { n3: 60_000 } });
    await expectRight(await clock.stop());
  });

  it('strobe: switches between two offsets, both of which are seen, and leaves none behind', async () => {
    expect(await clock.start({ kind: 'strobe', order: ORDER, offsetsMs: [0], betweenMs: [4000, -6000], periodMs: 30 })).toMatchObject({ targets: ['n2'], betweenMs: [4000, -6000], periodMs: 30 });
    const end = await clock.stop();
    expect(end.effect.evidence).toMatch(/^n2: seen: -?\d+ and -?\d+ ms$/);
    await expectRight(end);
    await test.run.clock.sleep(100);
    await expectOffset('n2', 0);
  });

  it.each([2, 0.5])('drift: lets a clock run at %d times the true speed, and is seen by how it goes', async (rate) => {
    expect(await clock.start({ kind: 'drift', order: ORDER, offsetsMs: [0], rate })).toEqual({ kind: 'drift', targets: ['n2'], rate });
    const end = await clock.stop();
    expect(end.effect.evidence).toMatch(rate > 1 ? /^n2: gained \d+ ms in \d+ ms/ : /^n2: lost \d+ ms in \d+ ms/);
    await expectRight(end);
  });

  it('prefers nodes that run', async () => {
    await test.node('n2').signal('SIGSTOP');
    expect(await clock.start({ kind: 'bump', order: ORDER, offsetsMs: [5000] })).toMatchObject({ targets: ['n3'], offsets: { n3: 5000 } });
    expect(await clock.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
  });

  it('says of targets that are down or paused that they show no clock, and goes by the others', async () => {
    await test.node('n2').signal('SIGKILL');
    await test.node('n3').signal('SIGSTOP');
    await clock.start({ kind: 'scramble', order: ORDER, offsetsMs: [5000] });
    const { effect, healed } = await clock.stop();
    expect([effect.observed, healed.observed]).toEqual([true, true]);
    expect(effect.evidence).toMatch(/n2: is stopped, shows no clock/);
    expect(effect.evidence).toMatch(/n3: is paused, shows no clock/);
    expect(effect.evidence).toMatch(/n1: seen: (49|50)\d\d ms/);
  });

  it('of nodes that are all down has no effect', async () => {
    for (const node of test.run.cluster.nodes) await node.signal('SIGKILL');
    await clock.start({ kind: 'bump', order: ORDER, offsetsMs: [5000] });
    expect(await clock.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: is stopped, shows no clock' }, healed: { observed: true } });
  });

  it('sees a clock that does not move, and one that is not set right', async () => {
    const node = test.node('n2');
    const setClock = node.setClock.bind(node);
    node.setClock = async () => undefined;
    await clock.start({ kind: 'bump', order: ORDER, offsetsMs: [5000] });
    const still = await clock.stop();
    expect(still.effect).toMatchObject({ observed: false, evidence: expect.stringMatching(/^n2: shows -?\d+ ms \(give or take \d+\), not 5000$/) as unknown });
    node.setClock = async (setting) => ('offsetMs' in setting && setting.offsetMs === 0 ? undefined : setClock(setting));
    await clock.start({ kind: 'bump', order: ORDER, offsetsMs: [5000] });
    const stuck = await clock.stop();
    expect(stuck.effect.observed).toBe(true);
    expect(stuck.healed).toMatchObject({ observed: false, evidence: expect.stringMatching(/^n2: shows (49|50)\d\d ms/) as unknown });
  });

  it('draws offsets that can be told from none, and rates that can be told from the true one', () => {
    const at = { time: 0, free: ['nemesis'], threads: ['nemesis'] } as never;
    const drawn = Array.from({ length: 60 }, (_, seed) => {
      const generator = clock.running.generator(Random.fromSeed(seed));
      const next = generator.next(at);
      const due = next.kind === 'pending' ? next.rest.next({ time: Number((next as { until?: number }).until), free: ['nemesis'], threads: ['nemesis'] } as never) : next;
      return due.kind === 'op' ? (due.op.value as { kind: string; offsetsMs: readonly number[]; rate?: number; betweenMs?: readonly [number, number]; periodMs?: number }) : undefined;
    }).flatMap((value) => value ?? []);
    expect(new Set(drawn.map(({ kind }) => kind)).size).toBe(7);
    for (const { kind, offsetsMs, rate, betweenMs, periodMs } of drawn) {
      if (kind.startsWith('drift')) expect(Math.abs((rate ?? 1) - 1)).toBeGreaterThan(0.16);
      else for (const offset of offsetsMs) expect([Math.abs(offset) >= 50, Math.abs(offset) <= 300_000]).toEqual([true, true]);
      if (kind !== 'strobe') continue;
      expect(Math.abs((betweenMs?.[0] ?? 0) - (betweenMs?.[1] ?? 0))).toBeGreaterThanOrEqual(50);
      expect([(periodMs ?? 0) >= 10, (periodMs ?? 0) <= 200]).toEqual([true, true]);
    }
  });
});

/** Answers of a node: how long one took (milliseconds), at which part of that the clock was read, and when. */
const answers = fc.array(fc.record({ tookMs: fc.double({ min: 0, max: 400, noNaN: true }), part: fc.double({ min: 0, max: 1, noNaN: true }), pauseMs: fc.integer({ min: 5, max: 60 }) }), { minLength: 1, maxLength: 40 });
const BASELINE = { offsetMs: 0, errorMs: 2 };

/** The readings that answers give of a clock; `offsetAt` in milliseconds, at a time in milliseconds. */
function readingsOf(taken: readonly { readonly tookMs: number; readonly part: number; readonly pauseMs: number }[], offsetAt: (ms: number) => number): readonly Reading[] {
  let now = 0;
  return taken.map(({ tookMs, part, pauseMs }) => {
    const [middle, read] = [now + tookMs / 2, now + tookMs * part];
    now += tookMs + pauseMs;
    return { offsetMs: read + offsetAt(read) - middle, errorMs: tookMs / 2 + 1, atNs: middle * 1e6 };
  });
}

describe('what the readings of a clock show', () => {
  const offsets = fc.integer({ min: -300_000, max: 300_000 }).filter((ms) => Math.abs(ms) >= 50);

  it('is never that a clock is elsewhere than it is, however slow the answers', () => {
    fc.assert(
      fc.property(answers, offsets, (taken, offsetMs) => {
        const [moved, still, right] = [new OffsetWatch('seen', BASELINE, [offsetMs], [0]), new OffsetWatch('seen', BASELINE, [offsetMs], [0]), new OffsetWatch('right again', BASELINE, [0], [offsetMs])];
        for (const reading of readingsOf(taken, () => offsetMs)) moved.take(reading);
        for (const reading of readingsOf(taken, () => 0)) [still, right].forEach((watch) => watch.take(reading));
        expect([moved.verdict, still.verdict, right.verdict]).toSatisfy(([a, b, c]: readonly unknown[]) => a !== false && b !== true && c !== false);
      }),
    );
  });

  it('is a jump at once if the answer is quick', () => {
    fc.assert(
      fc.property(offsets, fc.double({ min: 0, max: 30, noNaN: true }), (offsetMs, tookMs) => {
        const watch = new OffsetWatch('seen', BASELINE, [offsetMs], [0]);
        for (const reading of readingsOf([{ tookMs, part: 0.7, pauseMs: 5 }], () => offsetMs)) watch.take(reading);
        expect(watch.shown).toBe(true);
      }),
    );
  });

  it('is a drift only at that rate', () => {
    const rates = fc.double({ min: 0.5, max: 2, noNaN: true }).filter((rate) => Math.abs(rate - 1) > 0.16);
    fc.assert(
      fc.property(answers, rates, (taken, rate) => {
        const [drifting, still] = [new DriftWatch(rate), new DriftWatch(rate)];
        for (const reading of readingsOf(taken, (ms) => (rate - 1) * ms)) drifting.take(reading);
        for (const reading of readingsOf(taken, () => 700)) still.take(reading);
        expect([drifting.verdict, still.verdict]).toSatisfy(([a, b]: readonly unknown[]) => a !== false && b !== true);
      }),
    );
  });

  it('is a strobe if both of its offsets are, and none if one is missing for long', () => {
    const quick = Array.from({ length: 12 }, () => ({ tookMs: 4, part: 0.5, pauseMs: 20 }));
    const [both, one] = [new OffsetWatch('seen', BASELINE, [500, -80], [0]), new OffsetWatch('seen', BASELINE, [500, -80], [0])];
    for (const reading of readingsOf(quick, (ms) => (ms < 50 ? 500 : -80))) both.take(reading);
    for (const reading of readingsOf(quick, () => 500)) one.take(reading);
    expect([both.verdict, both.evidence, one.verdict]).toEqual([true, 'seen: 500 and -80 ms', false]);
    expect(one.evidence).toMatch(/^shows 500 ms .*, not -80$/);
  });

  it('is nothing of no readings', () => {
    expect([new DriftWatch(2).verdict, new DriftWatch(2).evidence, new OffsetWatch('seen', BASELINE, [50], [0]).evidence]).toEqual([undefined, undefined, undefined]);
  });
});
