export type * from './types.js';
export type * from './messages.js';
