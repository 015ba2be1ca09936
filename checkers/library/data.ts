/** Deepest nesting of a value. */
const MAX_DEPTH = 100;

/**
 * What keeps a value from being JSON data, in words; undefined: nothing does. Values are compared by their contents as data, so that two different Maps, which
 * have none, would pass for equal ones. undefined counts as null.
 */
export function notData(value: unknown, depth = 0): string | undefined {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} is not JSON data`;
  if (typeof value !== 'object') return `a ${typeof value} is not JSON data`;
  if (depth === MAX_DEPTH) return `a value that is nested deeper than ${MAX_DEPTH}`;
  if (Array.isArray(value)) return firstOf(value, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return `a ${value.constructor.name || 'class instance'} is not JSON data`;
  return firstOf(Object.values(value), depth);
}

function firstOf(values: readonly unknown[], depth: number): string | undefined {
  for (const value of values) {
    const found = notData(value, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
