import { describe, expect, it } from 'vitest';
import type { Pool } from './pool.js';
import { score, scoreOf, type Mutant, type ScoreOptions } from './mutants.js';
import { basePlan } from './testing/plans.js';
import type { RunSummary } from './summary.js';

type Outcome = Pick<RunSummary, 'verdict' | 'kind' | 'checker' | 'anomaly'>;

const VALID: Outcome = { verdict: 'valid' };
const UNKNOWN: Outcome = { verdict: 'unknown' };
const STUCK: Outcome = { verdict: 'invalid', kind: 'liveness', checker: 'liveness', anomaly: 'stuck' };
const STALE: Outcome = { verdict: 'invalid', kind: 'safety', checker: 'linearizable', anomaly: 'stale-read' };

const MUTANT: Mutant = { system: 'paxos', bug: { name: 'local-read', kind: 'safety', part: 'reads' }, survives: undefined, planOf: (seed, number) => basePlan(seed + number) };

/** How a search goes in which run after run, each of 100 ms, ends so. */
function scored(outcomes: readonly Outcome[], mutant: Mutant = MUTANT, over: Partial<ScoreOptions> = {}): ReturnType<typeof score> {
  let run = 0;
  const pool = { size: 1, run: async (plan: RunSummary['plan']) => ({ plan, headline: '', operations: 1, virtualMs: 1, cpuMs: 100, exercised: {}, faults: 0, states: [], ...(outcomes[run++] ?? VALID) }) } as unknown as Pool;
  return score(mutant, { pool, jobs: 1, seeds: [1], runs: 10, budgetMs: 1e6, shrinkMs: 0, signal: new AbortController().signal, nowMs: () => 0, ...over });
}

describe('the score of a mutant', () => {
  it('is the runs and the time until a run failed as the bug must', async () => {
    expect(await scored([VALID, UNKNOWN, STALE])).toMatchObject({ found: true, kind: 'safety', checker: 'linearizable', anomaly: 'stale-read', runs: 3, seconds: 0.3, foundWith: 1, seeds: 1 });
  });

  it('goes on after a failure of another kind, which counts if nothing better comes', async () => {
    expect(await scored([VALID, STUCK, VALID, STALE])).toMatchObject({ found: true, kind: 'safety', runs: 4 });
    expect(await scored([VALID, STUCK])).toMatchObject({ found: true, kind: 'liveness', anomaly: 'stuck', runs: 2, seconds: 0.2 });
  });

  it('ends with its budget', async () => {
    expect(await scored([], MUTANT, { budgetMs: 450 })).toMatchObject({ found: false, runs: 5, checker: null });
    expect(await scored([VALID, VALID, VALID, STALE], MUTANT, { runs: 3 })).toMatchObject({ found: false, runs: 3 });
  });

  it('of a control counts any failure, which is a false alarm', async () => {
    expect(await scored([VALID, STUCK], { ...MUTANT, survives: 'it only costs' })).toMatchObject({ found: true, expected: 'survives', why: 'it only costs', runs: 2 });
  });

  it('takes the median of several seeds, those without a find with what they spent', () => {
    const attempt = (runs: number, found: boolean): Parameters<typeof scoreOf>[1][number] => ({ hit: found ? STALE : undefined, runs, ms: runs * 100 });
    expect(scoreOf(MUTANT, [attempt(5, true), attempt(100, false), attempt(30, true)])).toMatchObject({ found: true, foundWith: 2, seeds: 3, runs: 30, seconds: 3 });
  });
});
