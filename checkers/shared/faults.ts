import { z } from 'zod';
import { nemesisOf, pairFaults, type History } from '../../src/index.js';

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

/** The faults of a history, in order of their start. */
export function faultsOf(history: History): { readonly faults: readonly RecordedFault[]; readonly failed: readonly FailedFault[] } {
  const { faults, failed } = pairFaults(history.operations);
  return {
    faults: faults.flatMap(({ nemesis, start, stop }): readonly RecordedFault[] => {
      const value = faultValue.safeParse(start.completion?.value);
      if (!value.success) return [];
      const { kind, targets = [] } = value.data;
      const { effect, healed } = faultEnd.safeParse(stop?.completion?.value).data ?? {};
      return [{ nemesis, kind, targets, startIndex: start.invoke.index, endIndex: stop?.completion?.index, from: start.completion?.time ?? Infinity, to: stop?.completion?.time ?? Infinity, effect, healed }];
    }),
    failed: failed.flatMap((operation) => {
      const { completion } = operation;
      return completion?.error === undefined ? [] : [{ nemesis: nemesisOf(operation) ?? '', index: completion.index, message: completion.error.message ?? completion.error.code }];
    }),
  };
}

/** Whether any of the faults was in force at a time (nanoseconds). */
export function inForce(faults: readonly RecordedFault[], time: number): boolean {
  return faults.some(({ from, to }) => from <= time && time <= to);
}
