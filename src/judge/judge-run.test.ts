import { describe, expect, it } from 'vitest';
import { EXIT } from '../errors.js';
import type { Op } from '../history/op.js';
import { workloads } from '../registry.js';
import { earlyEndNote } from '../runner/fail-fast.js';
import type { StoredPlan, StoredResults } from '../store/schema.js';
import { exitCodeOf, judgeRun } from './judge-run.js';

const PLAN: StoredPlan = {
  format: 1, seed: 1, suite: 's', system: 'paxos', systemOptions: {}, bugs: [], cluster: 'local', nodes: 1, workload: 'register', nemeses: [],
  timeMs: 1000, concurrency: 1, rate: 10, callTimeoutMs: 1000, livenessBoundMs: 1000, keepData: false, failFast: true, command: '',
};

/** A register is written and read; then the runner notes that it found a violation. */
async function judged(seen: number): Promise<StoredResults> {
  const client = { process: 0, key: 'k' };
  const events: readonly Omit<Op, 'index' | 'time'>[] = [
    { ...client, type: 'invoke', f: 'write', value: 1 },
    { ...client, type: 'ok', f: 'write', value: 1 },
    { ...client, type: 'invoke', f: 'read', value: null },
    { ...client, type: 'ok', f: 'read', value: seen },
    { process: 'runner', type: 'info', ...earlyEndNote({ event: 3, message: 'read 2' }) },
  ];
  const ops = events.map((op, index): Op => ({ ...op, index, time: index }));
  const workload = workloads['register'];
  if (workload === undefined) throw new Error('no workload');
  const outcome = { nodes: [], troubles: [], interrupted: false };
  return judgeRun(PLAN, workload, ops, { runId: 'r', outcome, durationMs: 1, now: () => 0 }, { timeLimitMs: 10_000, memoryLimitBytes: 2 ** 28 });
}

describe('a run that ended early', () => {
  it('is invalid if the final check agrees', async () => {
    const results = await judged(2);
    expect(results).toMatchObject({ verdict: 'invalid', kind: 'safety', endedEarly: { event: 3, message: 'read 2' }, troubles: [] });
    expect(exitCodeOf(results)).toBe(EXIT.invalid);
  });

  it('is a bug of faultline, said loudly, if the final check finds nothing', async () => {
    const results = await judged(1);
    expect(results.troubles).toEqual([expect.stringMatching(/BUG IN FAULTLINE.*#3/)]);
    expect(exitCodeOf(results)).toBe(EXIT.crash);
  });
});
