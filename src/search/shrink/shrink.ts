import type { Key } from '../../history/op.js';
import type { Random } from '../../random/random.js';
import { FIRST_PASSES, LATER_PASSES, type Pass } from './passes.js';
import { placedOps, type ScriptedPlan } from './script-edit.js';
import type { Trials } from './trials.js';

/** How big a plan is, as far as people have to read it. */
export interface PlanSize {
  readonly operations: number;
  readonly faults: number;
  readonly nodes: number;
}

export function sizeOf(plan: ScriptedPlan): PlanSize {
  const sick = Object.keys(plan.script.core?.ailments ?? {}).length > 0 ? 1 : 0;
  return { operations: placedOps(plan).length, faults: (plan.script.faults ?? []).length + sick, nodes: plan.nodes };
}

export interface ShrinkOptions {
  readonly trials: Trials;
  readonly random: Random;
  readonly key: Key | undefined;
  /** Told when a pass has made the plan smaller, or not. */
  readonly onPass?: (pass: string, size: PlanSize) => void;
}

/** Makes a plan that fails as small as it gets in the time, pass after pass until none finds anything more to leave out. */
export async function shrink(plan: ScriptedPlan, { trials, random, key, onPass }: ShrinkOptions): Promise<ScriptedPlan> {
  let kept = plan;
  const apply = async (passes: readonly Pass[]): Promise<void> => {
    for (const pass of passes) {
      if (trials.over) return;
      kept = await pass.shrink(kept, { trials, random, key });
      onPass?.(pass.name, sizeOf(kept));
    }
  };
  await apply(FIRST_PASSES);
  for (let before = ''; before !== JSON.stringify(kept) && !trials.over; ) {
    before = JSON.stringify(kept);
    await apply(LATER_PASSES);
  }
  return kept;
}
