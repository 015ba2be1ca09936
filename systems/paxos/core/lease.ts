/**
 * Leader leases by withheld promises (paxos.md 1.4, variant A; Chubby, Paxos Made Live, Quorum Leases). An acceptor that confirms a heartbeat promises to nobody
 * else for the lease's length L by its own clock. The leader counts from the moment before it sent the heartbeat, for less than L by its own clock: clocks are
 * taken to run wrong by at most the rate e, so a grant lasts at least L/(1+e) of true time, and L(1-e)/(1+e) on the leader's clock are at most that. While so many
 * grants stand that every phase-1 quorum has a grantor in it (N - Q1 + 1, the leader one of them), nobody else can have become leader, and what the leader has
 * applied is all that was ever acknowledged.
 *
 * A grant is kept in memory only: after a start an acceptor promises to nobody for the longest lease that it ever granted, which is on its disk. A leader never takes up a lease
 * again: a new life means a new ballot. Monotonic clocks only; one that stands still while the process goes on (a suspended machine) is outside the bound.
 */
import { sameBallot } from './ballot.js';
import { hasBug, type Leader, type ReplicaState } from './state.js';
import type { Ballot, NodeId } from './types.js';

/** Subtracted from every lease for what clocks do not resolve, ms. */
const GRAIN_MS = 1;

/** A promise to promise nobody else. */
export interface Grant {
  readonly to: NodeId;
  readonly until: number;
  /** The leader's clock when it asked for it. */
  readonly askedAt: number;
}

/**
 * Grants the leader of the promised ballot a lease from now on. Gives the write that has to be durable before the leader is told: that of a length which
 * this node has not granted before.
 */
export function grantLease(state: ReplicaState, ballot: Ballot, leaseMs: number, askedAt: number): number {
  if (leaseMs <= 0) return 0;
  state.grant = { to: ballot.node, until: state.now + leaseMs, askedAt };
  if (leaseMs > state.longestGrantMs) {
    state.longestGrantMs = leaseMs;
    state.longestGrantLsn = state.out.record({ type: 'lease', longestMs: leaseMs });
  }
  return state.longestGrantLsn;
}

/** For how long, ms, this node may promise nothing to that one; 0: it may. */
export function withheldFor(state: ReplicaState, node: NodeId): number {
  if (hasBug(state, 'lease-not-honoured')) return 0;
  const { grant, role } = state;
  const own = role.kind === 'leader' && role.transfer === undefined && node !== state.config.self ? leaseUntil(state, role) : 0;
  const granted = grant !== undefined && grant.to !== node ? grant.until : 0;
  const silentUntil = hasBug(state, 'lease-forgotten-on-restart') ? -Infinity : state.silentUntil;
  return Math.max(0, own - state.now, granted - state.now, silentUntil - state.now);
}

/** Takes a grant back on which the leader has said at a time that it no longer relies; one that it has asked for later stands. */
export function releaseGrant(state: ReplicaState, ballot: Ballot, saidAt: number): void {
  const { grant } = state;
  if (grant?.to === ballot.node && grant.askedAt <= saidAt) state.grant = undefined;
}

/** Until when by its own clock the leader may answer reads by itself; -Infinity: it holds no lease. */
export function leaseUntil(state: ReplicaState, leader: Leader): number {
  const { config } = state;
  if (leader.leaseMs <= 0 || (leader.transfer !== undefined && !hasBug(state, 'lease-kept-in-transfer'))) return -Infinity;
  const others = state.bits.size - state.q1;
  const stamps = [...leader.peers.values()].map((peer) => peer.leasedAt).sort((a, b) => b - a);
  const since = others === 0 ? state.now : (stamps[others - 1] ?? -Infinity);
  const rate = config.clockErrorRate;
  const length = hasBug(state, 'lease-no-drift-margin') ? leader.leaseMs : (leader.leaseMs * (1 - rate)) / (1 + rate) - GRAIN_MS;
  return since + length;
}

/** Until when a read may be answered here and now; undefined: not by lease. All that earlier ballots chose must be known, and no higher ballot seen. */
export function readableUntil(state: ReplicaState, leader: Leader): number | undefined {
  if (!knowsAllChosen(state, leader) || !sameBallot(state.promised, leader.ballot)) return undefined;
  const until = leaseUntil(state, leader);
  return until > state.now ? until : undefined;
}

/** Whether everything that was chosen in earlier ballots is known: the barrier of this one is chosen. */
export function knowsAllChosen(state: ReplicaState, leader: Leader): boolean {
  return state.log.chosenUpTo >= leader.barrier || hasBug(state, 'read-before-barrier');
}
