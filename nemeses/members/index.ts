import { z } from 'zod';
import type { Nemesis, Run } from '../../src/index.js';
import { aimFields, drawAim, parseStart } from '../shared/aim.js';
import { FaultLifecycle } from '../shared/lifecycle.js';
import { faultSchedule, paceFor } from '../shared/schedule.js';
import { nodeNames } from '../shared/aim.js';
import { CHANGES, MembersFault } from './members-fault.js';

const startSchema = z.object(aimFields);

/** Takes nodes out of the cluster and in again, as an operator would: by the system's own commands. */
export const membersNemesis: Nemesis = {
  name: 'members',
  description: 'Takes nodes out of the cluster, which go on running, and takes them in again under a new identity, with an empty disk; or replaces a node that has lost its disk.',
  needs: ['membership', 'kill'],
  kinds: Object.fromEntries(Object.entries(CHANGES).map(([name, { description }]) => [name, description])),
  create: (run) =>
    new FaultLifecycle({
      generator: (random) =>
        faultSchedule({
          random,
          pace: paceFor(run, 'members'),
          kinds: Object.entries(CHANGES).flatMap(([name, { minNodes, replaces }]) => (nodeNames(run).length < minNodes || (replaces === true && !canReplace(run)) ? [] : [{ name }])),
          choose: (kind, chance) => drawAim(run, kind, chance),
        }),
      oneAtATime: true,
      prepare: async (value) => new MembersFault(run, parseStart(run, 'members', CHANGES, startSchema, value)),
    }),
};

/** Whether the cluster survives that a node has lost its disk before another is a member in its place. */
function canReplace(run: Run): boolean {
  return (run.system.members?.bearableLosses?.(run) ?? 1) > 0;
}
