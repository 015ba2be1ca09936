/** Phase 2: proposing, counting acknowledgements, retransmission, and giving up without a quorum. */
import { compareBallots, sameBallot } from './ballot.js';
import { acceptValue } from './acceptor.js';
import { applyChosen } from './learner.js';
import { batchLength, sizeOf } from './log.js';
import { storedReply } from './machine.js';
import type { Accepted, HeartbeatAck } from './messages.js';
import { finishReadRounds, sendHeartbeats, serveRead, startReadRound, takeRead } from './reads.js';
import { advanceChange, beginChange, hearLearner } from './reconfigure.js';
import { noteLeader, stepDown } from './roles.js';
import { ensure, hasBug, newPeer, replyName, type Leader, type Peer, type ReplicaState, type Waiter } from './state.js';
import type { Ballot, Command, NodeId, Slot } from './types.js';
import { advanceTransfer } from './transfer.js';
import { isRead, settle } from './waiters.js';

/** What was not acknowledged is sent again after this many heartbeat intervals. */
const RESEND_HEARTBEATS = 2;
/** What is proposed and not chosen has so many characters at most: a promise tells of all of it in one message. */
const PIPELINE_CHARACTERS = 8 * 1024 * 1024;

const CARELESS_LEADERS = ['accept-below-promise', 'ack-before-chosen', 'leader-read-unchecked', 'read-index-old-acks', 'lease-not-honoured', 'lease-forgotten-on-restart', 'lease-no-drift-margin'] as const;

/**
 * Starts to lead with the values that phase 1 found for the open slots (the first is `from`; a slot without value is
 * filled with a no-op), followed by a no-op as barrier. Clients' values come after it is chosen.
 */
export function becomeLeader(state: ReplicaState, ballot: Ballot, from: Slot, found: readonly (Command | undefined)[]): void {
  const { config, counters } = state;
  // What ends the epoch is the last of it, and does as a barrier.
  const end = found.findIndex((command) => command?.kind === 'reconfigure');
  const open = end < 0 ? found : found.slice(0, end + 1);
  const barrier = end < 0 ? from + open.length : from + end;
  const leader: Leader = {
    kind: 'leader',
    ballot,
    barrier,
    acksNeeded: hasBug(state, 'ack-before-chosen') ? 1 : state.q2,
    nextSlot: from,
    proposals: new Map(),
    queue: [],
    peers: new Map(state.peers.map((node) => [node, newPeer(state.now)])),
    learners: new Map(),
    change: undefined,
    stopAt: end < 0 ? undefined : barrier,
    nonce: 0,
    heartbeatAt: state.now,
    quorumTimeoutMs: state.random.between(config.electionTimeoutMs, 2 * config.electionTimeoutMs),
    graceUntil: state.now,
    leaseMs: hasBug(state, 'no-backoff') || hasBug(state, 'prepare-disrupts') || !config.stableLeader ? 0 : config.leaseMs,
    leaseFloor: -Infinity,
    transfer: undefined,
    freshReads: [],
    readRounds: [],
    replies: new Map(),
  };
  state.role = leader;
  if (config.stableLeader) state.failedAttempts = 0;
  counters.electionsWon++;
  const gaps = open.filter((command) => command === undefined).length;
  counters.gapsFilled += gaps;
  const last: readonly Command[] = end < 0 ? [{ kind: 'noop' }] : [];
  counters.noops += gaps + last.length;
  noteLeader(state, ballot);
  const noop: Command = { kind: 'noop' };
  if (hasBug(state, 'no-gap-fill')) proposeAround(state, leader, [...open, ...last]);
  else propose(state, leader, [...open.map((command) => command ?? noop), ...last].map((command) => ({ command })));
  sendHeartbeats(state, leader);
}

/** For the bug no-gap-fill: leaves slots without a value as they are. */
function proposeAround(state: ReplicaState, leader: Leader, open: readonly (Command | undefined)[]): void {
  for (const command of open) {
    if (command === undefined) leader.nextSlot++;
    else propose(state, leader, [{ command }]);
  }
}

/** Takes a request that this leader is to carry out. */
export function submit(state: ReplicaState, leader: Leader, waiter: Waiter): void {
  const { request } = waiter;
  if (request.kind === 'operation') {
    if (isRead(request)) {
      if (hasBug(state, 'leader-read-unchecked')) return serveRead(state, waiter);
      if (waiter.via !== 'log') return takeRead(state, leader, { kind: 'own', waiter }, waiter.via === 'lease');
    } else if (request.session !== undefined) {
      const stored = storedReply(state.machine, request.session) ?? leader.replies.get(replyName(request.session));
      if (stored !== undefined) {
        state.machine.dedupeHits++;
        return settle(state, waiter, stored.ok ? { ok: true, value: stored.value, at: state.applied } : stored);
      }
    }
  }
  if (request.kind === 'reconfigure') return beginChange(state, leader, waiter, request);
  leader.queue.push(waiter);
}

/** Proposes what waits, as far as the pipeline has room, and asks for confirmation of new reads. */
export function flushLeader(state: ReplicaState, leader: Leader): void {
  if (leader.queue.length > 0 && state.log.chosenUpTo >= leader.barrier && leader.transfer === undefined && leader.stopAt === undefined) {
    const batch = nextBatch(state, leader);
    propose(state, leader, hasBug(state, 'noop-flood') ? flooded(state, batch) : batch);
  }
  advanceTransfer(state, leader);
  advanceChange(state, leader);
  startReadRound(state, leader);
}

/** For the bug noop-flood: after every command a no-op. */
function flooded<T>(state: ReplicaState, batch: readonly T[]): readonly (T | { readonly command: Command })[] {
  state.counters.noops += batch.length;
  return batch.flatMap((each) => [each, { command: { kind: 'noop' } as const }]);
}

/** From the head of the queue what the pipeline has room for: by number, and by size, but one at least. */
function nextBatch(state: ReplicaState, leader: Leader): readonly { readonly command: Command; readonly waiter: Waiter }[] {
  const { log, config } = state;
  let open = leader.nextSlot - 1 - log.chosenUpTo;
  let characters = 0;
  for (let slot = log.chosenUpTo + 1; slot < leader.nextSlot; slot++) characters += log.get(slot)?.characters ?? 0;
  const batch: { readonly command: Command; readonly waiter: Waiter }[] = [];
  let taken = 0;
  for (const waiter of leader.queue) {
    if (open >= config.maxPipeline) break;
    if (!waiter.settled) {
      const command = commandOf(state, leader, waiter);
      characters += sizeOf(command);
      if (open > 0 && characters > PIPELINE_CHARACTERS) break;
      batch.push({ command, waiter });
      open++;
    }
    taken++;
  }
  leader.queue.splice(0, taken);
  return batch;
}

/** Counts an acknowledgement: by node, slot and ballot. */
export function onAccepted(state: ReplicaState, from: NodeId, { ballot, slots }: Accepted): void {
  const leader = state.role;
  if (leader.kind !== 'leader' || (!sameBallot(leader.ballot, ballot) && !hasBug(state, 'tally-across-ballots'))) return;
  const peer = leader.peers.get(from);
  if (peer === undefined) return;
  peer.lastAckAt = state.now;
  for (const [first, last] of slots) count(state, leader, from, first, last);
  advance(state, leader);
}

/** Notes that a node still holds the promise to this leader's ballot, and grants it a lease. */
export function onHeartbeatAck(state: ReplicaState, from: NodeId, { ballot, nonce, sentAt, leaseMs, upTo = 0 }: HeartbeatAck): void {
  const leader = state.role;
  if (leader.kind !== 'leader' || !sameBallot(leader.ballot, ballot)) return;
  const peer = leader.peers.get(from);
  if (peer === undefined) return hearLearner(state, leader, from, upTo);
  ensure(state, nonce <= leader.nonce, 'a heartbeat was acknowledged that was never sent');
  peer.lastAckAt = state.now;
  peer.nonceAcked = Math.max(peer.nonceAcked, nonce);
  if (leaseMs === leader.leaseMs && sentAt >= leader.leaseFloor) peer.leasedAt = Math.max(peer.leasedAt, hasBug(state, 'lease-from-ack-time') ? state.now : sentAt);
  finishReadRounds(state, leader);
}

/** Heartbeats, retransmission, and stepping down without a quorum or with a disk that hangs. */
export function tickLeader(state: ReplicaState, leader: Leader): void {
  if (lostQuorum(state, leader)) return stepDown(state);
  if (state.now - leader.heartbeatAt >= state.config.heartbeatMs) sendHeartbeats(state, leader);
  if (leader.proposals.size === 0) return;
  for (const [node, peer] of leader.peers) {
    const silent = state.now - peer.lastAckAt >= state.config.electionTimeoutMs;
    if (!silent && state.now - peer.resentAt >= resendMs(state)) resend(state, leader, node, peer);
  }
}

/** Whether the leader no longer hears from enough nodes to write and to read, or cannot write to its own disk. */
function lostQuorum(state: ReplicaState, leader: Leader): boolean {
  if (state.now < leader.graceUntil || neverGivesUp(state)) return false;
  const { bits, q1, q2, config: { electionTimeoutMs } } = state;
  const { oldestWriteSince } = state.out;
  if (oldestWriteSince !== undefined && state.now - oldestWriteSince > electionTimeoutMs && !hasBug(state, 'faux-leader')) return true;
  if (hasBug(state, 'never-steps-down')) return false;
  let heard = 1;
  for (const peer of leader.peers.values()) if (state.now - peer.lastAckAt <= leader.quorumTimeoutMs) heard++;
  return heard < Math.max(q2, bits.size - q1 + 1);
}

/**
 * A leader that does not look after its quorum: the careless surroundings without which some bugs would hide, since a
 * leader that steps down in time is rarely found wrong.
 */
function neverGivesUp(state: ReplicaState): boolean {
  return CARELESS_LEADERS.some((name) => hasBug(state, name));
}

/** Gives the values the next slots: sends them, writes them, and counts this node itself only when they are durable. */
export function propose(
  state: ReplicaState,
  leader: Leader,
  batch: readonly { readonly command: Command; readonly waiter?: Waiter }[],
): void {
  if (batch.length === 0) return;
  const { ballot } = leader;
  ensure(state, compareBallots(state.promised, ballot) === 0, 'a leader must hold its own promise');
  ensure(state, leader.nextSlot > state.log.chosenUpTo, 'somebody else fills the slots of a leader');
  const first = Math.max(leader.nextSlot, state.log.chosenUpTo + 1);
  batch.forEach(({ command, waiter }, i) => {
    leader.proposals.set(first + i, { command, waiter, proposedAt: state.now, acks: 0 });
    if (waiter !== undefined) waiter.exposed = true;
  });
  leader.nextSlot = first + batch.length;
  state.counters.proposed += batch.length;
  const commands = batch.map(({ command }) => command);
  const ownFirst = hasBug(state, 'faux-leader');
  if (!ownFirst) sendAccepts(state, leader, first, commands);
  let lsn = 0;
  batch.forEach(({ command }, i) => (lsn = acceptValue(state, ballot, first + i, command)));
  const last = leader.nextSlot - 1;
  state.out.whenDurable(lsn, () => {
    if (state.role !== leader) return;
    if (ownFirst) sendAccepts(state, leader, first, commands);
    count(state, leader, state.config.self, first, last);
    advance(state, leader);
  });
}

/** Sends new values to all that have answered lately; the others get them when they answer again. */
function sendAccepts(state: ReplicaState, leader: Leader, slot: Slot, commands: readonly Command[]): void {
  const commit = state.log.chosenUpTo;
  for (let start = 0; start < commands.length; ) {
    const length = batchLength(commands, start);
    const message = {
      type: 'accept',
      ballot: leader.ballot,
      slot: slot + start,
      commands: commands.slice(start, start + length),
      commit,
    } as const;
    for (const [node, peer] of leader.peers) {
      if (state.now - peer.lastAckAt < state.config.electionTimeoutMs) state.out.send(node, message);
    }
    start += length;
  }
}

function count(state: ReplicaState, leader: Leader, node: NodeId, first: Slot, last: Slot): void {
  const bit = state.bits.get(node) ?? 0;
  for (let slot = Math.max(first, state.log.chosenUpTo + 1); slot <= last; slot++) {
    const proposal = leader.proposals.get(slot);
    if (proposal === undefined) continue;
    // Each counts: the next bit that is free is set, whosever it is.
    if (hasBug(state, 'count-acks-not-nodes')) proposal.acks = (proposal.acks << 1) | 1;
    else proposal.acks |= bit;
  }
}

/** Moves the commit index over what enough nodes have accepted, in slot order. */
function advance(state: ReplicaState, leader: Leader): void {
  const { log } = state;
  const before = log.chosenUpTo;
  for (;;) {
    const proposal = leader.proposals.get(log.chosenUpTo + 1);
    if (proposal === undefined || bitCount(proposal.acks) < leader.acksNeeded) break;
    log.chosenUpTo++;
  }
  if (log.chosenUpTo === before) return;
  state.counters.chosen += log.chosenUpTo - before;
  applyChosen(state);
}

/** Sends again, in one message, the first run of slots that the node should have acknowledged by now. */
function resend(state: ReplicaState, leader: Leader, node: NodeId, peer: Peer): void {
  const bit = state.bits.get(node) ?? 0;
  const commands: Command[] = [];
  let first = 0;
  for (const [slot, proposal] of leader.proposals) {
    if (state.now - proposal.proposedAt < resendMs(state) || (hasBug(state, 'faux-leader') && !isDurable(state, slot))) break;
    const missing = (proposal.acks & bit) === 0;
    if (missing && commands.length === 0) first = slot;
    if (missing) commands.push(proposal.command);
    else if (commands.length > 0) break;
  }
  if (commands.length === 0) return;
  peer.resentAt = state.now;
  state.counters.retransmissions++;
  state.out.send(node, {
    type: 'accept',
    ballot: leader.ballot,
    slot: first,
    commands: commands.slice(0, batchLength(commands, 0)),
    commit: state.log.chosenUpTo,
  });
}

/** Whether what this node has accepted in a slot is on its disk. */
function isDurable({ log, out }: ReplicaState, slot: Slot): boolean {
  return (log.get(slot)?.lsn ?? 0) <= out.durableLsn;
}

function commandOf(state: ReplicaState, leader: Leader, { request }: Waiter): Command {
  if (request.kind !== 'operation') {
    return { kind: 'open-session', nonce: `${leader.ballot.round}.${leader.ballot.node}.${state.nextId++}` };
  }
  const { op, session } = request;
  return session === undefined ? { kind: 'operation', op } : { kind: 'operation', op, session };
}

function resendMs(state: ReplicaState): number {
  return RESEND_HEARTBEATS * state.config.heartbeatMs;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
