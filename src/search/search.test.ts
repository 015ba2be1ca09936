import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.js';
import type { StoredPlan } from '../store/schema.js';
import { search, type SearchOptions, type SearchProgress } from './search.js';
import type { RunSummary } from './summary.js';
import { basePlan, valid } from './testing/plans.js';

const never = new AbortController().signal;

interface Searched {
  /** In the order in which they were begun. */
  readonly begun: readonly StoredPlan[];
  readonly progress: readonly SearchProgress[];
  readonly found: readonly RunSummary[];
}

/** A search on so many threads that are as quick as `turns` says, and give what `outcome` says. */
async function searched(outcome: (plan: StoredPlan, number: number) => RunSummary, over: Partial<SearchOptions> = {}, threads = 2, turns: (number: number) => number = () => 1): Promise<Searched> {
  const begun: StoredPlan[] = [];
  const progress: SearchProgress[] = [];
  const pool: SearchOptions['pool'] = {
    size: threads,
    run: async (plan) => {
      const number = begun.push(plan) - 1;
      for (let i = 0; i < turns(number); i++) await Promise.resolve();
      return outcome(plan, number);
    },
  };
  const { found } = await search({ planOf: (number) => basePlan(1000 + number), runs: 100, goesOn: false, pool, random: Random.fromSeed(1), signal: never, onRun: (_, at) => void progress.push(at), ...over });
  return { begun, progress, found };
}

/** Every plan sees a state of its own, and one that all see. */
function newStates(plan: StoredPlan): RunSummary {
  return valid(plan, [plan.seed, 7]);
}

function failing(plan: StoredPlan): RunSummary {
  return { ...valid(plan), verdict: 'invalid', kind: 'safety' };
}

describe('a search', () => {
  it('runs as many as it is told', async () => {
    for (const runs of [1, 31, 100]) expect((await searched(newStates, { runs })).begun.length).toBe(runs);
  });

  it.each([1, 2, 5, 64])('searches the same way on %i threads, however quick each is', async (threads) => {
    const usual = await searched(newStates);
    const other = await searched(newStates, {}, threads, (number) => (number * 7) % 50);
    const byText = ({ begun }: Searched): readonly string[] => begun.map((plan) => JSON.stringify(plan)).sort();
    expect(byText(other)).toEqual(byText(usual));
    expect(other.progress.at(-1)).toEqual(usual.progress.at(-1));
  });

  it('searches another way with other random numbers', async () => {
    expect((await searched(newStates, { random: Random.fromSeed(2) })).begun).not.toEqual((await searched(newStates)).begun);
  });

  it('begins no run after one has failed, unless it is to go on', async () => {
    const third = (plan: StoredPlan, number: number): RunSummary => (number === 2 ? failing(plan) : valid(plan));
    const stopped = await searched(third);
    expect(stopped.begun.length).toBeLessThanOrEqual(4);
    expect(stopped.found.map(({ plan }) => plan.seed)).toEqual([1002]);
    const [went, all] = [await searched(third, { goesOn: true }), await searched(failing, { goesOn: true })];
    expect([went.begun.length, went.found.length]).toEqual([100, 1]);
    expect(all.found.length).toBe(100);
    expect(all.found.map(({ plan }) => plan.seed)).toEqual(all.found.map(({ plan }) => plan.seed).sort((a, b) => a - b));
  });

  it.each([
    ['a broken promise', { verdict: 'invalid', kind: 'safety' }, true],
    ['no progress', { verdict: 'invalid', kind: 'liveness' }, true],
    ['a run that could not be carried out', { verdict: 'failed' }, true],
    ['a checker that came to no end', { verdict: 'unknown', kind: 'safety' }, true],
    ['a run that shows too little', { verdict: 'unknown', kind: 'coverage' }, false],
    ['a valid run', { verdict: 'valid' }, false],
  ] as const)('takes for a failure or not: %s', async (_, what, failure) => {
    const { found } = await searched((plan) => ({ ...valid(plan), ...what }), { runs: 3, goesOn: true });
    expect(found.length).toBe(failure ? 3 : 0);
  });

  it('begins no run when the time is up', async () => {
    let begun = 0;
    const { begun: plans } = await searched((plan) => {
      begun++;
      return valid(plan);
    }, { enough: () => begun >= 10 });
    expect(plans.length).toBeLessThanOrEqual(11);
  });

  it('ends with what it has when it is aborted', async () => {
    const stop = new AbortController();
    const { begun, found } = await searched((plan, number) => {
      if (number === 5) {
        stop.abort(new Error('enough'));
        throw stop.signal.reason;
      }
      return failing(plan);
    }, { signal: stop.signal, goesOn: true });
    expect(begun.length).toBeLessThanOrEqual(7);
    expect(found.length).toBeGreaterThanOrEqual(5);
  });

  it('fails with what broke a thread', async () => {
    await expect(searched(() => { throw new Error('broken'); })).rejects.toThrow('broken');
  });

  it('goes on from what saw something new, and from nothing else', async () => {
    const mutants = ({ begun }: Searched): readonly StoredPlan[] => begun.filter((plan, i) => JSON.stringify(plan) !== JSON.stringify(basePlan(plan.seed)) || begun.findIndex(({ seed }) => seed === plan.seed) < i || plan.seed >= 1100 || plan.seed < 1000);
    const nothing = await searched((plan) => valid(plan, [7]));
    const much = await searched(newStates);
    expect(nothing.progress.at(-1)).toMatchObject({ states: 1, corpus: 1 });
    expect(much.progress.at(-1)?.states).toBeGreaterThan(60);
    // None in the first generation, then about a third.
    expect(mutants({ ...much, begun: much.begun.slice(0, 32) })).toEqual([]);
    expect(mutants(much).length).toBeGreaterThan(10);
    expect(mutants(much).length).toBeLessThan(40);
    expect((await searched((plan) => valid(plan, []))).begun).toEqual(Array.from({ length: 100 }, (_, i) => basePlan(1000 + i)));
  });

  it('uses every fresh seed once', async () => {
    const asked: number[] = [];
    await searched(newStates, { planOf: (number) => {
      asked.push(number);
      return basePlan(1000 + number);
    } });
    expect(asked).toEqual(Array.from({ length: asked.length }, (_, i) => i));
    expect(asked.length).toBeLessThan(100);
  });
});
