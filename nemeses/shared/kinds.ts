import type { Nemesis, Run } from '../../src/index.js';

/** The kinds of a nemesis that the run's cluster and system have everything for. */
export function kindsToBeHad(run: Run, { kinds, kindNeeds = {} }: Pick<Nemesis, 'kinds' | 'kindNeeds'>): readonly string[] {
  return Object.keys(kinds).filter((kind) => (kindNeeds[kind] ?? []).every((capability) => run.cluster.supports(capability) || run.system.capabilities?.includes(capability) === true));
}
