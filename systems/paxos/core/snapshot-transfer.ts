/**
 * Bringing a snapshot to a node that asks for slots which are compacted here. The receiver asks for a few parts at a time, so that what is lost is asked for again and nothing piles up
 * before a slow node. Each part has a checksum, the whole a digest that is its name as well; the receiver reads parts as they come, and nothing of them is its state before all are
 * there and durable.
 */
import { checksum } from './checksum.js';
import { onFetch } from './learner.js';
import type { Fetch, FetchSnapshot, SnapshotPart } from './messages.js';
import { digestOf, SnapshotReader, type Snapshot } from './snapshot.js';
import { dedupeMode, hasBug, type ReplicaState } from './state.js';
import type { NodeId, Slot } from './types.js';
import { borrow } from './snapshots.js';

/** Parts sent for one question. */
const WINDOW = 8;

/** A snapshot of which some parts are here. */
export interface Receiving {
  readonly digest: string;
  readonly slot: Slot;
  readonly of: number;
  readonly parts: string[];
  readonly sums: string[];
  readonly reader: SnapshotReader;
}

/** What to ask a node next, to get on. A snapshot that was begun is asked for whoever is asked: nodes often hold the same, and one that does not says what it has instead. */
export function nextQuestion(state: ReplicaState): Fetch | FetchSnapshot {
  const { receiving } = state;
  const from = state.log.chosenUpTo + 1;
  if (receiving !== undefined && receiving.slot > state.applied) return { type: 'fetch-snapshot', digest: receiving.digest, part: receiving.parts.length, from };
  return { type: 'fetch', from };
}

/** Sends parts of a snapshot from one on. */
export function sendParts(state: ReplicaState, to: NodeId, { slot, parts, digest }: Snapshot, from: number): void {
  for (let part = from; part < Math.min(parts.length, from + WINDOW); part++) {
    const data = parts[part] as string;
    state.counters.snapshotPartsSent++;
    state.out.send(to, { type: 'snapshot-part', digest, slot, part, of: parts.length, data, sum: checksum(data) });
  }
}

/** Goes on with the snapshot that is asked for; without it, answers as if it were asked for what the other lacks. */
export function onFetchSnapshot(state: ReplicaState, to: NodeId, { digest, part, from }: FetchSnapshot): void {
  const { snapshot } = state;
  if (snapshot?.digest === digest) return sendParts(state, to, snapshot, part);
  const lent = borrow(state, digest);
  if (lent !== undefined) sendParts(state, to, lent, part);
  else onFetch(state, to, { type: 'fetch', from });
}

/** Takes the next part of what was asked for. */
export function onSnapshotPart(state: ReplicaState, from: NodeId, message: SnapshotPart): void {
  const careless = hasBug(state, 'install-older-snapshot');
  if (state.received !== undefined || state.saving?.machine !== undefined) return;
  if (message.slot <= state.applied && !careless) {
    if (state.receiving?.digest === message.digest) state.receiving = undefined;
    return;
  }
  const asked = state.fetching?.from === from && state.fetching.vain !== true;
  if (state.receiving?.digest !== message.digest) {
    if (message.part !== 0 || (!asked && !careless)) return;
    const { digest, slot, of } = message;
    state.receiving = { digest, slot, of, parts: [], sums: [], reader: new SnapshotReader(slot, dedupeMode(state.config.bugs)) };
  }
  const { receiving } = state;
  if (message.part !== receiving.parts.length) return;
  if (!take(receiving, message)) {
    state.counters.snapshotPartsBad++;
    return;
  }
  if (asked) state.fetching = { from, sentAt: state.now };
  if (state.role.kind === 'candidate') state.electionDeadline = state.now + state.electionTimeoutMs;
  if (receiving.parts.length === receiving.of) finish(state, receiving);
  else if (receiving.parts.length % WINDOW === 0) state.out.send(from, nextQuestion(state));
}

function take({ parts, sums, reader }: Receiving, { data, sum }: SnapshotPart): boolean {
  if (checksum(data) !== sum) return false;
  reader.take(data);
  parts.push(data);
  sums.push(sum);
  return true;
}

function finish(state: ReplicaState, { slot, parts, sums, digest, reader }: Receiving): void {
  state.receiving = undefined;
  state.fetching = undefined;
  if (digestOf(slot, sums) !== digest) {
    state.counters.snapshotPartsBad++;
    return;
  }
  const machine = reader.finish();
  if (slot <= state.applied) state.machine = machine;
  else state.received = { snapshot: { slot, parts, digest }, machine };
}
