import { z } from 'zod';
import type { History, Op } from '../../src/index.js';

const observation = z.object({ observed: z.boolean(), evidence: z.string() });
const faultValue = z.looseObject({ kind: z.string(), targets: z.array(z.string()).optional() });
const faultEnd = z.looseObject({ effect: observation.optional(), healed: observation.optional() });

/** A fault as the history shows it, from the end of the nemesis's `start` to the end of its `stop`. */
export interface RecordedFault {
  readonly nemesis: string;
  readonly kind: string;
  readonly targets: readonly string[];
  /** Indices of the events that bound it: from the invocation of start to the completion of stop. */
  readonly startIndex: number;
  readonly endIndex: number | undefined;
  /** Nanoseconds: when it was in force. An end of Infinity: no end was recorded. */
  readonly from: number;
  readonly to: number;
  readonly effect: { readonly observed: boolean; readonly evidence: string } | undefined;
  readonly healed: { readonly observed: boolean; readonly evidence: string } | undefined;
}

/** An attempt to start or stop a fault that threw. */
export interface FailedFault {
  readonly nemesis: string;
  readonly index: number;
  readonly message: string;
}

/** The faults of a history, in order of their start. A nemesis has one fault in force at a time; the next start or stop ends it, and a later stop what was not seen healed. */
export function faultsOf(history: History): { readonly faults: readonly RecordedFault[]; readonly failed: readonly FailedFault[] } {
  const faults: RecordedFault[] = [];
  const failed: FailedFault[] = [];
  const open = new Map<string, number>();
  for (const { invoke, completion } of history.operations) {
    const nemesis = nemesisOf(invoke);
    if (nemesis === undefined || completion === undefined) continue;
    if (completion.error !== undefined) {
      failed.push({ nemesis, index: completion.index, message: completion.error.message ?? completion.error.code });
      continue;
    }
    if (invoke.f === 'start') {
      const value = faultValue.safeParse(completion.value);
      if (!value.success) continue;
      open.set(nemesis, faults.length);
      const { kind, targets = [] } = value.data;
      faults.push({ nemesis, kind, targets, startIndex: invoke.index, endIndex: undefined, from: completion.time, to: Infinity, effect: undefined, healed: undefined });
    } else if (invoke.f === 'stop') {
      // Healing tries again to end what was not seen to be gone.
      const at = open.get(nemesis) ?? faults.findLastIndex((fault) => fault.nemesis === nemesis);
      const fault = at === undefined ? undefined : faults[at];
      const end = faultEnd.safeParse(completion.value);
      open.delete(nemesis);
      if (at === undefined || fault === undefined || (fault.endIndex !== undefined && (fault.healed?.observed !== false || !end.success))) continue;
      const { effect = fault.effect, healed = fault.healed } = end.success ? end.data : {};
      faults[at] = { ...fault, endIndex: completion.index, to: completion.time, effect, healed };
    }
  }
  return { faults, failed };
}

/** Whether any of the faults was in force at a time (nanoseconds). */
export function inForce(faults: readonly RecordedFault[], time: number): boolean {
  return faults.some(({ from, to }) => from <= time && time <= to);
}

function nemesisOf(op: Op): string | undefined {
  return typeof op.process === 'string' && op.process.startsWith('nemesis/') ? op.process.slice('nemesis/'.length) : undefined;
}
