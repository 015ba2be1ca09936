import { ballotText } from './ballot.js';
import type { Counters, ReplicaState } from './state.js';
import type { NodeId, Slot } from './types.js';

/** What a replica says of itself; a snapshot. */
export interface ReplicaStatus {
  readonly node: NodeId;
  readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
  /** `round.node` of the ballot it leads or campaigns with, else of the leader it follows, or last followed. */
  readonly ballot: string;
  readonly promised: string;
  /** Who leads as far as this node knows. */
  readonly leader?: NodeId;
  /** Whether it leads and its barrier is chosen, so that it carries out requests. */
  readonly established: boolean;
  readonly commit: Slot;
  readonly applied: Slot;
  /** The highest slot with an accepted value. */
  readonly last: Slot;
  /** Requests without reply. */
  readonly inFlight: number;
  readonly sessions: number;
  readonly keys: number;
  readonly counters: Readonly<Counters & { dedupeHits: number }>;
}

/** The replica's status now. */
export function status(state: ReplicaState): ReplicaStatus {
  const { role, leader } = state;
  const own = role.kind === 'leader' || role.kind === 'candidate' ? role.ballot : state.leaderBallot;
  return {
    node: state.config.self,
    role: role.kind,
    ballot: ballotText(own),
    promised: ballotText(state.promised),
    ...(leader === undefined ? {} : { leader }),
    established: role.kind === 'leader' && state.log.chosenUpTo >= role.barrier,
    commit: state.log.chosenUpTo,
    applied: state.applied,
    last: state.log.last,
    inFlight: state.waiters.size,
    sessions: state.machine.sessions.size,
    keys: state.machine.cells.size,
    counters: { ...state.counters, dedupeHits: state.machine.dedupeHits },
  };
}
