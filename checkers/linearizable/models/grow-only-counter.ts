import type { Model } from '../model.js';
import { counterModel } from './counter.js';

/** A counter that only grows (a G-counter): nothing negative is added, so that totals never go down. */
export const growOnlyCounter: Model<number> = {
  ...counterModel,
  name: 'grow-only-counter',
  description: 'A counter that only grows: additions of numbers that are not negative, reads of the total.',
  operations: {
    read: 'null -> the total; null counts as 0',
    add: 'a number that is not negative -> the new total, or anything else',
  },
  complaint: (op) =>
    counterModel.complaint?.(op) ?? (op.f === 'add' && (op.argument as number) < 0 ? 'a counter that only grows takes no negative numbers; the model counter does' : undefined),
  leadsTo: (total, { f, result }) => (f === 'read' ? total <= Number(result ?? 0) : typeof result !== 'number' || total <= result),
};
