import type { Op } from '../../history/op.js';
import { Random } from '../../random/random.js';
import type { StoredPlan, StoredScript, StoredTimedFault } from '../../store/schema.js';
import type { LiveTrials } from '../live-trials.js';
import type { Pool } from '../pool.js';
import { faultsOf, scriptOf } from '../script-of.js';
import type { RunSummary } from '../summary.js';
import { ddmin } from './ddmin.js';
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
  const scripted = scriptedPlan(plan, script);
  const trials = new Trials({ wanted: classOf(failure), run: (each) => pool.run(each, signal), jobs, enough: () => enough() || signal.aborted, ...(onTrial === undefined ? {} : { onTrial }) });
  const before = sizeOf(scripted);
  if (!(await trials.holds(scripted))) return undefined;
  const smaller = await shrink(scripted, { trials, random: Random.fromSeed(plan.seed).fork('shrink'), key: failure.key, ...(onPass === undefined ? {} : { onPass }) });
  return { plan: smaller, before, after: sizeOf(smaller), trials: trials.count };
}

/** The plan with a script in place of what it would choose itself. */
function scriptedPlan(plan: StoredPlan, script: StoredScript): ScriptedPlan {
  const copy: StoredPlan = { ...plan, core: false, command: '' };
  delete copy.paces;
  delete copy.failFast;
  return fitted({ ...copy, script });
}

/**
 * Makes the schedule of faults of a run on real nodes smaller, by repetition: clients go on as the workload says, and the run must fail as it did with fewer faults and in less time. Undefined:
 * the whole schedule does not make it fail again.
 */
export async function shrinkFaults(plan: StoredPlan, ops: readonly Op[], trials: LiveTrials): Promise<Shrunk | undefined> {
  const faults = plan.script?.faults ?? [...faultsOf(ops)];
  const of = (kept: readonly StoredTimedFault[]): ScriptedPlan => ({ ...plan, command: '', nemeses: plan.nemeses.filter((name) => kept.some(({ nemesis }) => nemesis === name)), script: { ...plan.script, faults: [...kept] } });
  const size = (each: ScriptedPlan): PlanSize => ({ operations: Math.round((each.rate * each.timeMs) / 1000), faults: each.script.faults?.length ?? 0, nodes: each.nodes });
  const whole = of(faults);
  if (!(await trials.holds(whole))) return undefined;
  const fewer = of(await ddmin(faults, (candidates) => trials.first(candidates.map(of))));
  trials.told('faults', size(fewer));
  const last = Math.max(1000, ...(fewer.script.faults ?? []).map(({ untilMs }) => untilMs + 1000));
  const shorter: ScriptedPlan = { ...fewer, timeMs: Math.min(fewer.timeMs, Math.ceil(last)) };
  const kept = shorter.timeMs < fewer.timeMs && (await trials.holds(shorter)) ? shorter : fewer;
  trials.told('time', size(kept));
  return { plan: kept, before: size(whole), after: size(kept), trials: trials.count };
}
