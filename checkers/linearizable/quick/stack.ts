import type { ObjectHistory, Quick } from '../object-history.js';

/** Decides histories of stacks whose elements are unique. */
export function quickStack(_history: ObjectHistory, _initial: unknown): Quick {
  return { kind: 'not-applicable', reason: 'not written yet' };
}
