import type { Operation } from './op.js';

/** A fault as its nemesis began and ended it. */
export interface FaultPair {
  readonly nemesis: string;
  readonly start: Operation;
  /** The latest end: what was not seen to be gone is ended again. Undefined: none was recorded. */
  readonly stop: Operation | undefined;
}

export interface FaultPairs {
  /** In order of their starts. */
  readonly faults: readonly FaultPair[];
  /** Starts and stops that threw. */
  readonly failed: readonly Operation[];
}

/** The nemesis that an operation belongs to. */
export function nemesisOf({ invoke: { process } }: Operation): string | undefined {
  return typeof process === 'string' && process.startsWith('nemesis/') ? process.slice('nemesis/'.length) : undefined;
}

/**
 * Joins the starts and stops of nemeses to faults. A nemesis has one fault in force at a time; its next start or stop ends it. A stop when none is in force belongs to the latest,
 * if that was not seen to be gone and this one says what became of it.
 */
export function pairFaults(operations: readonly Operation[]): FaultPairs {
  const faults: FaultPair[] = [];
  const failed: Operation[] = [];
  const open = new Map<string, number>();
  for (const operation of operations) {
    const nemesis = nemesisOf(operation);
    if (nemesis === undefined || operation.completion === undefined) continue;
    if (operation.completion.error !== undefined) failed.push(operation);
    else if (operation.invoke.f === 'start') {
      if (!isObject(operation.completion.value)) continue;
      open.set(nemesis, faults.length);
      faults.push({ nemesis, start: operation, stop: undefined });
    } else if (operation.invoke.f === 'stop') {
      const at = open.get(nemesis) ?? faults.findLastIndex((fault) => fault.nemesis === nemesis);
      const fault = faults[at];
      if (fault === undefined || (!open.delete(nemesis) && (healing(fault.stop) !== false || healing(operation) === undefined))) continue;
      faults[at] = { ...fault, stop: operation };
    }
  }
  return { faults, failed };
}

/** Whether an end says that the fault was seen to be gone. */
function healing(stop: Operation | undefined): boolean | undefined {
  const value: unknown = stop?.completion?.value;
  const healed: unknown = isObject(value) ? value['healed'] : undefined;
  return isObject(healed) && typeof healed['observed'] === 'boolean' ? healed['observed'] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
