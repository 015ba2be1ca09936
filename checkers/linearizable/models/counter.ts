import type { Model } from '../model.js';
import { counterQuick } from '../quick/counter.js';

/** A counter: numbers are added, the total is read. A total that an addition answers is judged too. */
export const counterModel: Model<number> = {
  name: 'counter',
  description: 'A counter: additions of numbers, reads of the total.',
  operations: {
    read: 'null -> the total; null counts as 0',
    add: 'a number -> the new total, or anything else',
  },
  init: (initial) => numberOf(initial) ?? 0,
  complaint: (op) => {
    if (op.f === 'add' && numberOf(op.argument) === undefined) return 'the value of an add is a number';
    return op.f === 'read' && op.known && numberOf(op.result ?? 0) === undefined ? 'a read of a counter gives a number' : undefined;
  },
  step: (state, op) => {
    if (op.f === 'read') return (op.result ?? 0) === state ? state : undefined;
    const total = state + (numberOf(op.argument) ?? 0);
    return typeof op.result === 'number' && op.result !== total ? undefined : total;
  },
  key: String,
  observes: (op) => op.f === 'read',
  echoes: ['add'],
  quick: counterQuick,
};

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
