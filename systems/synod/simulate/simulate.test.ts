import { describe, expect, it } from 'vitest';
import { runOnce } from '../../../src/search/run-once.js';
import { calmPlan } from '../../../src/search/testing/calm-plan.js';

const planOf = (seed: number): ReturnType<typeof calmPlan> => calmPlan({ system: 'synod', workload: 'consensus', seed }, { core: true });
const never = new AbortController().signal;

describe('the single decree in a simulation', () => {
  it('is told the same twice by the same plan, and messages say what they carry', { timeout: 30_000 }, async () => {
    const [once, again] = [await runOnce(planOf(1), never, { trace: true }), await runOnce(planOf(1), never, { trace: true })];
    expect(once.results.verdict).toBe('valid');
    expect([once.ops, once.trace]).toEqual([again.ops, again.trace]);
    const words = once.trace.flatMap((event) => (event.kind === 'message' ? [`${event.sort} ${event.detail}`] : []));
    expect(words).toContainEqual(expect.stringMatching(/^promise k0: 1\.\d, nothing accepted$/));
    expect(words).toContainEqual(expect.stringMatching(/^accept k0: \d+ \(1\.\d\)$/));
    expect(words).toContainEqual(expect.stringMatching(/^decided k0: \d+$/));
  });

  it('comes back after a quorum was left alone', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { results } = await runOnce(planOf(seed), never);
      expect([seed, results.verdict, results.headline]).toEqual([seed, 'valid', expect.anything()]);
    }
  });
});
