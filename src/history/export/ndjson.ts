import type { Op } from '../op.js';

/** An event as faultline writes it: one JSON object, its fields always in the same order. */
export function ndjsonLine({ index, time, process, type, f, value, key, node, error }: Op): string {
  return JSON.stringify({ index, time, process, type, f, value, key, node, error });
}
