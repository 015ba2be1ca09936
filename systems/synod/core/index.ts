export type * from './types.js';
export { SYNOD_BUGS } from './bugs.js';
export { Synod, type SynodCounters } from './synod.js';
