import type { Key } from '../history/op.js';
import { messageOf } from '../errors.js';
import type { StoredPlan, StoredResults } from '../store/schema.js';
import { runOnce, type RunOnce } from './run-once.js';
import type { RunSummary } from './summary.js';

/** Carries out a plan in virtual time and keeps what a search needs. Never rejects but at the signal: a run that cannot be carried out is a finding too. */
export async function summarize(plan: StoredPlan, signal: AbortSignal): Promise<RunSummary> {
  const before = process.cpuUsage();
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  try {
    const run = await runOnce(plan, signal);
    signal.throwIfAborted();
    return { ...summaryOf(plan, run), cpuMs: cpuMs() };
  } catch (error) {
    signal.throwIfAborted();
    return { plan, verdict: 'failed', headline: messageOf(error), operations: 0, virtualMs: 0, cpuMs: cpuMs(), exercised: {}, faults: 0, states: [] };
  }
}

function summaryOf(plan: StoredPlan, { ops, results, states }: RunOnce): Omit<RunSummary, 'cpuMs'> {
  const decisive = decisiveAnomaly(results);
  return {
    plan,
    verdict: results.verdict,
    ...(results.kind === undefined ? {} : { kind: results.kind }),
    ...decisive,
    headline: results.headline,
    operations: results.operations.reduce((sum, { ok, fail, info }) => sum + ok + fail + info, 0),
    virtualMs: (ops.at(-1)?.time ?? 0) / 1e6,
    exercised: results.exercised ?? {},
    faults: results.faults.length,
    states,
  };
}

/** The checker that decided the verdict, and the kind of its first anomaly, and its key. */
export function decisiveAnomaly({ checkers, kind }: Pick<StoredResults, 'checkers' | 'kind'>): { readonly checker?: string; readonly anomaly?: string; readonly key?: Key } {
  const decisive = checkers.find(({ judges, valid }) => judges === kind && valid !== true);
  if (decisive === undefined) return {};
  const anomaly = decisive.anomalies[0];
  return { checker: decisive.name, ...(anomaly === undefined ? {} : { anomaly: anomaly.kind }), ...(anomaly?.key === undefined ? {} : { key: anomaly.key }) };
}
