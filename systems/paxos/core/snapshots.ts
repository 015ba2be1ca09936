/**
 * Taking snapshots, saving them, and shortening the log by what they hold (paxos.md 1.6). A snapshot is begun with a checkpoint: a new piece of the log on disk, which restates what of
 * the old is still needed. When the snapshot is durable, and not before, the host may remove what lies before the checkpoint; of the log in memory, what lies before the snapshot
 * before that one, so that a node that lags a little can do with the log.
 */
import { NO_BALLOT, sameBallot } from './ballot.js';
import { checksum } from './checksum.js';
import { enterEpoch } from './epochs.js';
import { finishPhaseOne } from './election.js';
import type { Machine } from './machine.js';
import { serveAppliedReads } from './reads.js';
import { digestOf, takeParts, type Snapshot } from './snapshot.js';
import { ensure, hasBug, type ReplicaState } from './state.js';
import type { Slot, WalRecord } from './types.js';

/** A snapshot is begun as well when the commands since the last have so many characters. */
const LOG_CHARACTERS = 32 * 1024 * 1024;
/** How much is given to the host in one tick, in characters and in parts: a node must not stand still for a snapshot. */
const CHARACTERS_A_TICK = 100_000;
const PARTS_A_TICK = 4;
/** A snapshot that has been replaced is kept for a node that is reading it, until it has not asked for so many election timeouts. */
const LEND_TIMEOUTS = 5;
/** So many are kept at most: each is as large as the state. */
const MAX_LENT = 3;

/** A snapshot that is not the newest any more. */
export interface Lent {
  readonly snapshot: Snapshot;
  /** Whether somebody has asked for it since it is not the newest. */
  readonly read: boolean;
  readonly until: number;
}

/** A snapshot on its way to the disk. */
export interface Saving {
  readonly slot: Slot;
  readonly source: Iterator<string>;
  readonly parts: string[];
  readonly sums: string[];
  /** Of another node's: what is to become this node's state when it is durable. */
  readonly machine: Machine | undefined;
  /** Whether the host has all parts. */
  given: boolean;
}

/** Begins a snapshot if enough has been applied since the last. */
export function considerSnapshot(state: ReplicaState): void {
  const { snapshotEvery } = state.config;
  if (snapshotEvery === 0 || state.saving !== undefined || state.received !== undefined) return;
  const slots = state.applied - (state.snapshot?.slot ?? 0);
  if (slots < snapshotEvery && state.appliedCharacters < LOG_CHARACTERS) return;
  state.counters.snapshotsTaken++;
  begin(state, state.applied, takeParts(state.machine, state.applied, !hasBug(state, 'dedupe-not-in-snapshot')), undefined);
}

/** Gives the host more of the snapshot that is being saved; begins with one that was received when there is none. */
export function advanceSnapshots(state: ReplicaState): void {
  const { received } = state;
  if (received !== undefined && state.saving === undefined) {
    state.received = undefined;
    if (received.snapshot.slot > state.applied) begin(state, received.snapshot.slot, received.snapshot.parts.values(), received.machine);
  }
  if (state.saving !== undefined) give(state, state.saving);
  if (state.lent.length > 0) state.lent = state.lent.filter(({ until }) => state.now < until);
}

/** The snapshot is durable: it replaces the one before, and another node's becomes the state. */
export function onSnapshotSaved(state: ReplicaState, slot: Slot): void {
  const { saving, snapshot: previous } = state;
  if (saving?.slot !== slot || !saving.given) throw new Error(`node ${state.config.self}: a snapshot of slot ${slot} was saved that it did not ask for`);
  state.saving = undefined;
  state.snapshot = { slot, parts: saving.parts, digest: digestOf(slot, saving.sums) };
  // Of older ones, those that somebody is reading.
  if (previous !== undefined) state.lent = [lending(state, previous, false), ...state.lent.filter(({ read }) => read)].slice(0, MAX_LENT);
  if (saving.machine !== undefined) install(state, slot, saving.machine);
  state.counters.slotsCompacted += state.log.compact(Math.min(previous?.slot ?? 0, state.log.chosenUpTo));
}

/** The snapshot of this digest, if it is kept; it is kept on for whoever asks. */
export function borrow(state: ReplicaState, digest: string): Snapshot | undefined {
  const at = state.lent.findIndex(({ snapshot }) => snapshot.digest === digest);
  const found = state.lent[at]?.snapshot;
  if (found !== undefined) state.lent = state.lent.with(at, lending(state, found, true));
  return found;
}

function lending(state: ReplicaState, snapshot: Snapshot, read: boolean): Lent {
  return { snapshot, read, until: state.now + LEND_TIMEOUTS * state.config.electionTimeoutMs };
}

function begin(state: ReplicaState, slot: Slot, source: Iterator<string>, machine: Machine | undefined): void {
  state.out.checkpoint(stillNeeded(state, slot), state.now);
  state.saving = { slot, source, parts: [], sums: [], machine, given: false };
  state.appliedCharacters = 0;
}

/** What of the log on disk a start from a snapshot of the slot needs: the promise, the longest lease, and what is accepted in later slots. */
function stillNeeded(state: ReplicaState, slot: Slot): WalRecord[] {
  const accepted = state.log.acceptedFrom(slot + 1);
  return [
    ...(sameBallot(state.promised, NO_BALLOT) ? [] : [{ type: 'promised', ballot: state.promised } as const]),
    ...(state.longestGrantMs > 0 ? [{ type: 'lease', longestMs: state.longestGrantMs } as const] : []),
    ...accepted.map((entry) => ({ type: 'accepted', ...entry }) as const),
  ];
}

function give(state: ReplicaState, saving: Saving): void {
  if (saving.given) return;
  const parts: string[] = [];
  let characters = 0;
  while (parts.length < PARTS_A_TICK && characters < CHARACTERS_A_TICK && !saving.given) {
    const next = saving.source.next();
    if (next.done === true) saving.given = true;
    else parts.push(next.value);
    characters += parts.at(-1)?.length ?? 0;
  }
  saving.parts.push(...parts);
  saving.sums.push(...parts.map(checksum));
  state.out.saveSnapshot(saving.slot, parts, saving.given);
}

/**
 * Another node's snapshot becomes the state, as a whole; nothing of the old state is merged into it. What is accepted in later slots stays, and so does the promise. A leader
 * goes on with its own log: it is about to have all that the snapshot holds.
 */
function install(state: ReplicaState, slot: Slot, machine: Machine): void {
  const { log } = state;
  if (slot <= state.applied || state.role.kind === 'leader') return;
  ensure(state, slot > log.chosenUpTo, 'what is chosen must be applied');
  machine.dedupeHits = state.machine.dedupeHits;
  state.machine = machine;
  state.applied = slot;
  log.chosenUpTo = slot;
  state.recordedChosen = slot;
  state.counters.slotsCompacted += log.compact(slot);
  state.counters.snapshotsInstalled++;
  enterEpoch(state);
  if (hasBug(state, 'install-resets-acceptor')) {
    state.promised = NO_BALLOT;
    log.clear();
  }
  if (state.role.kind === 'candidate') state.electionDeadline = state.now + state.electionTimeoutMs;
  serveAppliedReads(state);
  finishPhaseOne(state);
}
