import type { Workload } from '../../src/index.js';
import { finalPhase } from '../shared/final-phase.js';
import { rotatingKeys } from '../shared/rotating-keys.js';

/** What is proposed at the end, to see what each key was decided to be. */
const LATE = 'late';

/** Unique values are proposed for keys, a dozen for each: clients meet on a key before it is decided, and come to it afterwards. All must be told the same value, one that was proposed. */
export const consensusWorkload: Workload = {
  name: 'consensus',
  description: 'Proposals of unique values for keys that are decided once; all who propose for a key must be told the same value.',
  operations: { propose: 'a value -> the value that the key is decided to be' },
  generator: () =>
    rotatingKeys({
      width: 4,
      opsPerKey: 12,
      memory: 0,
      choose: ({ serial }) => ({ f: 'propose', value: serial }),
      observe: () => undefined,
    }),
  final: (run, keys, phase) => finalPhase(run, keys, { probe: (id) => ({ f: 'propose', value: id }), look: { f: 'propose', value: LATE }, apart: true }, phase),
  checkers: [{ checker: 'linearizable', options: { model: 'consensus' } }],
};
