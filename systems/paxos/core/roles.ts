/** Giving up a role, and following a leader. Taking a role up is in election.ts. */
import { compareBallots, sameBallot } from './ballot.js';
import { noteRound } from './epochs.js';
import { returnTicket } from './reads.js';
import { hasBug, type Leader, type ReplicaState } from './state.js';
import type { Ballot } from './types.js';
import { finishChange } from './reconfigure.js';
import { finishTransfer } from './transfer.js';
import { answerDeposed, hold } from './waiters.js';

/** Stops leading or campaigning; what waits for this node as leader is answered or waits for the next one. */
export function stepDown(state: ReplicaState): void {
  const { role } = state;
  state.role = { kind: 'follower' };
  restartElectionTimer(state);
  if (role.kind !== 'leader') return;
  state.counters.stepDowns++;
  if (state.leader === state.config.self) state.leader = undefined;
  for (const proposal of role.proposals.values()) {
    if (proposal.waiter === undefined) continue;
    answerDeposed(state, proposal.waiter, 'the leader was deposed before the command was known to be chosen');
  }
  for (const waiter of role.queue) hold(state, waiter);
  finishTransfer(state, role);
  finishChange(state, role);
  dropReads(state, role);
}

/** Negative, zero or positive as a is lower than, equal to or higher than b. */
export function rank(state: ReplicaState, a: Ballot, b: Ballot): number {
  return hasBug(state, 'ballot-without-node-id') ? a.round - b.round : compareBallots(a, b);
}

/** Steps down if the ballot is higher than the own one. Whether it did. */
export function yieldTo(state: ReplicaState, ballot: Ballot): boolean {
  noteRound(state, ballot);
  const { role } = state;
  if (role.kind !== 'leader' && role.kind !== 'candidate') return false;
  if (rank(state, ballot, role.ballot) <= 0) return false;
  if (role.kind === 'leader' && hasBug(state, 'accept-below-promise')) return false;
  state.counters.preemptions++;
  if (!state.config.stableLeader) state.failedAttempts++;
  stepDown(state);
  return true;
}

/** When to try again after a preemption: normally an election timeout later, since the other is probably alive. */
export function scheduleRetry(state: ReplicaState): void {
  if (hasBug(state, 'no-backoff')) state.electionDeadline = state.now;
}

/** Notes a sign of life of the leader of a ballot that is at least the promised one. */
export function followLeader(state: ReplicaState, ballot: Ballot): void {
  state.lastContact = state.now;
  state.electionDeadline = state.now + state.electionTimeoutMs;
  if (state.leader !== undefined && sameBallot(ballot, state.leaderBallot)) return;
  if (state.role.kind === 'pre-candidate') state.role = { kind: 'follower' };
  if (state.config.stableLeader) state.failedAttempts = 0;
  noteLeader(state, ballot);
  restartElectionTimer(state);
}

/** Notes who leads; what was asked of the leader before is lost sight of, reads are asked again. */
export function noteLeader(state: ReplicaState, ballot: Ballot): void {
  const changed = !sameBallot(ballot, state.leaderBallot);
  state.leader = ballot.node;
  state.leaderBallot = ballot;
  if (!changed) return;
  state.counters.leaderChanges++;
  for (const [id, { waiter }] of state.forwarded) {
    state.forwarded.delete(id);
    answerDeposed(state, waiter, 'the leader changed after the request was forwarded to it');
  }
  for (const [id, { waiters }] of state.asked) {
    state.asked.delete(id);
    for (const waiter of waiters) hold(state, waiter);
  }
}

/** Draws a new election timeout, uniform in [T, 2T], and starts it now. */
export function restartElectionTimer(state: ReplicaState): void {
  const { electionTimeoutMs } = state.config;
  state.electionTimeoutMs = state.random.between(electionTimeoutMs, 2 * electionTimeoutMs);
  state.electionDeadline = state.now + state.electionTimeoutMs;
}

function dropReads(state: ReplicaState, leader: Leader): void {
  const tickets = [...leader.readRounds.flatMap((round) => round.tickets), ...leader.freshReads];
  for (const ticket of tickets) returnTicket(state, ticket);
}
