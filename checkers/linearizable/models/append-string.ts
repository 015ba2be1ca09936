import type { Model } from '../model.js';

/** A string that is replaced, grown at its end and read: a value of the key-value service of MIT's 6.824 labs, as in Porcupine's corpus. */
export const appendString: Model<string> = {
  name: 'append-string',
  description: 'A string: put replaces it, append grows it at its end, get reads it.',
  operations: {
    get: 'null -> the string; null counts as empty',
    put: 'a string -> anything',
    append: 'a string -> anything',
  },
  init: (initial) => (typeof initial === 'string' ? initial : ''),
  complaint: (op) => {
    const value = op.f === 'get' ? (op.result ?? '') : op.argument;
    return typeof value === 'string' ? undefined : `the value of a ${op.f} is a string`;
  },
  step: (state, op) => {
    if (op.f === 'get') return (op.result ?? '') === state ? state : undefined;
    return op.f === 'put' ? String(op.argument) : state + String(op.argument);
  },
  key: (state) => state,
  show: (state) => JSON.stringify(state),
  observes: (op) => op.f === 'get',
  overwrites: (op) => op.f === 'put',
};
