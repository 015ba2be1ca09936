import { canonical } from '../../shared/canonical.js';

/** One step of a transaction: read or write, a key, a value. */
export type MicroOp = readonly [string, unknown, unknown?];

/** Whether the name of a micro-operation says that it reads. */
export function isRead(f: unknown): boolean {
  return f === 'read' || f === 'r';
}

/** The micro-operations of a transaction's value, or undefined if it is not of that shape. `changes`: the names of those that do not read. */
export function microOpsOf(value: unknown, changes: readonly string[] = ['write', 'w']): readonly MicroOp[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const fits = (micro: unknown): boolean => Array.isArray(micro) && (isRead(micro[0]) || changes.includes(micro[0] as string)) && micro.length >= (isRead(micro[0]) ? 2 : 3) && micro.length <= 3;
  return value.every(fits) ? (value as readonly MicroOp[]) : undefined;
}

/** Whether a transaction's answer is the list that it was given, but for values read. */
export function answersWhatWasAsked(argument: unknown, result: unknown, changes?: readonly string[]): boolean {
  const asked = microOpsOf(argument, changes);
  const told = microOpsOf(result, changes);
  return asked !== undefined && told?.length === asked.length && told.every(([f, key], i) => isRead(f) === isRead(asked[i]?.[0]) && canonical(key) === canonical(asked[i]?.[1]));
}
