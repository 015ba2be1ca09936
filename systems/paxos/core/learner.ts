/** Learning what is chosen, applying it in slot order, and catching up on chosen values from other nodes. */
import { compareBallots, sameBallot } from './ballot.js';
import { enterEpoch, goBy } from './epochs.js';
import { jsonEqual } from './json.js';
import { BATCH_LIMIT, batchLength } from './log.js';
import { applyCommand } from './machine.js';
import type { AcceptedValue, Fetch, Learn } from './messages.js';
import { serveAppliedReads } from './reads.js';
import { scheduleRetry, yieldTo } from './roles.js';
import { nextQuestion, sendParts } from './snapshot-transfer.js';
import { considerSnapshot } from './snapshots.js';
import { ensure, hasBug, replyName, type Leader, type ReplicaState } from './state.js';
import type { Ballot, Command, Json, NodeId, Reply, Slot } from './types.js';
import { loseSight, settle } from './waiters.js';

/** A question for chosen values is repeated after this many heartbeat intervals. */
const FETCH_RETRY_HEARTBEATS = 2;

/**
 * Takes over the commit index of the leader of `ballot`: a slot is chosen with what this node holds only if that was
 * accepted in the same ballot; anything else has to be fetched.
 */
export function learnCommit(state: ReplicaState, ballot: Ballot, commit: Slot): void {
  const { log } = state;
  const before = log.chosenUpTo;
  while (log.chosenUpTo < commit) {
    const entry = log.get(log.chosenUpTo + 1);
    const isChosen = entry !== undefined && (sameBallot(entry.ballot, ballot) || hasBug(state, 'commit-index-blind'));
    if (!isChosen && !hasBug(state, 'skip-gaps')) break;
    if (!isChosen) storeAccepted(state, ballot, log.chosenUpTo + 1, { kind: 'noop' });
    log.chosenUpTo++;
  }
  if (log.chosenUpTo > before) applyChosen(state);
  if (log.chosenUpTo < commit) catchUp(state, ballot.node, commit);
}

/** Executes what is chosen and not yet applied, and answers who waits for it. */
export function applyChosen(state: ReplicaState): void {
  const { log } = state;
  while (state.applied < log.chosenUpTo) {
    const slot = state.applied + 1;
    const entry = log.get(slot);
    if (entry === undefined) throw new Error(`node ${state.config.self}: slot ${slot} is chosen but not known`);
    const early = hasBug(state, 'snapshot-off-by-one');
    if (early) {
      state.applied = slot;
      considerSnapshot(state);
    }
    const reply = applyCommand(state.machine, slot, entry.command);
    state.applied = slot;
    state.appliedCharacters += entry.characters;
    state.counters.applied++;
    if (!early) considerSnapshot(state);
    const { role } = state;
    if (role.kind === 'leader') answerProposal(state, role, slot, entry.command, reply);
    if (entry.command.kind === 'reconfigure') enterEpoch(state);
  }
  serveAppliedReads(state);
}

/** Answers who proposed what is applied now. */
function answerProposal(state: ReplicaState, leader: Leader, slot: Slot, command: Command, reply: Reply): void {
  if (command.kind === 'operation' && command.session !== undefined && hasBug(state, 'dedupe-leader-memory')) leader.replies.set(replyName(command.session), reply);
  const proposal = leader.proposals.get(slot);
  if (proposal === undefined) return;
  leader.proposals.delete(slot);
  // An end of the epoch that was none: somebody else had changed the members before.
  if (leader.stopAt === slot && !reply.ok) leader.stopAt = undefined;
  if (proposal.waiter === undefined) return;
  // Without a stable leader it is this that ends a duel.
  state.failedAttempts = 0;
  if (command === proposal.command) settle(state, proposal.waiter, reply.ok ? { ok: true, value: reply.value, at: slot } : reply);
  else loseSight(state, proposal.waiter, 'another command was chosen in the slot');
}

/** Asks a node for the chosen values that are missing here, or for its snapshot, one question at a time. */
export function catchUp(state: ReplicaState, node: NodeId, upTo: Slot): void {
  state.catchUpTo = Math.max(state.catchUpTo, upTo);
  const { fetching } = state;
  // A snapshot is here, and about to be the state.
  if (state.received !== undefined || state.saving?.machine !== undefined) return;
  const patience = FETCH_RETRY_HEARTBEATS * state.config.heartbeatMs;
  if (fetching !== undefined && state.now - fetching.sentAt < patience && (fetching.vain !== true || fetching.from === node)) return;
  state.fetching = { from: node, sentAt: state.now };
  state.out.send(node, nextQuestion(state));
}

/** Answers with chosen values, as many as fit; or with the snapshot, if the log begins later. */
export function onFetch(state: ReplicaState, from: NodeId, message: Fetch): void {
  const { log, snapshot } = state;
  if (message.from < log.first && snapshot !== undefined) return sendParts(state, from, snapshot, 0);
  const values: AcceptedValue[] = [];
  const limit = Math.min(log.chosenUpTo, message.from + BATCH_LIMIT.commands - 1);
  for (let slot = Math.max(message.from, log.first); slot <= limit; slot++) {
    const entry = log.get(slot);
    if (entry === undefined) break;
    values.push({ ballot: entry.ballot, command: entry.command });
  }
  const fitting = values.length === 0 ? 0 : batchLength(values.map((value) => value.command), 0);
  state.out.send(from, { type: 'learn', from: message.from, values: values.slice(0, fitting), chosenUpTo: log.chosenUpTo });
}

/** Takes over chosen values that extend the known prefix, and asks for more if there are. */
export function onLearn(state: ReplicaState, from: NodeId, message: Learn): void {
  const { log } = state;
  const before = log.chosenUpTo;
  let preempted = false;
  message.values.forEach((value, i) => {
    const slot = message.from + i;
    if (slot !== log.chosenUpTo + 1) return;
    preempted = yieldTo(state, value.ballot) || preempted;
    adopt(state, slot, value);
    log.chosenUpTo = slot;
    state.counters.learned++;
    // That an epoch has ended is on its way to the disk before anything of the next.
    if (value.command.kind === 'reconfigure') applyChosen(state);
  });
  if (preempted) scheduleRetry(state);
  if (log.chosenUpTo > before) {
    applyChosen(state);
    if (state.role.kind === 'candidate') state.electionDeadline = state.now + state.electionTimeoutMs;
  }
  const { fetching } = state;
  if (fetching?.from !== from) return;
  if (log.chosenUpTo === before) {
    // A candidate would ask at once again, at every copy of the answer: where the network makes copies, without end.
    state.fetching = { from, sentAt: fetching.sentAt, vain: true };
    state.catchUpTo = log.chosenUpTo;
    return;
  }
  state.fetching = undefined;
  if (log.chosenUpTo < Math.max(state.catchUpTo, message.chosenUpTo)) catchUp(state, from, message.chosenUpTo);
}

/**
 * Stores a chosen value. What is held already in the same or a higher ballot stays: an entry's ballot never sinks, and
 * the value is the same, since the learned ballot is not lower than the one in which the value was first chosen.
 */
function adopt(state: ReplicaState, slot: Slot, value: AcceptedValue): void {
  const held = state.log.get(slot);
  if (held !== undefined && compareBallots(held.ballot, value.ballot) >= 0) {
    ensure(state, sameCommand(held.command, value.command), `slot ${slot} was chosen with two values`);
    return;
  }
  storeAccepted(state, value.ballot, slot, value.command);
}

/** Puts a value into the log and on its way to the disk; its ballot is promised with it. Gives the lsn of the write. */
export function storeAccepted(state: ReplicaState, ballot: Ballot, slot: Slot, command: Command): number {
  const lsn = state.out.record({ type: 'accepted', slot, ballot, command });
  state.log.set(slot, ballot, command, lsn);
  if (command.kind === 'reconfigure' && hasBug(state, 'config-on-propose') && command.membership.epoch > state.membership.epoch) goBy(state, command.membership);
  if (compareBallots(ballot, state.promised) > 0 && !hasBug(state, 'accept-no-promise-bump')) {
    state.promised = ballot;
    state.promisedLsn = lsn;
  }
  return lsn;
}

/** Whether two commands are the same, member by member. */
export function sameCommand(a: Command, b: Command): boolean {
  return a === b || jsonEqual(a as unknown as Json, b as unknown as Json);
}
