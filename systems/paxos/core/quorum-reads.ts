/**
 * Reads without the leader (Charapko, Ailijiang, Demirbas: "Linearizable Quorum Reads in Paxos", HotStorage 2019). Whatever was acknowledged before the read came was accepted by Q2
 * nodes, so N - Q2 + 1 nodes have one among them that accepted it: the highest slot that they name is as far as the read must see. It waits until that slot is known to be
 * chosen and is applied here (the rinse): what is accepted may still be replaced, and a value seen too early might be gone in the next read.
 *
 * That a slot is chosen is learned from the leader alone, which has applied it before: so no quorum read sees what a lease read after it would not.
 */
import type { QuorumRead, QuorumReadReply } from './messages.js';
import { serveAppliedReads } from './reads.js';
import { hasBug, type PolledReads, type ReplicaState } from './state.js';
import type { NodeId } from './types.js';
import { hold } from './waiters.js';

/** Answers and the rinse may take so many heartbeat intervals together; then the leader is asked. */
const PATIENCE_HEARTBEATS = 3;

/** Asks all acceptors once for all own reads that have come since the last flush. */
export function pollAcceptors(state: ReplicaState): void {
  if (state.readsToPoll.length === 0) return;
  const waiters = state.readsToPoll.filter((waiter) => !waiter.settled);
  state.readsToPoll = [];
  if (waiters.length === 0) return;
  const id = state.nextId++;
  const polled: PolledReads = { waiters, since: state.now, heard: new Set([state.config.self]), last: lastKnown(state) };
  state.polled.set(id, polled);
  for (const peer of state.peers) state.out.send(peer, { type: 'quorum-read', id, epoch: state.epoch });
  finishPoll(state, id, polled);
}

/** Says how far the log may be chosen as far as this acceptor can tell. */
export function onQuorumRead(state: ReplicaState, from: NodeId, { id, epoch }: QuorumRead): void {
  state.out.send(from, { type: 'quorum-read-reply', id, epoch, last: lastKnown(state) });
}

/** Counts an acceptor's answer. */
export function onQuorumReadReply(state: ReplicaState, from: NodeId, { id, epoch, last }: QuorumReadReply): void {
  const polled = state.polled.get(id);
  if (epoch !== state.epoch || polled === undefined) return;
  if (state.bits.has(from)) polled.heard.add(from);
  polled.last = Math.max(polled.last, last);
  finishPoll(state, id, polled);
}

/** Lets quorum reads that got too few answers, or wait for a slot that is not chosen, ask the leader instead. */
export function tickQuorumReads(state: ReplicaState): void {
  for (const [id, polled] of state.polled) {
    if (state.now < patienceOf(state, polled.since)) break;
    state.polled.delete(id);
    giveUp(state, polled.waiters);
  }
  const late = state.readsToApply.filter(({ patience }) => patience !== undefined && patience <= state.now);
  if (late.length === 0) return;
  state.readsToApply = state.readsToApply.filter((read) => !late.includes(read));
  for (const { waiters } of late) giveUp(state, waiters);
}

function finishPoll(state: ReplicaState, id: number, { waiters, since, heard, last }: PolledReads): void {
  const { bits, q2 } = state;
  const needed = hasBug(state, 'quorum-read-short') ? 1 : bits.size - q2 + 1;
  if (heard.size < needed) return;
  state.polled.delete(id);
  const index = hasBug(state, 'quorum-read-no-rinse') ? state.applied : last;
  if (index > state.applied) state.counters.quorumReadsRinsed += waiters.length;
  state.readsToApply.push({ index, waiters, patience: patienceOf(state, since) });
  serveAppliedReads(state);
}

function giveUp(state: ReplicaState, waiters: PolledReads['waiters']): void {
  for (const waiter of waiters) {
    if (waiter.settled) continue;
    state.counters.quorumReadsGivenUp++;
    waiter.via = 'read-index';
    hold(state, waiter);
  }
}

function lastKnown({ log }: ReplicaState): number {
  return Math.max(log.last, log.chosenUpTo);
}

/** When a quorum read that has begun at a time gives up. */
export function patienceOf(state: ReplicaState, since: number): number {
  return since + PATIENCE_HEARTBEATS * state.config.heartbeatMs;
}
