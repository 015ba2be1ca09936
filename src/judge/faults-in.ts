import { z } from 'zod';
import { pairFaults } from '../history/fault-pairs.js';
import type { History } from '../history/history.js';
import { NS_PER_MS } from '../time/clock.js';
import type { StoredFault } from '../store/schema.js';

const observation = z.object({ observed: z.boolean(), evidence: z.string() });
const started = z.looseObject({ kind: z.string(), targets: z.array(z.string()).default([]), by: z.string().optional().catch(undefined), interval: z.tuple([z.number(), z.number()]).optional().catch(undefined) });
const ended = z.looseObject({ effect: observation, healed: observation }).partial();

/** The faults of a history, from the completion of each `start` to that of the `stop` which ended it. */
export function faultsIn(history: History): readonly StoredFault[] {
  return pairFaults(history.operations).faults.flatMap(({ nemesis, start, stop }): readonly StoredFault[] => {
    const value = started.safeParse(start.completion?.value);
    if (!value.success || start.completion === undefined) return [];
    const { kind, targets, by, interval } = value.data;
    const { effect, healed } = ended.safeParse(stop?.completion?.value).data ?? {};
    return [{
      nemesis,
      kind,
      targets,
      fromMs: start.completion.time / NS_PER_MS,
      toMs: stop?.completion === undefined ? null : stop.completion.time / NS_PER_MS,
      ...(by === undefined ? {} : { by }),
      ...(interval === undefined ? {} : { appliedMs: [interval[0] / NS_PER_MS, interval[1] / NS_PER_MS] as const }),
      ...(effect === undefined ? {} : { effect }),
      ...(healed === undefined ? {} : { healed }),
    }];
  });
}
