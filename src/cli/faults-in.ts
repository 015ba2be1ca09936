import { z } from 'zod';
import type { History } from '../history/history.js';
import { NS_PER_MS } from '../time/clock.js';
import type { StoredFault } from '../store/schema.js';

const observation = z.object({ observed: z.boolean(), evidence: z.string() });
const started = z.looseObject({ kind: z.string(), targets: z.array(z.string()).default([]), by: z.string().optional().catch(undefined), interval: z.tuple([z.number(), z.number()]).optional().catch(undefined) });
const ended = z.looseObject({ effect: observation, healed: observation }).partial();

/** The faults of a history, from the completion of each `start` to that of the `stop` which ended it. */
export function faultsIn(history: History): readonly StoredFault[] {
  const faults: StoredFault[] = [];
  const open = new Map<string, number>();
  for (const { invoke, completion } of history.operations) {
    if (typeof invoke.process !== 'string' || !invoke.process.startsWith('nemesis/') || completion === undefined || completion.error !== undefined) continue;
    const nemesis = invoke.process.slice('nemesis/'.length);
    if (invoke.f === 'start') {
      const value = started.safeParse(completion.value);
      if (!value.success) continue;
      const { kind, targets, by, interval } = value.data;
      open.set(nemesis, faults.length);
      faults.push({
        nemesis,
        kind,
        targets,
        fromMs: completion.time / NS_PER_MS,
        toMs: null,
        ...(by === undefined ? {} : { by }),
        ...(interval === undefined ? {} : { appliedMs: [interval[0] / NS_PER_MS, interval[1] / NS_PER_MS] as const }),
      });
    } else {
      const at = open.get(nemesis);
      const fault = at === undefined ? undefined : faults[at];
      if (at === undefined || fault === undefined) continue;
      open.delete(nemesis);
      const { effect, healed } = ended.safeParse(completion.value).data ?? {};
      faults[at] = { ...fault, toMs: completion.time / NS_PER_MS, ...(effect === undefined ? {} : { effect }), ...(healed === undefined ? {} : { healed }) };
    }
  }
  return faults;
}
