import { canonical } from '../../../src/index.js';
import type { Model } from '../model.js';
import { quickStack } from '../quick/stack.js';

/**
 * A stack: what was pushed last is popped first. The state is the list of elements, the top at its end. `initial`: such a list.
 * A pop whose answer is not known takes the top, whatever it is. Elements may repeat, but if none does, `quick` decides.
 */
export const stack: Model<readonly unknown[]> = {
  name: 'stack',
  description: 'A stack: elements are pushed, and popped in the reverse order.',
  operations: {
    push: 'any value but null -> anything',
    pop: 'null -> the element pushed last of those that are there; null if there are none',
  },
  init: (initial) => (Array.isArray(initial) ? (initial as readonly unknown[]) : []),
  complaint: (op) => (op.f === 'push' && (op.argument === null || op.argument === undefined) ? 'null cannot be pushed: a pop that answers null found the stack empty' : undefined),
  step: (state, op) => {
    if (op.f === 'push') return [...state, op.argument];
    if (op.result === undefined) return state.slice(0, -1);
    if (op.result === null) return state.length === 0 ? state : undefined;
    return state.length > 0 && canonical(state.at(-1)) === canonical(op.result) ? state.slice(0, -1) : undefined;
  },
  key: canonical,
  observes: (op) => op.f === 'pop' && op.result === null,
  silent: ['push'],
  quick: quickStack,
};
