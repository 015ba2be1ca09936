/**
 * The acceptor (paxos.md 1.2): one promise for all slots, the accepted values, and answers that wait until what they
 * tell is durable.
 */
import { compareBallots, epochOf, sameBallot } from './ballot.js';
import { isAhead, isVoter } from './epochs.js';
import { learnCommit, sameCommand, storeAccepted } from './learner.js';
import { grantLease, withheldFor } from './lease.js';
import type { Accept, Heartbeat, HeartbeatAck, Prepare } from './messages.js';
import { followLeader, rank, restartElectionTimer, scheduleRetry, yieldTo } from './roles.js';
import { ensure, hasBug, type ReplicaState } from './state.js';
import type { Ballot, Command, NodeId, Slot } from './types.js';

/** Promises the ballot for all slots, and reports what was accepted in slots that are not known to be chosen here. */
export function onPrepare(state: ReplicaState, from: NodeId, { ballot, from: firstOpen }: Prepare): void {
  if (isAhead(state, from, ballot, firstOpen - 1)) return;
  if (rank(state, ballot, state.promised) < 0 && !hasBug(state, 'promise-lower-ballot')) return refuseBallot(state, from, ballot);
  const withheldMs = withheldFor(state, ballot.node);
  if (withheldMs > 0) {
    state.counters.leasesRespected++;
    return refuseBallot(state, from, ballot, withheldMs);
  }
  const preempted = yieldTo(state, ballot);
  if (!sameBallot(ballot, state.promised)) promise(state, ballot);
  state.lastContact = state.now;
  restartElectionTimer(state);
  const chosenUpTo = hasBug(state, 'promise-omits-compacted') ? 0 : state.log.chosenUpTo;
  const accepted = state.log.acceptedFrom(Math.max(firstOpen, chosenUpTo + 1));
  state.out.whenDurable(state.out.newestLsn, () => {
    if (sameBallot(state.promised, ballot)) state.out.send(from, { type: 'promise', ballot, chosenUpTo, accepted });
    else refuseBallot(state, from, ballot);
  });
  if (preempted) scheduleRetry(state);
}

/** Accepts the values and acknowledges them when they are durable. */
export function onAccept(state: ReplicaState, from: NodeId, { ballot, slot, commands, commit }: Accept): void {
  if (isAhead(state, from, ballot, commit)) return;
  // A disk that hangs must not fill the memory: the leader sends again what is not acknowledged.
  const { oldestWriteSince } = state.out;
  if (oldestWriteSince !== undefined && state.now - oldestWriteSince > state.config.electionTimeoutMs) return;
  const below = rank(state, ballot, state.promised) < 0;
  if (below && !hasBug(state, 'accept-below-promise')) return refuseBallot(state, from, ballot);
  const preempted = yieldTo(state, ballot);
  let lsn = 0;
  commands.forEach((command, i) => {
    // What is compacted is chosen, and no other value can be proposed for it: it counts as accepted in every ballot.
    if (slot + i < state.log.first) {
      lsn = Math.max(lsn, compareBallots(ballot, state.promised) > 0 ? promise(state, ballot) : state.promisedLsn);
      return;
    }
    const held = state.log.get(slot + i);
    if (held !== undefined && sameBallot(held.ballot, ballot)) {
      ensure(state, sameCommand(held.command, command), `two values for slot ${slot + i} in one ballot`);
      lsn = Math.max(lsn, held.lsn);
      return;
    }
    lsn = acceptValue(state, ballot, slot + i, command);
  });
  const last = slot + commands.length - 1;
  state.out.whenDurable(lsn, () => acknowledge(state, ballot, slot, last));
  if (below) return;
  followLeader(state, ballot);
  learnCommit(state, ballot, commit);
  if (preempted) scheduleRetry(state);
}

/** Follows the leader, confirms that it still has this node's promise, and grants it the lease that it asks for. */
export function onHeartbeat(state: ReplicaState, from: NodeId, { ballot, nonce, commit, sentAt, leaseMs, members = [] }: Heartbeat): void {
  if (epochOf(ballot) > state.membership.epoch) state.out.reach(members);
  if (isAhead(state, from, ballot, commit)) return;
  if (rank(state, ballot, state.promised) < 0) {
    if (!hasBug(state, 'accept-below-promise')) return refuseBallot(state, from, ballot);
    return state.out.send(from, { type: 'heartbeat-ack', ballot, nonce, sentAt, leaseMs });
  }
  const preempted = yieldTo(state, ballot);
  if (!sameBallot(ballot, state.promised)) promise(state, ballot);
  state.out.whenDurable(state.promisedLsn, () => {
    if (sameBallot(state.promised, ballot)) confirm(state, from, { type: 'heartbeat-ack', ballot, nonce, sentAt, leaseMs });
    else refuseBallot(state, from, ballot);
  });
  followLeader(state, ballot);
  learnCommit(state, ballot, commit);
  if (preempted) scheduleRetry(state);
}

/** Raises the own promise; gives the lsn of the write that makes it durable. */
export function promise(state: ReplicaState, ballot: Ballot): number {
  ensure(state, compareBallots(ballot, state.promised) > 0, 'a promise must not be lowered or repeated');
  state.promised = ballot;
  state.promisedLsn = state.out.record({ type: 'promised', ballot });
  return state.promisedLsn;
}

/** Stores a value as accepted in the ballot, which is a promise as well; gives the lsn that makes it durable. */
export function acceptValue(state: ReplicaState, ballot: Ballot, slot: Slot, command: Command): number {
  const held = state.log.get(slot);
  ensure(state, held === undefined || compareBallots(held.ballot, ballot) < 0, `the ballot of slot ${slot} must rise`);
  if (held !== undefined && slot <= state.log.chosenUpTo) {
    ensure(state, sameCommand(held.command, command), `another value is proposed for slot ${slot}, which is chosen`);
  }
  return storeAccepted(state, ballot, slot, command);
}

/** The lease is granted before its acknowledgement leaves, which may have to wait for the disk. */
function confirm(state: ReplicaState, to: NodeId, ack: HeartbeatAck): void {
  const lsn = grantLease(state, ack.ballot, ack.leaseMs, ack.sentAt);
  state.out.whenDurable(lsn, () => {
    if (sameBallot(state.promised, ack.ballot)) state.out.send(to, isVoter(state) ? ack : { ...ack, upTo: state.log.chosenUpTo });
  });
}

function refuseBallot(state: ReplicaState, to: NodeId, ballot: Ballot, leaseMs = 0): void {
  state.counters.nacks++;
  state.out.send(to, { type: 'nack', ballot, promised: state.promised, ...(leaseMs > 0 ? { leaseMs } : {}) });
}

/** Collects the acknowledgement for the next flush, joined to its neighbours. */
function acknowledge(state: ReplicaState, ballot: Ballot, first: Slot, last: Slot): void {
  const group = state.acks.at(-1);
  if (group === undefined || !sameBallot(group.ballot, ballot)) {
    state.acks.push({ ballot, slots: [[first, last]] });
    return;
  }
  const range = group.slots.at(-1);
  if (range !== undefined && range[1] + 1 === first) group.slots[group.slots.length - 1] = [range[0], last];
  else group.slots.push([first, last]);
}
