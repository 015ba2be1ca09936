import type { ObjectHistory, Quick } from '../object-history.js';

/** The priority of an element: itself if it is a number, else the first of a pair; undefined if it has none. */
export function priorityOf(element: unknown): number | undefined {
  const priority: unknown = Array.isArray(element) && element.length === 2 ? element[0] : element;
  return typeof priority === 'number' && Number.isFinite(priority) ? priority : undefined;
}

/** Decides histories of priority queues whose elements are unique. */
export function quickPriorityQueue(_history: ObjectHistory, _initial: unknown): Quick {
  return { kind: 'not-applicable', reason: 'not written yet' };
}
