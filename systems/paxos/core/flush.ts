/** The end of a batch of events: what was collected for it goes out together. */
import { checkElectionTimer } from './election.js';
import { flushLeader } from './leader.js';
import { flushRequests } from './requests.js';
import { hasBug, type ReplicaState } from './state.js';

/** How many slots the chosen prefix on disk may lag behind; it only saves work at the next start. */
const CHOSEN_RECORD_EVERY = 64;

/** Lets everything go that waits for the end of the batch. */
export function flush(state: ReplicaState): void {
  checkElectionTimer(state);
  flushRequests(state);
  if (state.role.kind === 'leader') flushLeader(state, state.role);
  const { out, log } = state;
  if (out.hasRecords && log.chosenUpTo - state.recordedChosen >= CHOSEN_RECORD_EVERY && !hasBug(state, 'skip-chosen-record')) {
    out.record({ type: 'chosen', upTo: log.chosenUpTo });
    state.recordedChosen = log.chosenUpTo;
  }
  out.emitRecords(state.now);
  if (state.acks.length === 0) return;
  for (const { ballot, slots } of state.acks) out.send(ballot.node, { type: 'accepted', ballot, slots });
  state.acks = [];
}

/** Whether a flush would do anything now. Most events leave nothing for it, and a host may spare itself the turn. */
export function wantsFlush({ acks, out, role, held, readsToAsk, readsToPoll, succeedsItself, now, electionDeadline }: ReplicaState): boolean {
  if (acks.length > 0 || out.hasRecords || held.length > 0 || readsToAsk.length > 0 || readsToPoll.length > 0) return true;
  if (role.kind !== 'leader') return succeedsItself || now >= electionDeadline;
  return role.queue.length > 0 || role.freshReads.length > 0 || role.transfer !== undefined || role.change !== undefined;
}
