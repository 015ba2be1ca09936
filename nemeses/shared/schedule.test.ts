import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NS_PER_MS, Random, type Generator, type GeneratorContext, type Op } from '../../src/index.js';
import { faultSchedule, paceFor, type ScheduledKind } from './schedule.js';

interface Done {
  readonly f: string;
  readonly value: unknown;
  /** Milliseconds since the schedule began. */
  readonly at: number;
}

const ORIGIN_NS = 7_000 * NS_PER_MS;

function context(timeNs: number, free: boolean): GeneratorContext {
  const threads = ['nemesis/test'];
  const self: GeneratorContext = { time: timeNs, threads, free: free ? threads : [], processOf: (thread) => thread, threadOf: (process) => process, path: 0, at: () => self, draw: () => 0, on: () => self };
  return self;
}

/** Drives a schedule whose operations take `opMs` each, asking it also when there is nothing to ask. */
function drive(generator: Generator, opMs: number, nudgeMs = 0, end: unknown = null): readonly Done[] {
  const ops: Done[] = [];
  let now = ORIGIN_NS;
  let current = generator;
  for (let turn = 0; turn < 100_000; turn++) {
    const next = current.next(context(now, true));
    if (next.kind === 'done') return ops;
    if (next.kind === 'pending') {
      expect(next.until).toBeGreaterThan(now);
      current = next.rest;
      now = nudgeMs === 0 ? (next.until ?? now) : Math.min(next.until ?? now, now + nudgeMs * NS_PER_MS);
      continue;
    }
    ops.push({ f: next.op.f, value: next.op.value, at: (now - ORIGIN_NS) / NS_PER_MS });
    current = next.rest;
    const busy = current.next(context(now, false));
    expect(busy).toMatchObject({ kind: 'pending', rest: current });
    now += opMs * NS_PER_MS;
    const completion: Op = { index: 0, time: now, process: 'nemesis/test', type: 'info', f: next.op.f, value: end };
    current = current.update?.(context(now, true), completion) ?? current;
  }
  throw new Error('the schedule does not end');
}

const KINDS: readonly ScheduledKind[] = [{ name: 'a' }, { name: 'b' }, { name: 'c', lengthFactor: 0.5 }, { name: 'd' }];

function schedule(seed: number, timeMs: number, kinds = KINDS): Generator {
  return faultSchedule({ random: Random.fromSeed(seed), pace: paceFor({ timeMs, nemeses: [] }, 'kill'), kinds, choose: (kind, random) => ({ kind, luck: random.float() }) });
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('a schedule of faults', () => {
  it('goes on soon after a fault that had no effect, with the faults that it would have chosen anyhow', () => {
    const told = (observed: boolean): readonly Done[] => drive(schedule(5, 60_000), 100, 0, { effect: { observed } });
    const [vain, well] = [told(false), told(true)];
    const gaps = vain.flatMap(({ f, at }, i) => (f === 'start' && i > 0 ? [Math.round(at - (vain[i - 1]?.at ?? 0) - 100)] : []));
    expect(new Set(gaps)).toEqual(new Set([500]));
    expect(vain.length).toBeGreaterThan(well.length * 1.3);
    expect(vain.slice(0, well.length).map(({ value }) => value)).toEqual(well.map(({ value }) => value));
  });

  it('alternates start and stop, begins early, and ends before the load does', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2_000, max: 120_000 }), fc.integer({ min: 0, max: 500 }), (seed, timeMs, opMs) => {
        const ops = drive(schedule(seed, timeMs), opMs);
        expect(ops.length).toBeGreaterThanOrEqual(2);
        expect(ops.map(({ f }) => f)).toEqual(ops.map((_, i) => (i % 2 === 0 ? 'start' : 'stop')));
        expect(ops[0]?.at).toBeLessThanOrEqual(0.15 * Math.min(timeMs, 30_000) + 1);
        expect(Math.max(...ops.filter(({ f }) => f === 'start').map(({ at }) => at))).toBeLessThanOrEqual(Math.max(0.15 * timeMs, timeMs - 600) + 1);
      }),
    );
  });

  it.each([
    [10_000, 3],
    // The longest faults with the longest gaps leave room for four.
    [30_000, 4],
  ])('makes several faults in %d ms', (timeMs, least) => {
    fc.assert(fc.property(seeds, (seed) => drive(schedule(seed, timeMs), 100).filter(({ f }) => f === 'start').length >= least));
  });

  it('keeps a fault in force for its length after it began, however long that took', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 3000 }), (seed, opMs) => {
        const ops = drive(schedule(seed, 60_000), opMs);
        for (const [i, op] of ops.entries()) {
          const stop = ops[i + 1];
          if (op.f !== 'start' || stop === undefined) continue;
          const length = stop.at - op.at - opMs;
          const factor = (op.value as { kind: string }).kind === 'c' ? 0.5 : 1;
          expect(length).toBeGreaterThanOrEqual(1200 * factor - 1);
          expect(length).toBeLessThanOrEqual(3200 * factor + 1);
        }
      }),
    );
  });

  it('makes every kind before it makes one again, in an order that changes', () => {
    const orders = new Set<string>();
    fc.assert(
      fc.property(seeds, (seed) => {
        const kinds = drive(schedule(seed, 300_000), 0).flatMap(({ f, value }) => (f === 'start' ? [(value as { kind: string }).kind] : []));
        for (let at = 0; at + KINDS.length <= kinds.length; at += KINDS.length) {
          const round = kinds.slice(at, at + KINDS.length);
          expect([...round].sort()).toEqual(['a', 'b', 'c', 'd']);
          orders.add(round.join(''));
        }
      }),
      { numRuns: 20 },
    );
    expect(orders.size).toBeGreaterThan(12);
  });

  it('chooses by the seed alone: not by when it is asked, nor how often, nor how long things take', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 2000 }), (seed, nudgeMs, opMs) => {
        const generator = schedule(seed, 60_000);
        const once = drive(generator, 10);
        expect(drive(generator, 10, nudgeMs)).toEqual(once);
        const slow = drive(schedule(seed, 60_000), opMs).filter(({ f }) => f === 'start').map(({ value }) => value);
        const quick = once.filter(({ f }) => f === 'start').map(({ value }) => value);
        expect(slow.slice(0, quick.length)).toEqual(quick.slice(0, slow.length));
      }),
      { numRuns: 30 },
    );
  });

  it('of no kinds has nothing to do', () => {
    expect(drive(schedule(1, 30_000, []), 0)).toEqual([]);
  });
});
