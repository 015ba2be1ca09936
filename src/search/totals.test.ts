import { describe, expect, it } from 'vitest';
import { decisiveAnomaly } from './summarize.js';
import { basePlan, valid } from './testing/plans.js';
import { Totals } from './totals.js';

describe('the totals of a search', () => {
  it('add up what its runs did, and count verdicts as they are told', () => {
    const totals = new Totals();
    const run = valid(basePlan(1));
    totals.add({ ...run, exercised: { elections: 3, snapshots: 0 } });
    totals.add({ ...run, exercised: { elections: 0, snapshots: 0 }, virtualMs: 0.6, cpuMs: 0.6 });
    totals.add({ ...run, verdict: 'invalid', kind: 'safety', exercised: { elections: 4 } });
    totals.add({ ...run, verdict: 'invalid', kind: 'liveness' });
    totals.add({ ...run, verdict: 'unknown', kind: 'coverage' });
    totals.add({ ...run, verdict: 'failed', operations: 0 });
    expect(totals.runs).toBe(6);
    expect(totals.operations).toBe(50);
    expect(totals.virtualMs).toBe(5000.6);
    expect(totals.figures()).toEqual({
      operations: 50, faults: 6, virtualMs: 5001, cpuMs: 26,
      verdicts: { failed: 1, invalid: 1, 'safe but stuck': 1, unknown: 1, valid: 2 },
      exercised: { elections: { runs: 2, sum: 7 }, snapshots: { runs: 0, sum: 0 } },
    });
  });

  it('are nothing at first', () => {
    expect(new Totals().figures()).toEqual({ operations: 0, faults: 0, virtualMs: 0, cpuMs: 0, verdicts: {}, exercised: {} });
  });
});

describe('what decided a verdict', () => {
  const checker = (name: string, judges: 'safety' | 'liveness', valid: boolean, kinds: readonly string[] = []) => ({ name, judges, valid, summary: '', anomalies: kinds.map((kind) => ({ kind, message: '', ops: [] })) });

  it('is the first checker of that sort that objects, and its first anomaly', () => {
    const checkers = [checker('liveness', 'liveness', false, ['stuck']), checker('session', 'safety', true), checker('linearizable', 'safety', false, ['not-linearizable', 'other']), checker('another', 'safety', false)];
    expect(decisiveAnomaly({ checkers, kind: 'safety' })).toMatchObject({ checker: 'linearizable', anomaly: 'not-linearizable' });
    expect(decisiveAnomaly({ checkers, kind: 'liveness' })).toMatchObject({ checker: 'liveness', anomaly: 'stuck' });
    expect(decisiveAnomaly({ checkers: [checker('another', 'safety', false)], kind: 'safety' })).toEqual({ checker: 'another' });
    expect(decisiveAnomaly({ checkers })).toEqual({});
  });
});
