/**
 * Changing the members, at the leader (paxos.md 1.7): those that are to be added are brought up first, as learners that do not vote; then the stop-sign is proposed, and nothing after
 * it. When it is chosen the epoch has ended. One change at a time.
 */
import { propose } from './leader.js';
import { isMade, nextMembership, type MemberChange } from './membership.js';
import { hasBug, newPeer, type Leader, type ReplicaState, type Waiter } from './state.js';
import type { Json, NodeId, Slot } from './types.js';
import { failure, refuse, settle } from './waiters.js';

/** A learner is brought up when it lacks no more slots than this, which it gets while the others go on. */
const LAG = 64;
/** A learner for which nobody asks is forgotten after so many election timeouts: who asks for a change has to ask again when a large state takes longer than a request may. */
const WANTED_TIMEOUTS = 10;

/** Takes a change in, unless it is made already, cannot be made, or another is under way. */
export function beginChange(state: ReplicaState, leader: Leader, waiter: Waiter, { add, remove }: MemberChange): void {
  const { membership } = state;
  if (isMade(membership, { add, remove })) return settle(state, waiter, { ok: true, value: membership as unknown as Json });
  const next = nextMembership(membership, { add, remove });
  if (typeof next === 'string') return settle(state, waiter, failure('bad-request', next, true));
  const busy = (leader.change !== undefined && !leader.change.waiter.settled) || leader.stopAt !== undefined || leader.transfer !== undefined;
  if (busy) return settle(state, waiter, failure('overloaded', 'the members or the leader are being changed already', true));
  leader.change = { add, remove, waiter };
  const wantedUntil = state.now + WANTED_TIMEOUTS * state.config.electionTimeoutMs;
  for (const { id, at } of add) leader.learners.set(id, { ...(leader.learners.get(id) ?? { upTo: 0, heardAt: -Infinity }), at, wantedUntil });
  state.out.reach(add);
  if (hasBug(state, 'learner-counts')) countLearners(state, leader);
}

/** Proposes the end of the epoch as soon as all that are to be added are brought up. */
export function advanceChange(state: ReplicaState, leader: Leader): void {
  for (const [id, { wantedUntil }] of leader.learners) if (state.now >= wantedUntil) leader.learners.delete(id);
  const { change } = leader;
  if (change === undefined || leader.stopAt !== undefined) return;
  if (change.waiter.settled) {
    leader.change = undefined;
    return;
  }
  if (state.log.chosenUpTo < leader.barrier || leader.transfer !== undefined) return;
  if (change.add.some(({ id }) => !isBroughtUp(state, leader, id))) return;
  const next = nextMembership(state.membership, change);
  if (typeof next === 'string') throw new Error(`node ${state.config.self}: ${next}, although the change could be made before`);
  state.counters.learnersCaughtUp += change.add.length;
  leader.change = undefined;
  if (!hasBug(state, 'config-on-propose')) leader.stopAt = leader.nextSlot;
  propose(state, leader, [{ command: { kind: 'reconfigure', membership: next }, waiter: change.waiter }]);
}

/** A node that is no voter says how far it is. */
export function hearLearner(state: ReplicaState, leader: Leader, from: NodeId, upTo: Slot): void {
  const learner = leader.learners.get(from);
  if (learner === undefined) return;
  learner.upTo = Math.max(learner.upTo, upTo);
  learner.heardAt = state.now;
}

/** This node leads no more: a change that was not proposed is refused. */
export function finishChange(state: ReplicaState, { change }: Leader): void {
  if (change !== undefined) refuse(state, change.waiter);
}

function isBroughtUp(state: ReplicaState, leader: Leader, id: NodeId): boolean {
  const learner = leader.learners.get(id);
  return learner !== undefined && learner.upTo + LAG >= state.log.chosenUpTo && state.now - learner.heardAt < state.config.electionTimeoutMs;
}

/** The bug learner-counts: what a learner has accepted counts like the vote of a member. */
function countLearners(state: ReplicaState, leader: Leader): void {
  const bits = new Map(state.bits);
  for (const id of leader.learners.keys()) {
    if (!bits.has(id)) bits.set(id, 1 << bits.size);
    if (!leader.peers.has(id)) leader.peers.set(id, newPeer(state.now));
  }
  state.bits = bits;
}
