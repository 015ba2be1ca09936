import { describe, expect, it } from 'vitest';
import { CorePhase } from './core-phase.js';
import type { Run } from './run-context.js';

describe('a quorum alone', () => {
  it('leaves no disk behind that does not answer: what hung returns when the phase ends', async () => {
    const slowed: number[] = [];
    let ended = 0;
    const disk = {
      slow: async (delayMs: number) => {
        slowed.push(delayMs);
        return { by: 'test', end: async () => ({ observed: ++ended > 0, evidence: '' }) };
      },
    };
    const run = { cluster: { nodes: [{ name: 'n1', disk }, { name: 'n2', disk }], net: { apply: async () => undefined, clear: async () => undefined } } } as unknown as Run;
    const phase = new CorePhase(run, { core: ['n2'], ailments: { n1: 'disk' } });
    await phase.begin();
    // Longer than the phase is not enough: a sync that has begun lasts as long as it was told to.
    expect([slowed, ended]).toEqual([[Infinity], 0]);
    await phase.end();
    expect(ended).toBe(1);
  });
});
