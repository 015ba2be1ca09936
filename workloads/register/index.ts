import type { Workload } from '../../src/index.js';
import { finalPhase } from '../shared/final-phase.js';
import { rotatingKeys } from '../shared/rotating-keys.js';

const READS = 0.45;
const WRITES = 0.3;

/**
 * Registers: reads, writes of values that are never used twice, and compare-and-set from a value that was seen lately.
 * Unique values make every stale read decisive and the check near-linear (Gibbons & Korach 1997). Each key must be linearizable.
 */
export const registerWorkload: Workload = {
  name: 'register',
  description: 'Reads, writes and compare-and-set of unique values on several keys; every key must be a linearizable register.',
  operations: {
    read: 'null -> the value, null if never written',
    write: 'a value -> the same value',
    cas: '[from, to] -> the same pair; fails with cas-mismatch if the value is not `from`',
  },
  generator: () =>
    rotatingKeys({
      width: 4,
      opsPerKey: 160,
      memory: 3,
      choose: ({ serial, seen, draw }) => {
        const kind = draw(0);
        if (kind < READS) return { f: 'read', value: null };
        if (kind < READS + WRITES || seen.length === 0) return { f: 'write', value: serial };
        return { f: 'cas', value: [seen[Math.floor(draw(1) * seen.length)], serial] };
      },
      observe: (event) => {
        if (event.f === 'cas') return Array.isArray(event.value) ? { value: (event.value as readonly unknown[])[1] } : undefined;
        return event.value === null ? undefined : { value: event.value };
      },
    }),
  final: (run, keys, phase) => finalPhase(run, keys, { probe: (id) => ({ f: 'write', value: id }) }, phase),
  checkers: [{ checker: 'linearizable', options: { model: 'cas-register', init: null } }],
};
