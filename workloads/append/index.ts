import type { Workload } from '../../src/index.js';
import { finalPhase } from '../shared/final-phase.js';
import { rotatingKeys } from '../shared/rotating-keys.js';

/**
 * Lists: elements that are never used twice are appended, and whole lists are read. What a register hides shows here: an
 * append that was executed twice, lost, or reordered stands in the list for ever. Each key must be a linearizable list.
 */
export const appendWorkload: Workload = {
  name: 'append',
  description: 'Appends of unique elements and reads of whole lists on several keys: duplicates, losses and reordering show.',
  operations: {
    read: 'null -> the list, null if never written',
    append: 'an element -> the list\'s new length',
  },
  generator: () =>
    rotatingKeys({
      width: 3,
      opsPerKey: 120,
      memory: 1,
      choose: ({ serial, draw }) => (draw(0) < 0.4 ? { f: 'read', value: null } : { f: 'append', value: serial }),
      observe: () => undefined,
    }),
  final: (run, keys, phase) => finalPhase(run, keys, { probe: (id) => ({ f: 'append', value: id }) }, phase),
  checkers: [{ checker: 'append' }],
};
