import type { Moment } from '../control/cluster.js';
import type { Random } from '../random/random.js';
import type { FaultEnd, FaultValue, NemesisCall, RunningNemesis } from './nemesis.js';
import type { Run } from './run-context.js';

/** So long a fault, or its end, waits for the message that it is to follow; milliseconds. */
const PATIENCE_MS = 600;

/** What a fault, or its end, says of the moment that it waited for; only how long it waited, if none came. */
export interface MomentNote extends Partial<Moment> {
  readonly waitedMs: number;
  /** The node of the message that the fault is about before all others. */
  readonly first?: string;
}

/**
 * Lets some of the faults of a nemesis begin and end when a message of a certain sort is sent or has arrived, as far as the cluster can tell, and some of them hit its sender or its receiver: what
 * matters to a protocol happens between two messages. `share`: of the beginnings and ends, 0 to 1. What was waited for stands in the value, as `moment`.
 */
export async function atMoment(run: Run, nemesis: RunningNemesis, call: NemesisCall, share: number, random: Random, signal: AbortSignal): Promise<FaultValue | FaultEnd> {
  if (run.cluster.moment === undefined || random.float() >= share) return nemesis.invoke(call, signal);
  const before = run.clock.now();
  const moment = await run.cluster.moment(random.fork('which'), PATIENCE_MS, signal);
  const waitedMs = (run.clock.now() - before) / 1e6;
  const first = moment === undefined || random.float() < 0.4 ? undefined : random.pick([moment.from, moment.to]);
  const value = await nemesis.invoke(first === undefined ? call : { ...call, value: withFirst(call.value, first) }, signal);
  return { ...value, moment: { ...moment, waitedMs, ...(first === undefined || call.f === 'stop' ? {} : { first }) } };
}

/** The value of a start, with this node first in its order of nodes, if it has one. */
export function withFirst(value: unknown, first: string): unknown {
  const order = (value as { readonly order?: readonly string[] } | null)?.order;
  return order?.includes(first) === true ? { ...(value as object), order: [first, ...order.filter((name) => name !== first)] } : value;
}

/** What a fault or its end waited for; undefined: nothing. */
export function momentOf(value: unknown): MomentNote | undefined {
  return (value as { readonly moment?: MomentNote } | null)?.moment;
}
