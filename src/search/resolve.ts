import { FaultlineError, messageOf } from '../errors.js';
import { lookUp } from '../judge/suggest.js';
import { clusters, nemeses, systems, workloads } from '../registry.js';
import type { Nemesis } from '../runner/nemesis.js';
import type { TestParts } from '../runner/test-run.js';
import type { StoredPlan } from '../store/schema.js';

/** What a stored plan names. Throws FaultlineError (usage) for a name or an option that this version does not know. */
export function partsOf(plan: StoredPlan): TestParts {
  const system = lookUp('system', plan.system, systems);
  const parsed = system.options.safeParse(plan.systemOptions);
  if (!parsed.success) throw new FaultlineError('stored-plan', `the plan's options of ${plan.system} are not understood: ${messageOf(parsed.error)}`, { kind: 'usage', hint: 'Was it written by another version of faultline?' });
  return {
    system,
    systemOptions: parsed.data,
    provider: lookUp('cluster', plan.cluster, clusters),
    workload: lookUp('workload', plan.workload, workloads),
    nemeses: plan.nemeses.map((name) => lookUp<Nemesis>('nemesis', name, nemeses)),
  };
}
