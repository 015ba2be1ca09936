/**
 * Reads by read-index (Ongaro, dissertation, 6.4, for Paxos quorums: paxos.md 1.4 b). The leader notes its commit index,
 * then sends heartbeats, and counts who still holds its promise: with more than N - Q1 of them no other ballot can have
 * finished phase 1 before the read came, so nothing unknown to this leader was chosen by then.
 */
import { compareBallots } from './ballot.js';
import { learnCommit } from './learner.js';
import { readKey } from './machine.js';
import type { Heartbeat, ReadIndex, ReadIndexReply } from './messages.js';
import { knowsAllChosen, readableUntil } from './lease.js';
import { hasBug, type Leader, type ReadTicket, type ReplicaState, type Waiter } from './state.js';
import type { Json, NodeId } from './types.js';
import { hold, settle } from './waiters.js';

/** Answers a read from the state as it is here and now, whatever that is worth. */
export function serveRead(state: ReplicaState, waiter: Waiter): void {
  const { request } = waiter;
  if (request.kind !== 'operation') throw new Error('only operations read');
  const proposed = hasBug(state, 'apply-before-chosen') ? proposedValue(state, request.op.key) : undefined;
  const value = proposed === undefined ? readKey(state.machine, request.op.key).value : proposed;
  settle(state, waiter, { ok: true, value, at: state.applied });
}

/** For the bug apply-before-chosen: what this leader has last proposed to write to a key, and does not know to be chosen. */
function proposedValue({ role }: ReplicaState, key: string): Json | undefined {
  const open = role.kind === 'leader' ? [...role.proposals.values()].map(({ command }) => command) : [];
  const writes = open.flatMap((command) => (command.kind === 'operation' && command.op.f === 'write' && command.op.key === key ? [command.op.value] : []));
  return writes.at(-1);
}

/** Takes a read that this leader is to make safe: by its lease at once, or with the next round of heartbeats. */
export function takeRead(state: ReplicaState, leader: Leader, ticket: ReadTicket, lease: boolean): void {
  if (!lease || leader.leaseMs <= 0) {
    leader.freshReads.push(ticket);
    return;
  }
  if (readableUntil(state, leader) === undefined) {
    state.counters.leaseMissed++;
    leader.freshReads.push(ticket);
    return;
  }
  state.counters.leaseReads++;
  answerTicket(state, leader, ticket, state.applied);
}

/** Gives a read that this node no longer can make safe back to whoever wants it. */
export function returnTicket(state: ReplicaState, ticket: ReadTicket): void {
  if (ticket.kind === 'own') return hold(state, ticket.waiter);
  const { node, id, epoch } = ticket;
  state.out.send(node, { type: 'read-index-reply', id, epoch, index: null, ballot: state.promised });
}

/** Starts a round of heartbeats for the reads that have come since the last one, once the barrier is chosen. */
export function startReadRound(state: ReplicaState, leader: Leader): void {
  if (leader.freshReads.length === 0 || !knowsAllChosen(state, leader)) return;
  const tickets = leader.freshReads;
  leader.freshReads = [];
  sendHeartbeats(state, leader);
  leader.readRounds.push({ nonce: hasBug(state, 'read-index-old-acks') ? 0 : leader.nonce, index: state.applied, tickets });
  finishReadRounds(state, leader);
}

/** Sends a round of heartbeats with a new nonce. */
export function sendHeartbeats(state: ReplicaState, leader: Leader): void {
  leader.nonce++;
  leader.heartbeatAt = state.now;
  const message: Heartbeat = {
    type: 'heartbeat',
    ballot: leader.ballot,
    nonce: leader.nonce,
    commit: state.log.chosenUpTo,
    sentAt: state.now,
    leaseMs: leader.transfer === undefined ? leader.leaseMs : 0,
  };
  // Who has answered in this ballot is in its epoch, and knows the members. A node that is brought up, or has missed an epoch, may know none of those that could tell it more.
  const members = state.membership.voters.filter(({ at }) => at !== '');
  const introduction: Heartbeat = members.length === 0 ? message : { ...message, members };
  for (const [peer, { nonceAcked }] of leader.peers) state.out.send(peer, nonceAcked === 0 ? introduction : message);
  for (const learner of leader.learners.keys()) state.out.send(learner, introduction);
}

/** Serves the reads whose round, or a later one, is acknowledged by N - Q1 other nodes; the leader itself is one more. */
export function finishReadRounds(state: ReplicaState, leader: Leader): void {
  if (leader.readRounds.length === 0) return;
  const others = state.bits.size - state.q1;
  const nonces = [...leader.peers.values()].map((peer) => peer.nonceAcked).sort((a, b) => b - a);
  const confirmed = others === 0 ? leader.nonce : (nonces[others - 1] ?? 0);
  let done = 0;
  for (const round of leader.readRounds) {
    if (round.nonce > confirmed) break;
    done++;
    state.counters.readIndexServed += round.tickets.length;
    for (const ticket of round.tickets) answerTicket(state, leader, ticket, round.index);
  }
  if (done > 0) leader.readRounds.splice(0, done);
}

/** A follower's question: joins the reads that wait for the next round. */
export function onReadIndex(state: ReplicaState, from: NodeId, { id, epoch, lease }: ReadIndex): void {
  if (state.role.kind === 'leader') return takeRead(state, state.role, { kind: 'peer', node: from, id, epoch }, lease);
  const refusal = { type: 'read-index-reply', id, epoch, index: null, ballot: state.promised } as const;
  state.out.send(from, state.leader === undefined ? refusal : { ...refusal, leader: state.leader });
}

/** Asks the leader once for all own reads that have come since the last flush. */
export function askForIndex(state: ReplicaState, leader: NodeId): void {
  const all = state.readsToAsk.filter((waiter) => !waiter.settled);
  state.readsToAsk = [];
  for (const lease of [true, false]) {
    const waiters = all.filter(({ via }) => (via === 'lease') === lease);
    if (waiters.length === 0) continue;
    const id = state.nextId++;
    state.asked.set(id, { waiters, ballot: state.leaderBallot });
    state.out.send(leader, { type: 'read-index', id, epoch: state.epoch, lease });
  }
}

/** The leader's answer: the reads wait until the index is applied here, or for another leader. */
export function onReadIndexReply(state: ReplicaState, message: ReadIndexReply): void {
  const asked = state.asked.get(message.id);
  if (message.epoch !== state.epoch || asked === undefined) return;
  state.asked.delete(message.id);
  if (message.index === null) {
    if (compareBallots(state.leaderBallot, asked.ballot) === 0) state.leader = undefined;
    for (const waiter of asked.waiters) hold(state, waiter);
    return;
  }
  const index = hasBug(state, 'read-index-no-apply-wait') ? state.applied : message.index;
  state.readsToApply.push({ index, waiters: asked.waiters, patience: undefined });
  if (state.applied < message.index) learnCommit(state, message.ballot, message.index);
  serveAppliedReads(state);
}

/** Serves own reads whose index is applied. */
export function serveAppliedReads(state: ReplicaState): void {
  if (state.readsToApply.length === 0) return;
  const ready = state.readsToApply.filter((read) => read.index <= state.applied);
  if (ready.length === 0) return;
  state.readsToApply = state.readsToApply.filter((read) => read.index > state.applied);
  for (const { waiters, patience } of ready) {
    for (const waiter of waiters) {
      if (!waiter.settled && waiter.via !== 'stale') state.counters[patience === undefined ? 'followerReads' : 'quorumReads']++;
      serveRead(state, waiter);
    }
  }
}

function answerTicket(state: ReplicaState, leader: Leader, ticket: ReadTicket, index: number): void {
  if (ticket.kind === 'own') return serveRead(state, ticket.waiter);
  const { node, id, epoch } = ticket;
  state.out.send(node, { type: 'read-index-reply', id, epoch, index, ballot: leader.ballot });
}
