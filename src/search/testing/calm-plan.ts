import { simProvider } from '../../../clusters/sim/index.js';
import type { StoredPlan } from '../../store/schema.js';

/** A short run of five nodes in a quiet world, in which nobody makes trouble unless the changes say so. */
export function calmPlan(what: Pick<StoredPlan, 'system' | 'workload' | 'seed'>, changes: Partial<StoredPlan> = {}): StoredPlan {
  return {
    format: 1,
    suite: 'test',
    systemOptions: {},
    bugs: [],
    cluster: 'sim',
    nodes: 5,
    nemeses: [],
    timeMs: 500,
    concurrency: 10,
    rate: 100,
    callTimeoutMs: 2000,
    livenessBoundMs: 15_000,
    keepData: false,
    command: '',
    world: simProvider.virtual?.calmer(undefined).whole[0],
    core: false,
    ...what,
    ...changes,
  };
}
