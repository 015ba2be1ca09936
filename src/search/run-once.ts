import type { Op } from '../history/op.js';
import type { TraceEvent } from '../history/trace.js';
import { DEFAULT_LIMITS, judgeRun } from '../judge/judge-run.js';
import { runTest } from '../runner/test-run.js';
import type { StoredPlan, StoredResults } from '../store/schema.js';
import { NS_PER_MS, realClock } from '../time/clock.js';
import { partsOf } from './resolve.js';

/** A run that leaves nothing on the disk. */
export interface RunOnce {
  readonly ops: readonly Op[];
  readonly results: StoredResults;
  /** What happened inside; empty unless it was asked for. */
  readonly trace: readonly TraceEvent[];
  /** Abstract states of the cluster that were seen, as hashes. */
  readonly states: readonly number[];
}

/** The id of a run in virtual time: the same whenever it is repeated. */
export function virtualRunId(plan: StoredPlan): string {
  return `sim-${plan.seed.toString(36)}`;
}

/** Carries out a plan in virtual time and judges it, in memory. Throws what made the run impossible. */
export async function runOnce(plan: StoredPlan, signal: AbortSignal, options: { readonly trace?: boolean } = {}): Promise<RunOnce> {
  const parts = partsOf(plan);
  const clock = realClock();
  const ops: Op[] = [];
  const trace: TraceEvent[] = [];
  const states = new Set<number>();
  const runId = virtualRunId(plan);
  const outcome = await runTest(plan, parts, {
    runId,
    runDir: '/run',
    event: (op) => void ops.push(op),
    phase: () => undefined,
    log: () => undefined,
    state: (fingerprint) => void states.add(fingerprint),
    ...(options.trace === true ? { trace: (event: TraceEvent) => void trace.push(event) } : {}),
  }, signal);
  const now = (): number => clock.now() / NS_PER_MS;
  const results = await judgeRun(plan, parts.workload, ops, { runId, outcome, durationMs: now(), now }, DEFAULT_LIMITS);
  return { ops, results, trace, states: [...states] };
}
