/**
 * The replica as a pure state machine: `createReplica` from what the disk holds, then `step` for every event. Nothing
 * in here reads a clock, draws from a shared source of randomness or touches a socket or a disk.
 */
import { onAccept, onHeartbeat, onPrepare } from './acceptor.js';
import { compareBallots } from './ballot.js';
import { configProblem } from './config.js';
import { checkElectionTimer, finishPhaseOne, onNack, onPreVote, onPreVoteReply, onPromise, tickCandidate } from './election.js';
import { flush } from './flush.js';
import { onAccepted, onHeartbeatAck, tickLeader } from './leader.js';
import { applyChosen, catchUp, onFetch, onLearn } from './learner.js';
import { checksum } from './checksum.js';
import { digestOf, machineOf } from './snapshot.js';
import { onFetchSnapshot, onSnapshotPart } from './snapshot-transfer.js';
import { advanceSnapshots, onSnapshotSaved } from './snapshots.js';
import type { Message } from './messages.js';
import { onQuorumRead, onQuorumReadReply, tickQuorumReads } from './quorum-reads.js';
import { onReadIndex, onReadIndexReply } from './reads.js';
import { onForward, onForwardReply, onRequest } from './requests.js';
import { restartElectionTimer } from './roles.js';
import { onHandOver } from './transfer.js';
import { dedupeMode, emptyState, ensure, hasBug, setMembers, zeroCounters, type ReplicaState } from './state.js';
import type { CoreConfig, Effect, Event, NodeId, Recovered, WalRecord } from './types.js';
import { expireWaiters } from './waiters.js';

/**
 * A replica as it is after a start: all it knows is the snapshot and the records of its disk. Throws RangeError for a configuration that cannot work (see configProblem), Error for
 * records that contradict each other, or a snapshot that is none.
 */
export function createReplica(config: CoreConfig, { snapshot, records }: Recovered, now: number): ReplicaState {
  const problem = configProblem(config);
  if (problem !== undefined) throw new RangeError(problem);
  const state = emptyState(config, now);
  if (snapshot !== undefined) startFrom(state, snapshot);
  for (const record of records) replay(state, record);
  if (state.longestGrantMs > 0) state.silentUntil = now + state.longestGrantMs;
  state.highestRound = hasBug(state, 'ballot-reuse-after-restart') ? 0 : state.promised.round;
  state.promisedBefore = state.promised;
  applyChosen(state);
  // What is applied again at a start has happened in an earlier life.
  Object.assign(state.counters, zeroCounters());
  state.recordedChosen = state.log.chosenUpTo;
  state.out.reach(state.membership.voters.filter(({ at }) => at !== ''));
  restartElectionTimer(state);
  return state;
}

function startFrom(state: ReplicaState, { slot, parts }: NonNullable<Recovered['snapshot']>): void {
  state.machine = machineOf({ slot, parts }, dedupeMode(state.config.bugs));
  state.snapshot = { slot, parts, digest: digestOf(slot, parts.map(checksum)) };
  state.applied = slot;
  state.log.chosenUpTo = slot;
  state.log.compact(slot);
  setMembers(state, state.machine.members ?? state.membership);
}

function replay(state: ReplicaState, record: WalRecord): void {
  if (record.type === 'lease') {
    state.longestGrantMs = Math.max(state.longestGrantMs, record.longestMs);
    return;
  }
  const remembered = record.type === 'accepted' || (record.type === 'promised' && !hasBug(state, 'forget-promise'));
  if (remembered && compareBallots(record.ballot, state.promised) > 0) state.promised = record.ballot;
  if (record.type === 'promised' || hasBug(state, 'forget-accepted')) return;
  if (record.type === 'chosen') state.log.chosenUpTo = Math.max(state.log.chosenUpTo, record.upTo);
  else if (record.slot >= state.log.first) state.log.set(record.slot, record.ballot, record.command, 0);
}

/** Takes in one event and gives what is to be done, in order. Changes the state in place. */
export function step(state: ReplicaState, event: Event): readonly Effect[] {
  noticeStandstill(state, event.now);
  state.now = Math.max(state.now, event.now);
  switch (event.kind) {
    case 'tick':
      tick(state);
      flush(state);
      break;
    case 'flush':
      flush(state);
      break;
    case 'message':
      onMessage(state, event.from, event.message);
      if (hasBug(state, 'no-backoff')) checkElectionTimer(state);
      break;
    case 'request':
      onRequest(state, event.requestId, event.request);
      break;
    case 'persisted':
      state.out.persisted(event.upTo);
      break;
    case 'snapshot-saved':
      onSnapshotSaved(state, event.slot);
      break;
  }
  ensure(state, state.applied === state.log.chosenUpTo, 'what is chosen must be applied at once');
  return state.out.take();
}

/**
 * A process that was stopped finds its timers expired although the others' messages wait to be read. It gives them a
 * moment before it draws conclusions from silence.
 */
function noticeStandstill(state: ReplicaState, now: number): void {
  const { electionTimeoutMs, heartbeatMs } = state.config;
  if (now - state.now <= electionTimeoutMs / 2) return;
  const grace = now + 2 * heartbeatMs;
  state.electionDeadline = Math.max(state.electionDeadline, grace);
  if (state.role.kind === 'leader') state.role.graceUntil = grace;
}

function tick(state: ReplicaState): void {
  expireWaiters(state);
  tickQuorumReads(state);
  dropSettledAsks(state);
  advanceSnapshots(state);
  if (state.role.kind === 'leader') tickLeader(state, state.role);
  else if (state.role.kind === 'candidate') tickCandidate(state, state.role);
  const source = state.leader ?? informant(state) ?? another(state, state.fetching?.from);
  if (state.catchUpTo > state.log.chosenUpTo && source !== undefined && source !== state.config.self) {
    catchUp(state, source, state.catchUpTo);
  }
}

/** One that speaks from a later epoch, and was heard lately: a new node may know no other that is still there. */
function informant({ informant, now, config }: ReplicaState): NodeId | undefined {
  return informant !== undefined && now - informant.heardAt < config.electionTimeoutMs ? informant.node : undefined;
}

/** Without a leader to ask, one voter after the other. */
function another({ peers }: ReplicaState, asked: NodeId | undefined): NodeId | undefined {
  return asked === undefined ? undefined : (peers[(peers.indexOf(asked) + 1) % peers.length] ?? asked);
}

/** Forgets questions, and reads that wait for a slot, whose waiters are all answered otherwise, so that lost answers leave nothing behind. */
function dropSettledAsks(state: ReplicaState): void {
  for (const [id, { waiter }] of state.forwarded) {
    if (!waiter.settled) break;
    state.forwarded.delete(id);
  }
  for (const [id, { waiters }] of state.asked) {
    if (waiters.some((waiter) => !waiter.settled)) break;
    state.asked.delete(id);
  }
  if (state.readsToApply.length > 0) state.readsToApply = state.readsToApply.filter(({ waiters }) => waiters.some((waiter) => !waiter.settled));
}

function onMessage(state: ReplicaState, from: NodeId, message: Message): void {
  if (from === state.config.self) return;
  switch (message.type) {
    case 'pre-vote':
      return onPreVote(state, from, message);
    case 'pre-vote-reply':
      return onPreVoteReply(state, from, message);
    case 'prepare':
      return onPrepare(state, from, message);
    case 'promise':
      return onPromise(state, from, message);
    case 'nack':
      return onNack(state, from, message);
    case 'accept':
      return onAccept(state, from, message);
    case 'accepted':
      return onAccepted(state, from, message);
    case 'heartbeat':
      return onHeartbeat(state, from, message);
    case 'heartbeat-ack':
      return onHeartbeatAck(state, from, message);
    case 'fetch':
      return onFetch(state, from, message);
    case 'learn':
      onLearn(state, from, message);
      return finishPhaseOne(state);
    case 'snapshot-part':
      return onSnapshotPart(state, from, message);
    case 'fetch-snapshot':
      return onFetchSnapshot(state, from, message);
    case 'forward':
      return onForward(state, from, message);
    case 'forward-reply':
      return onForwardReply(state, message);
    case 'read-index':
      return onReadIndex(state, from, message);
    case 'read-index-reply':
      return onReadIndexReply(state, message);
    case 'quorum-read':
      return onQuorumRead(state, from, message);
    case 'quorum-read-reply':
      return onQuorumReadReply(state, from, message);
    case 'hand-over':
      return onHandOver(state, message);
  }
}
