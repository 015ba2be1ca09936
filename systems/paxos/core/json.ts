import type { Json } from './types.js';

/** Deep equality of JSON values; the order of an object's members does not count. */
export function jsonEqual(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i] as Json));
  }
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && jsonEqual(a[name] as Json, b[name] as Json))
  );
}

/** Whether the value is a list (Array.isArray does not narrow readonly arrays). */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
