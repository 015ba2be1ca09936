/** One step of a transaction: read or write, a key, a value. */
export type MicroOp = readonly [string, unknown, unknown?];

/** Whether the name of a micro-operation says that it reads. */
export function isRead(f: unknown): boolean {
  return f === 'read' || f === 'r';
}

/** The micro-operations of a transaction's value, or undefined if it is not of that shape. */
export function microOpsOf(value: unknown): readonly MicroOp[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const fits = (micro: unknown): boolean => Array.isArray(micro) && (isRead(micro[0]) || micro[0] === 'write' || micro[0] === 'w') && micro.length >= (isRead(micro[0]) ? 2 : 3) && micro.length <= 3;
  return value.every(fits) ? (value as readonly MicroOp[]) : undefined;
}
