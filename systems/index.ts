/** The built-in systems under test. */
export { paxosSystem } from './paxos/index.js';
export { synodSystem } from './synod/index.js';

/** What can be explored exhaustively. */
export { replicaExploration, synodExploration } from './paxos/explore/index.js';
