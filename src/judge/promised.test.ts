import { describe, expect, it } from 'vitest';
import { workloads } from '../registry.js';
import { TEST_OPTIONS } from '../config/test-options.js';
import { parseFlags } from '../config/load.js';
import { planOf } from '../cli/plan-of.js';
import { promisedCheckers } from './promised.js';

const plan = (flags: Record<string, unknown>) => planOf(parseFlags(TEST_OPTIONS, flags), 1, 0);
const named = (name: string) => workloads[name] ?? fail(name);

function fail(name: string): never {
  throw new Error(`no workload ${name}`);
}

describe('what judges a run', () => {
  it('are the checkers of its workload', () => {
    expect(promisedCheckers(named('register'), undefined).map(({ name }) => name)).toEqual(['linearizable']);
  });

  it('is the weaker promise of the system in the setting that was chosen', () => {
    expect(promisedCheckers(named('register'), 'sequential').map(({ name }) => name)).toEqual(['consistency/sequential']);
    expect(plan({ option: ['reads=stale'] }).plan.promise).toBe('sequential');
    expect(plan({ option: ['reads=lease'] }).plan.promise).toBeUndefined();
  });

  it('is refused where it can be judged of nothing that the workload does, or not during the run', () => {
    expect(() => plan({ option: ['reads=stale'], workload: 'append' })).toThrow(/--workload append: .* no more than sequential consistency/);
    expect(() => plan({ option: ['reads=stale'], failFast: true })).toThrow(/--fail-fast: nothing watches for violations of sequential consistency/);
  });
});
