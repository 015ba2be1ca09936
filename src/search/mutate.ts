import type { Random } from '../random/random.js';
import { clusters } from '../registry.js';
import type { StoredPlan } from '../store/schema.js';

/**
 * A plan that differs from another in one thing: its seed, its world, the fate of its messages, the pace of one nemesis, or the rate (unless that is pinned). No command but `faultline replay`
 * repeats it.
 */
export function mutate(plan: StoredPlan, random: Random, pinned: { readonly rate?: boolean } = {}): StoredPlan {
  const virtual = clusters[plan.cluster]?.virtual;
  const choices = [
    () => ({ ...plan, seed: random.int(2 ** 32) }),
    () => ({ ...plan, world: virtual?.reseed(plan.world, random.fork('world')) }),
    () => ({ ...plan, world: virtual?.draw(random.fork('world')) }),
    () => repaced(plan, random),
    ...(pinned.rate === true ? [] : [() => ({ ...plan, rate: random.pick([15, 50, 150]) })]),
  ];
  return { ...random.pick(choices)(), command: '' };
}

/** One of its nemeses is quicker or slower, or its faults are longer or shorter. */
function repaced(plan: StoredPlan, random: Random): StoredPlan {
  if (plan.nemeses.length === 0) return plan;
  const name = random.pick(plan.nemeses);
  const { quiet = 1, length = 1, ...rest } = plan.paces?.[name] ?? {};
  const factor = (): number => random.pick([0.3, 0.6, 1.7, 3]);
  return { ...plan, paces: { ...plan.paces, [name]: { ...rest, quiet: quiet * factor(), length: Math.min(4, length * factor()) } } };
}
