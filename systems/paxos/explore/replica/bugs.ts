import { CORE_BUGS, type CoreBugName } from '../../core/index.js';
import type { ReplicaScope } from './scope.js';

/** What a scope must have for a bug to show, where that is more than the default. */
export type Needs = Partial<Pick<ReplicaScope, 'nodes' | 'elections' | 'commands' | 'retries' | 'crashes'>>;

/** The bugs of the core that show in this model, and the smallest scope known in which clients could notice them. The others have to do with reads, leases, snapshots, members or time. */
const NEEDS: Partial<Readonly<Record<CoreBugName, Needs>>> = {
  'own-value-after-prepare': {},
  'forget-promise': { crashes: 1 },
  'promise-lower-ballot': {},
  'lowest-ballot-wins': { elections: 3 },
  'phase1-from-own-tail': { retries: 1 },
  'quorums-do-not-intersect': {},
  'ballot-without-node-id': {},
  'ballot-reuse-after-restart': { crashes: 1 },
  'ack-before-fsync': { crashes: 1 },
  'accept-below-promise': {},
  'ack-before-chosen': {},
  'write-quorum-short': {},
  'read-quorum-short': {},
  'count-acks-not-nodes': { nodes: 5, elections: 1 },
  'tally-across-ballots': { crashes: 1 },
  'accept-no-promise-bump': { crashes: 1 },
  'commit-index-blind': { retries: 1 },
  'skip-gaps': {},
  'forget-accepted': { crashes: 1 },
  'no-dedupe': { retries: 1 },
  'dedupe-leader-memory': { retries: 1 },
  'preempted-means-failed': {},
};

/** Name, meaning and needs of the bugs that show in this model. */
export const REPLICA_BUGS = CORE_BUGS.flatMap(({ name, meaning }) => {
  const needs = NEEDS[name];
  return needs === undefined ? [] : [{ name, meaning, needs }];
});
