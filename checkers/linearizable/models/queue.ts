import { canonical } from '../../shared/canonical.js';
import type { Model, ModelOp } from '../model.js';
import { bagQuick, fifoQuick } from '../quick/queue.js';

const OPERATIONS = {
  enqueue: 'a value other than null -> anything',
  dequeue: 'null -> the element taken; null: it was empty',
};

/** A queue: first in, first out; texts of its elements. Initial state: a list. */
export const fifoQueue: Model<readonly string[]> = {
  name: 'fifo-queue',
  description: 'A queue: elements come out in the order in which they went in.',
  operations: OPERATIONS,
  init: (initial) => elementsOf(initial),
  complaint,
  step: (queue, op) => {
    if (op.f === 'enqueue') return [...queue, canonical(op.argument)];
    if (op.result === undefined) return queue.slice(1);
    if (op.result === null) return queue.length === 0 ? queue : undefined;
    return queue[0] === canonical(op.result) ? queue.slice(1) : undefined;
  },
  key: (queue) => `[${queue.join(',')}]`,
  observes: isEmpty,
  silent: ['enqueue'],
  quick: fifoQuick,
};

/**
 * A bag: groups of texts, sorted; between one group and the next a dequeue took an element of one of the groups before it, and nobody knows which.
 * Which one is left open until it matters, for only a dequeue that finds nothing ever needs an element to be gone: then each element that is left must be
 * one that such a dequeue after it took. Equal elements in several groups: a dequeue that is known takes the latest, as the earlier ones can be accounted for more easily.
 */
export type Bag = readonly (readonly string[])[];

/** A bag: elements come out in any order. Initial state: a list. */
export const unorderedQueue: Model<Bag> = {
  name: 'unordered-queue',
  description: 'A bag: every element comes out once, in any order.',
  operations: OPERATIONS,
  init: (initial) => [[...elementsOf(initial)].sort()],
  complaint,
  step: (bag, op) => {
    if (op.f === 'enqueue') return [...bag.slice(0, -1), [...(bag.at(-1) ?? []), canonical(op.argument)].sort()];
    // A dequeue that took nothing known from nothing leaves nothing to account for.
    if (op.result === undefined) return bag.every((group) => group.length === 0) ? bag : [...bag, []];
    if (op.result === null) return allTaken(bag) ? [[]] : undefined;
    return without(bag, canonical(op.result));
  },
  key: (bag) => bag.map((group) => `[${group.join(',')}]`).join('?'),
  observes: () => false,
  silent: ['enqueue'],
  quick: bagQuick,
};

/** Whether the dequeues of unknown result can have taken all that is left: from the end, never more elements than dequeues after them. */
function allTaken(bag: Bag): boolean {
  let spare = 0;
  for (let group = bag.length - 1; group >= 0; group--) {
    spare -= bag[group]?.length ?? 0;
    if (spare < 0) return false;
    spare++;
  }
  return true;
}

function without(bag: Bag, element: string): Bag | undefined {
  const group = bag.findLastIndex((elements) => elements.includes(element));
  if (group < 0) return undefined;
  const at = bag[group]?.indexOf(element);
  const left = bag.map((elements, i) => (i === group ? elements.filter((_, j) => j !== at) : elements));
  return left.every((elements) => elements.length === 0) ? [[]] : left;
}

function elementsOf(initial: unknown): readonly string[] {
  return Array.isArray(initial) ? initial.map(canonical) : [];
}

function complaint(op: ModelOp): string | undefined {
  return op.f === 'enqueue' && (op.argument ?? null) === null ? 'null cannot be enqueued: it stands for an empty queue' : undefined;
}

function isEmpty(op: ModelOp): boolean {
  return op.f === 'dequeue' && op.known && op.result === null;
}
