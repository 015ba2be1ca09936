import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collisionOdds, Fingerprint } from './fingerprint.js';
import { explore, exploreToEnd, type ExploreLimits, type ExploreResult } from './explore.js';
import type { Model } from './model.js';
import { StateTable } from './state-table.js';

const IDLE = { now: () => 0, memoryBytes: () => 0 };

/** Moves on a grid from the origin, right or up; `wrong` says what must not be reached. */
function grid(size: number, wrong: (x: number, y: number) => boolean): Model<readonly [number, number]> {
  return {
    initial: () => [[0, 0]],
    successors: ([x, y], emit) => {
      if (x < size) emit([x + 1, y], 'right');
      if (y < size) emit([x, y + 1], 'up');
    },
    fingerprint: ([x, y], into) => {
      into.add(x);
      into.add(y);
    },
    violation: ([x, y]) => (wrong(x, y) ? `at ${x},${y}` : undefined),
    changes: ([x, y], [toX, toY]) => [`${x},${y} -> ${toX},${toY}`],
  };
}

const never = (): boolean => false;
const run = (model: Model<readonly [number, number]>, limits: ExploreLimits = {}, surroundings = IDLE): ExploreResult => exploreToEnd(explore(model, limits, surroundings));

describe('exploration', () => {
  it('counts distinct and generated states and depth as TLC does', () => {
    const result = run(grid(100, never));
    expect(result).toMatchObject({ outcome: 'complete', distinct: 101 * 101, generated: 1 + 2 * 100 * 101, depth: 201, queue: 0 });
    expect(result.counterexample).toBeUndefined();
  });

  it('gives a shortest counterexample, step by step', () => {
    const { outcome, counterexample } = run(grid(100, (x, y) => (x === 2 && y === 1) || x === 50));
    expect(outcome).toBe('violated');
    expect(counterexample).toEqual({
      violated: 'at 2,1',
      steps: [
        { label: 'right', changes: ['0,0 -> 1,0'] },
        { label: 'right', changes: ['1,0 -> 2,0'] },
        { label: 'up', changes: ['2,0 -> 2,1'] },
      ],
    });
  });

  it('finds a violation in a state to begin with', () => {
    expect(run(grid(3, (x, y) => x + y === 0)).counterexample).toEqual({ violated: 'at 0,0', steps: [] });
  });

  it('takes states for one that the model has one representative for, and still finds the steps', () => {
    const folded = { ...grid(100, (x, y) => x === 3 && y === 3), canonical: ([x, y]: readonly [number, number]) => [Math.min(x, y), Math.max(x, y)] as const };
    expect(run({ ...folded, violation: () => undefined }).distinct).toBe((101 * 102) / 2);
    expect(run(folded).counterexample?.steps).toHaveLength(6);
  });

  it('stops at a limit and says which', () => {
    expect(run(grid(100, never), { maxStates: 500 })).toMatchObject({ outcome: 'limited', limit: 'maxStates' });
    let now = 0;
    expect(run(grid(100, never), { timeMs: 3 }, { now: () => now++, memoryBytes: () => 0 })).toMatchObject({ outcome: 'limited', limit: 'timeMs' });
    expect(run(grid(100, never), { memoryBytes: 7 }, { now: () => 0, memoryBytes: () => 7 })).toMatchObject({ outcome: 'limited', limit: 'memoryBytes' });
  });

  it('is complete if there are just as many states as the limit', () => {
    expect(run(grid(1, never), { maxStates: 4 })).toMatchObject({ outcome: 'complete', distinct: 4 });
  });
});

describe('the table of fingerprints', () => {
  it('knows what was added, like a set', () => {
    const small = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom(0, 1, 0xffffffff));
    fc.assert(fc.property(fc.array(small, { maxLength: 300 }), (keys) => {
      const table = new StateTable();
      const set = new Set<string>();
      for (const [low, high] of keys) {
        const fresh = !set.has(`${low}/${high}`);
        set.add(`${low}/${high}`);
        expect(table.add(low, high, 0)).toBe(fresh);
      }
      expect(table.size).toBe(set.size);
    }));
  });

  it('keeps fingerprints and parents as it grows', () => {
    const table = new StateTable();
    for (let i = 0; i < 50_000; i++) table.add(i % 7, i, i - 1);
    expect(table.size).toBe(50_000);
    expect([table.is(0, 0, 0), table.is(49_999, 49_999 % 7, 49_999), table.parentOf(0), table.parentOf(49_999)]).toEqual([true, true, 0xffffffff, 49_998]);
    expect(table.add(49_999 % 7, 49_999, 0)).toBe(false);
  });
});

describe('fingerprints', () => {
  it('tell words, their order and their number apart', () => {
    const of = (...words: readonly number[]): string => {
      const hash = new Fingerprint();
      hash.begin();
      for (const word of words) hash.add(word);
      return `${hash.high}/${hash.low}`;
    };
    const all = [of(), of(0), of(0, 0), of(1), of(1, 0), of(0, 1), of(-1), of(1 << 31), of(1 << 31, 1 << 31)];
    expect(new Set(all).size).toBe(all.length);
    expect(of(5, 6)).toBe(of(5, 6));
  });

  it('spread neighbouring states over both lanes without a collision', () => {
    const lows = new Set<number>();
    const highs = new Set<number>();
    const hash = new Fingerprint();
    for (let i = 0; i < 1 << 14; i++) {
      hash.begin();
      hash.add(i & 127);
      hash.add(i >>> 7);
      lows.add(hash.low);
      highs.add(hash.high);
    }
    // By chance one pair in 32 such runs.
    expect(Math.min(lows.size, highs.size)).toBeGreaterThanOrEqual((1 << 14) - 2);
  });

  it('the odds of a collision are those that TLC gives', () => {
    expect(collisionOdds(3921, 23_563)).toBeCloseTo(4.175e-12, 15);
    expect(collisionOdds(10, 5)).toBe(0);
  });
});
