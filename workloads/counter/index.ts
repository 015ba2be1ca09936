import type { Workload } from '../../src/index.js';
import { finalPhase } from '../shared/final-phase.js';
import { rotatingKeys } from '../shared/rotating-keys.js';

/**
 * Counters: small positive amounts are added and totals are read. The operation is not idempotent, so a retry that is
 * executed twice shows in the total. Each key must be a linearizable counter.
 */
export const counterWorkload: Workload = {
  name: 'counter',
  description: 'Additions and reads of counters on several keys: a retry that is executed twice, or an addition that is lost, shows in the total.',
  operations: {
    read: 'null -> the total, null if never written',
    add: 'an amount -> the new total',
  },
  generator: () =>
    rotatingKeys({
      width: 3,
      opsPerKey: 120,
      memory: 1,
      choose: ({ draw }) => (draw(0) < 0.4 ? { f: 'read', value: null } : { f: 'add', value: 1 + Math.floor(draw(1) * 5) }),
      observe: () => undefined,
    }),
  final: (run, keys, phase) => finalPhase(run, keys, { probe: () => ({ f: 'add', value: 1 }) }, phase),
  checkers: [{ checker: 'counter' }],
};
