import { ballotText } from './ballot.js';
import { isVoter } from './epochs.js';
import { readableUntil } from './lease.js';
import type { Counters, ReplicaState } from './state.js';
import type { Membership, NodeId, Slot } from './types.js';

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
  /** As a leader: for how long it may answer reads by itself, ms; 0: it holds no lease. */
  readonly leaseMs: number;
  /** The lease that it has granted as an acceptor: to whom, and for how long still, ms. */
  readonly grant?: { readonly to: NodeId; readonly forMs: number };
  readonly commit: Slot;
  readonly applied: Slot;
  /** The lowest slot that the log still has. */
  readonly first: Slot;
  /** Everything up to here is in the snapshot on its disk; 0: there is none. */
  readonly snapshot: Slot;
  /** The highest slot with an accepted value. */
  readonly last: Slot;
  /** The epoch, its members, where the others reach them, and its quorums. */
  readonly membership: Membership;
  /** Whether it is a member. */
  readonly member: boolean;
  /** Requests without reply. */
  readonly inFlight: number;
  readonly sessions: number;
  readonly keys: number;
  readonly counters: Readonly<Counters>;
}

/** What of a replica others notice when it changes: cheap to look at after every step. */
export interface Standing {
  readonly role: ReplicaState['role'];
  readonly leader: NodeId | undefined;
  readonly established: boolean;
  readonly membership: Membership;
  readonly snapshotsInstalled: number;
  readonly transfers: number;
}

/** The standing now: the very same object as before, if nothing has changed. */
export function standing({ role, leader, log, membership, counters: { snapshotsInstalled, transfers } }: ReplicaState, before: Standing | undefined): Standing {
  const established = role.kind === 'leader' && log.chosenUpTo >= role.barrier;
  const same = before !== undefined && before.role === role && before.leader === leader && before.established === established && before.membership === membership && before.snapshotsInstalled === snapshotsInstalled && before.transfers === transfers;
  return same ? before : { role, leader, established, membership, snapshotsInstalled, transfers };
}

/** The replica's status now. */
export function status(state: ReplicaState): ReplicaStatus {
  const { role, leader, grant, now } = state;
  const readable = role.kind === 'leader' ? readableUntil(state, role) : undefined;
  const own = role.kind === 'leader' || role.kind === 'candidate' ? role.ballot : state.leaderBallot;
  return {
    node: state.config.self,
    role: role.kind,
    ballot: ballotText(own),
    promised: ballotText(state.promised),
    ...(leader === undefined ? {} : { leader }),
    established: role.kind === 'leader' && state.log.chosenUpTo >= role.barrier,
    leaseMs: readable === undefined ? 0 : Math.round(readable - now),
    ...(grant === undefined || grant.until <= now ? {} : { grant: { to: grant.to, forMs: Math.round(grant.until - now) } }),
    commit: state.log.chosenUpTo,
    applied: state.applied,
    first: state.log.first,
    snapshot: state.snapshot?.slot ?? 0,
    last: state.log.last,
    membership: state.membership,
    member: isVoter(state),
    inFlight: state.waiters.size,
    sessions: state.machine.sessions.size,
    keys: state.machine.cells.size,
    counters: countersOf(state),
  };
}

/** A copy as it stands, not a spread with a member more: that takes thirty times as long. */
function countersOf({ counters, machine }: ReplicaState): Readonly<Counters> {
  const copy = { ...counters };
  copy.dedupeHits = machine.dedupeHits;
  return copy;
}
