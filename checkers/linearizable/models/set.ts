import { canonical } from '../../shared/canonical.js';
import type { Model, ModelOp } from '../model.js';
import { setQuick } from '../quick/set.js';

/** A set, as the sorted texts of its elements. Initial state: a list. An answer of add or remove that is not true or false says nothing. */
export const setModel: Model<readonly string[]> = {
  name: 'set',
  description: 'A set: additions and removals of elements, questions for one of them, reads of the whole.',
  operations: {
    add: 'an element -> whether it was new, or anything else',
    remove: 'an element -> whether it was there, or anything else',
    contains: 'an element -> true or false',
    read: 'null -> a list of all elements, each once; null counts as the empty set',
  },
  init: (initial) => (Array.isArray(initial) ? [...new Set(initial.map(canonical))].sort() : []),
  complaint: (op) => {
    if (!op.known || op.result === undefined) return undefined;
    if (op.f === 'contains' && typeof op.result !== 'boolean') return 'contains answers true or false';
    return op.f === 'read' && !Array.isArray(op.result ?? []) ? 'a read of a set gives a list' : undefined;
  },
  step: (set, op) => {
    if (op.f === 'read') return op.result === undefined || sameElements(set, (op.result ?? []) as readonly unknown[]) ? set : undefined;
    const element = canonical(op.argument);
    const there = set.includes(element);
    if (typeof op.result === 'boolean' && op.result !== (op.f === 'add' ? !there : there)) return undefined;
    if (op.f === 'add' && !there) return [...set, element].sort();
    return op.f === 'remove' && there ? set.filter((other) => other !== element) : set;
  },
  key: (set) => `[${set.join(',')}]`,
  observes: (op) => op.f === 'read' || op.f === 'contains' || changesNothing(op),
  echoes: ['add', 'remove'],
  quick: setQuick,
};

/** An addition of what was there, a removal of what was not. */
function changesNothing(op: ModelOp): boolean {
  return op.known && op.result === false;
}

function sameElements(set: readonly string[], read: readonly unknown[]): boolean {
  if (set.length !== read.length) return false;
  const sorted = read.map(canonical).sort();
  return set.every((element, i) => element === sorted[i]);
}
