import { describe, expect, it } from 'vitest';
import { runOnce } from '../../src/search/run-once.js';
import { calmPlan } from '../../src/search/testing/calm-plan.js';
import { PAXOS_CONTROLS } from './controls.js';
import { PAXOS_BUGS } from './server/bugs.js';

const SEEDS = [1, 2, 3, 4, 5, 6];
const never = new AbortController().signal;

describe('honest controls', () => {
  it.each(PAXOS_CONTROLS.map((control) => [control.name, control] as const))('%s is not found', { timeout: 120_000 }, async (_, { bug, faults }) => {
    const { setting } = PAXOS_BUGS.find(({ name }) => name === bug) as { readonly setting?: Readonly<Record<string, unknown>> };
    for (const seed of SEEDS) {
      const plan = calmPlan({ system: 'paxos', workload: 'register', seed }, { bugs: [bug], nemeses: [...faults], timeMs: 4000, systemOptions: { ...setting, bugs: [bug] } });
      const { results } = await runOnce(plan, never);
      expect([seed, results.verdict, results.headline]).toEqual([seed, 'valid', expect.anything()]);
    }
  });
});
