import { nemeses } from '../../registry.js';
import type { StoredPlan } from '../../store/schema.js';
import type { RunSummary } from '../summary.js';

/** A plan before anything of it is drawn. */
export function basePlan(seed: number): StoredPlan {
  return {
    format: 1, seed, suite: 'test', system: 'paxos', systemOptions: {}, bugs: [], cluster: 'sim', nodes: 5, workload: 'register', nemeses: Object.keys(nemeses), timeMs: 30_000, concurrency: 10, rate: 100,
    callTimeoutMs: 2000, livenessBoundMs: 15_000, keepData: false, command: '',
  };
}

/** A short run with little in it. */
export function shortPlan(seed: number): StoredPlan {
  return { ...basePlan(seed), nodes: 3, concurrency: 3, nemeses: [], timeMs: 500 };
}

/** What came of a plan, if nothing was found. */
export function valid(plan: StoredPlan, states: readonly number[] = []): RunSummary {
  return { plan, verdict: 'valid', headline: 'all is well', operations: 10, virtualMs: 1000, cpuMs: 5, exercised: {}, faults: 1, states };
}
