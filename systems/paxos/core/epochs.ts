/** Passing from one epoch to the next, and what nodes do that are in different ones. */
import { epochOf } from './ballot.js';
import { catchUp } from './learner.js';
import { initialMembership } from './membership.js';
import { sendHeartbeats } from './reads.js';
import { stepDown } from './roles.js';
import { hasBug, newPeer, setMembers, type Leader, type ReplicaState } from './state.js';
import type { Ballot, Membership, NodeId, Slot } from './types.js';
import { hold } from './waiters.js';

/** Whether this node votes in its epoch. */
export function isVoter(state: ReplicaState): boolean {
  return state.bits.has(state.config.self);
}

/**
 * Takes the members over that the applied commands name, if they are others than before. The end of the epoch is on disk before anything of the next: a node that has promised a ballot
 * of an epoch knows, after a start as well, that the epoch has begun. Leases end with their epoch: whoever knows that it has ended was told by its leader, which relies on none any more,
 * or by one that came after that lease.
 */
export function enterEpoch(state: ReplicaState): void {
  const { role, machine } = state;
  const membership = machine.members ?? initialMembership(state.config);
  if (membership.epoch === state.membership.epoch) return;
  state.counters.membershipChanges++;
  state.out.record({ type: 'chosen', upTo: state.log.chosenUpTo });
  state.recordedChosen = state.log.chosenUpTo;
  if (role.kind === 'leader' && hasBug(state, 'config-no-phase1')) {
    sendHeartbeats(state, role);
    return goBy(state, membership);
  }
  // The old members, and who was brought up to be one, learn from the leader that the epoch has ended.
  if (role.kind === 'leader') sendHeartbeats(state, role);
  const heard = role.kind === 'leader' ? [...role.peers].sort(([, a], [, b]) => b.lastAckAt - a.lastAckAt).map(([node]) => node) : [];
  setMembers(state, membership);
  state.out.reach(membership.voters.filter(({ at }) => at !== ''));
  state.grant = undefined;
  if (role.kind !== 'follower') stepDown(state);
  state.leader = undefined;
  askAgain(state);
  if (role.kind !== 'leader') return;
  if (isVoter(state)) state.succeedsItself = true;
  else nominate(state, role, heard);
}

/**
 * Whether a ballot is of an epoch that this node is not in yet. Then it may promise and accept nothing in it, or all might have to wait for somebody who knows that the last epoch has
 * ended: it asks the sender, which knows.
 */
export function isAhead(state: ReplicaState, from: NodeId, ballot: Ballot, upTo: Slot): boolean {
  if (epochOf(ballot) <= state.membership.epoch) return false;
  learnOfEpoch(state, from, upTo);
  return true;
}

/** Somebody is in a later epoch, and knows what is chosen up to a slot. */
export function learnOfEpoch(state: ReplicaState, from: NodeId, upTo: Slot): void {
  // Whoever led in this epoch leads no more.
  if (state.leader !== from) state.leader = undefined;
  state.informant = { node: from, heardAt: state.now };
  catchUp(state, from, Math.max(upTo, state.log.chosenUpTo + 1));
}

/** Notes the round of a ballot that somebody told of: the next own one must be higher. Those of later epochs are not this node's to exceed. */
export function noteRound(state: ReplicaState, ballot: Ballot): void {
  if (epochOf(ballot) <= state.membership.epoch) state.highestRound = Math.max(state.highestRound, ballot.round);
}

/**
 * Quorum reads that are not answered yet ask the new members: the end of the epoch was accepted by enough of the old ones to be among the answers, so that the read waits for it; but
 * what came after it was not.
 */
function askAgain(state: ReplicaState): void {
  const waiting = state.readsToApply.filter(({ patience }) => patience !== undefined);
  state.readsToApply = state.readsToApply.filter((read) => !waiting.includes(read));
  const polled = [...state.polled.values()];
  state.polled.clear();
  for (const { waiters } of [...waiting, ...polled]) for (const waiter of waiters) if (!waiter.settled) hold(state, waiter);
}

/** A leader that is a member no more tells one of the others to stand for election at once. */
function nominate(state: ReplicaState, { ballot }: Leader, heard: readonly NodeId[]): void {
  const to = heard.find((node) => state.bits.has(node)) ?? state.peers[0];
  for (const peer of state.peers) if (to !== undefined) state.out.send(peer, { type: 'hand-over', ballot, to, sentAt: state.now });
}

/** For bugs: goes by these members without a new election; a leader goes on among them as if they had promised it their votes. */
export function goBy(state: ReplicaState, membership: Membership): void {
  setMembers(state, membership);
  state.out.reach(membership.voters.filter(({ at }) => at !== ''));
  const { role: leader } = state;
  if (leader.kind !== 'leader') return;
  for (const node of [...leader.peers.keys()]) if (!state.bits.has(node)) leader.peers.delete(node);
  for (const node of state.peers) if (!leader.peers.has(node)) leader.peers.set(node, newPeer(state.now));
  Object.assign(leader, { acksNeeded: state.q2, change: undefined, stopAt: undefined });
  leader.learners.clear();
  if (!isVoter(state)) stepDown(state);
}
