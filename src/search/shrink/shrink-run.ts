import type { Op } from '../../history/op.js';
import { Random } from '../../random/random.js';
import type { StoredPlan } from '../../store/schema.js';
import type { Pool } from '../pool.js';
import { scriptOf } from '../script-of.js';
import type { RunSummary } from '../summary.js';
import { fitted, type ScriptedPlan } from './script-edit.js';
import { shrink, sizeOf, type PlanSize } from './shrink.js';
import { classOf, Trials } from './trials.js';

export interface ShrinkRunOptions {
  readonly plan: StoredPlan;
  readonly ops: readonly Op[];
  /** What the run was found to be. */
  readonly failure: RunSummary;
  readonly pool: Pool;
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** No trial begins when this says so. */
  readonly enough: () => boolean;
  readonly onTrial?: (trials: number) => void;
  readonly onPass?: (pass: string, size: PlanSize) => void;
}

/** What came of it. */
export interface Shrunk {
  readonly plan: ScriptedPlan;
  readonly before: PlanSize;
  readonly after: PlanSize;
  readonly trials: number;
}

/**
 * Makes a failing run in virtual time smaller: what was done in it becomes a script, of which as much is left out as can be while a run of it fails in the same way (the same checker, the same
 * kind of anomaly). Undefined: the script alone does not fail so.
 */
export async function shrinkRun(options: ShrinkRunOptions): Promise<Shrunk | undefined> {
  const { plan, ops, failure, pool, jobs, signal, enough, onTrial, onPass } = options;
  const script = plan.script?.load === undefined ? scriptOf(plan, ops) : { load: [], faults: [], final: [], core: null, ...plan.script };
  const { paces: _paces, failFast: _failFast, ...rest } = plan;
  const scripted: ScriptedPlan = fitted({ ...rest, core: false, script });
  const trials = new Trials({ wanted: classOf(failure), run: (each) => pool.run(each, signal), jobs, enough: () => enough() || signal.aborted, ...(onTrial === undefined ? {} : { onTrial }) });
  const before = sizeOf(scripted);
  if (!(await trials.holds(scripted))) return undefined;
  const smaller = await shrink(scripted, { trials, random: Random.fromSeed(plan.seed).fork('shrink'), key: failure.key, ...(onPass === undefined ? {} : { onPass }) });
  return { plan: smaller, before, after: sizeOf(smaller), trials: trials.count };
}
