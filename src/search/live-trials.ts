import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Op } from '../history/op.js';
import { DEFAULT_LIMITS, judgeRun } from '../judge/judge-run.js';
import { runTest } from '../runner/test-run.js';
import type { StoredPlan, StoredResults } from '../store/schema.js';
import { NS_PER_MS, realClock } from '../time/clock.js';
import { partsOf } from './resolve.js';
import type { PlanSize } from './shrink/shrink.js';

export interface LiveTrialOptions {
  /** What the failure is: a broken promise, or no progress. Which operations it shows in is another matter every time. */
  readonly wanted: StoredResults['kind'];
  /** A plan that has not failed after so many runs counts as one that does not. */
  readonly tries: number;
  readonly signal: AbortSignal;
  readonly enough: () => boolean;
  readonly onTrial?: (trials: number) => void;
  readonly onPass?: (pass: string, size: PlanSize) => void;
}

/** Tries plans on real nodes, one run after the other, in folders that are removed afterwards. */
export class LiveTrials {
  readonly #options: LiveTrialOptions;
  #count = 0;

  constructor(options: LiveTrialOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  told(pass: string, size: PlanSize): void {
    this.#options.onPass?.(pass, size);
  }

  /** The index of the first plan that fails as wanted; -1 if none does, or the time is up. */
  async first(plans: readonly StoredPlan[]): Promise<number> {
    for (const [i, plan] of plans.entries()) if (await this.holds(plan)) return i;
    return -1;
  }

  /** Whether it fails as wanted, in one of so many runs. */
  async holds(plan: StoredPlan): Promise<boolean> {
    const { tries, wanted, signal, enough, onTrial } = this.#options;
    for (let i = 0; i < tries && !enough() && !signal.aborted; i++) {
      const results = await liveRun(plan, `${this.#count}`, signal);
      this.#count++;
      onTrial?.(this.#count);
      if (results.verdict === 'invalid' && results.kind === wanted) return true;
    }
    return false;
  }
}

/** A run on real nodes that leaves nothing behind. */
export async function liveRun(plan: StoredPlan, label: string, signal: AbortSignal): Promise<StoredResults> {
  const runDir = await mkdtemp(join(tmpdir(), 'faultline-trial-'));
  const clock = realClock();
  const parts = partsOf(plan);
  const ops: Op[] = [];
  const runId = `fl-trial-${process.pid.toString(36)}-${label}-${plan.seed.toString(36)}`;
  try {
    const outcome = await runTest(plan, parts, { runId, runDir, event: (op) => void ops.push(op), phase: () => undefined, log: () => undefined }, signal);
    const now = (): number => clock.now() / NS_PER_MS;
    return await judgeRun(plan, parts.workload, ops, { runId, outcome, durationMs: now(), now }, DEFAULT_LIMITS);
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
}
