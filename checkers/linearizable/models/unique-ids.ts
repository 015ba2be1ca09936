import { canonical } from '../../shared/canonical.js';
import type { Model } from '../model.js';
import { uniqueIdsQuick } from '../quick/unique-ids.js';

/** A generator of identifiers, no two alike; the state is those it gave. Initial state: a list of identifiers already given. */
export const uniqueIds: Model<readonly string[]> = {
  name: 'unique-ids',
  description: 'A generator of identifiers: no two are alike.',
  operations: { generate: 'anything -> the identifier' },
  init: (initial) => (Array.isArray(initial) ? initial.map(canonical).sort() : []),
  step: (given, op) => {
    if (op.result === undefined) return given;
    const id = canonical(op.result);
    return given.includes(id) ? undefined : [...given, id].sort();
  },
  key: (given) => given.join(','),
  // One of which the answer is not known can always have been given another identifier.
  observes: (op) => !op.known,
  quick: uniqueIdsQuick,
};
