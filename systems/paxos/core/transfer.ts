/**
 * Handing leadership over (Ongaro, dissertation, 3.10): the leader stops relying on its lease and taking in commands, lets what is under way be chosen, releases the acceptors from
 * their grants, and tells one node to stand for election at once. If nobody has taken over after a while, it goes on; a lease is then relied on only as far as it was granted anew.
 */
import { sameBallot } from './ballot.js';
import { campaign } from './election.js';
import { releaseGrant } from './lease.js';
import type { HandOver } from './messages.js';
import { hasBug, type Leader, type ReplicaState, type Waiter } from './state.js';
import type { NodeId } from './types.js';
import { failure, refuse, settle } from './waiters.js';

/** Begins to hand over, if this node leads. Without `to` it is the node that was heard last. */
export function beginTransfer(state: ReplicaState, waiter: Waiter, to: NodeId | undefined): void {
  const { role: leader } = state;
  if (leader.kind !== 'leader' || state.log.chosenUpTo < leader.barrier) return refuse(state, waiter);
  const target = to ?? [...leader.peers].sort(([, a], [, b]) => b.lastAckAt - a.lastAckAt)[0]?.[0];
  if (target === state.config.self) return settle(state, waiter, { ok: true, value: target });
  if (target === undefined || !leader.peers.has(target)) return settle(state, waiter, failure('bad-request', `node ${to ?? '?'} is no other voter of this cluster`, true));
  if (leader.transfer !== undefined) return settle(state, waiter, failure('overloaded', `leadership is being handed over to node ${leader.transfer.to}`, true));
  leader.transfer = { to: target, waiter, until: state.now + state.config.electionTimeoutMs, told: false };
}

/** Tells everybody as soon as nothing is under way; or gives it up when its time has passed. */
export function advanceTransfer(state: ReplicaState, leader: Leader): void {
  const { transfer } = leader;
  if (transfer === undefined) return;
  if (state.now >= transfer.until) return abandon(state, leader);
  if (transfer.told || leader.proposals.size > 0) return;
  transfer.told = true;
  state.counters.transfers++;
  for (const peer of state.peers) state.out.send(peer, { type: 'hand-over', ballot: leader.ballot, to: transfer.to, sentAt: state.now });
}

/** This node leads no more: by the transfer, if it had come so far. */
export function finishTransfer(state: ReplicaState, { transfer }: Leader): void {
  if (transfer === undefined) return;
  if (transfer.told) settle(state, transfer.waiter, { ok: true, value: transfer.to });
  else refuse(state, transfer.waiter);
}

/** Takes the grant back that stands in the way of the successor; the successor stands for election without asking whether that makes sense. */
export function onHandOver(state: ReplicaState, { ballot, to, sentAt }: HandOver): void {
  if (!sameBallot(ballot, state.promised)) return;
  releaseGrant(state, ballot, sentAt);
  if (to === state.config.self && state.role.kind !== 'leader' && state.role.kind !== 'candidate') campaign(state);
}

function abandon(state: ReplicaState, leader: Leader): void {
  const { transfer } = leader;
  if (transfer === undefined) return;
  leader.transfer = undefined;
  if (!hasBug(state, 'lease-kept-in-transfer')) {
    leader.leaseFloor = state.now;
    for (const peer of leader.peers.values()) peer.leasedAt = -Infinity;
  }
  settle(state, transfer.waiter, failure('unavailable', `node ${transfer.to} has not taken over; this node goes on leading`, true));
}
