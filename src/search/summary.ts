import type { Key } from '../history/op.js';
import type { StoredPlan } from '../store/schema.js';

/** What is kept of a run in a search: enough to tell what it found and what it reached. Plain data, so that it crosses threads. */
export interface RunSummary {
  readonly plan: StoredPlan;
  readonly verdict: 'valid' | 'invalid' | 'unknown' | 'failed';
  /** What decided it. */
  readonly kind?: 'safety' | 'liveness' | 'coverage';
  /** Of the first anomaly: the checker that found it, and its kind. */
  readonly checker?: string;
  readonly anomaly?: string;
  readonly key?: Key;
  readonly headline: string;
  readonly operations: number;
  /** Simulated time, milliseconds. */
  readonly virtualMs: number;
  /** Processor time that the run and its judgement took, milliseconds. */
  readonly cpuMs: number;
  readonly exercised: Readonly<Record<string, number>>;
  readonly faults: number;
  /** Abstract states of the cluster that were seen, as hashes. */
  readonly states: readonly number[];
}

/** Whether a run found something: a broken promise or no progress, or it could not even be carried out. What shows too little is no failure. */
export function isFailure({ verdict, kind }: Pick<RunSummary, 'verdict' | 'kind'>): boolean {
  return verdict === 'failed' || verdict === 'invalid' || (verdict === 'unknown' && kind !== 'coverage');
}
