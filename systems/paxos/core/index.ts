export type * from './types.js';
export { READ_MODES } from './types.js';
export type * from './messages.js';
export { ballotText, compareBallots, NO_BALLOT, sameBallot } from './ballot.js';
export { CORE_BUGS, type CoreBug, type CoreBugName } from './bugs.js';
export { configProblem, MAX_NODES } from './config.js';
export { createReplica, step } from './replica.js';
export type { Counters, ReplicaState } from './state.js';
export { status, type ReplicaStatus } from './status.js';
