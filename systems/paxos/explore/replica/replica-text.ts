import type { ReplicaState } from '../../core/index.js';
import { Log } from '../../core/log.js';
import { machineText } from '../../core/machine.js';
import { Outbox } from '../../core/outbox.js';
import { SeenIds } from '../../core/seen-ids.js';

/**
 * What of a replica does not count: what never changes in this model; what only tells (counters); what is drawn at random or counted for time-outs, which never pass while time stands
 * still; numbers of disk writes, all of which are done when a turn ends; and sizes that snapshots go by. Everything else counts, also what may be added to the state later.
 */
const IGNORED: ReadonlySet<string> = new Set<keyof ReplicaState | 'quorumTimeoutMs' | 'lsn' | 'characters' | 'dedupeHits'>([
  'config', 'membership', 'q1', 'q2', 'peers', 'bits',
  'counters', 'dedupeHits',
  'random', 'electionTimeoutMs', 'electionDeadline', 'quorumTimeoutMs', 'failedAttempts', 'lastContact',
  'promisedLsn', 'longestGrantLsn', 'lsn',
  'recordedChosen', 'appliedCharacters', 'characters',
]);

/**
 * A replica as text: replicas with equal texts, at the end of a turn, take every later event alike. Throws Error for what it cannot read, so that nothing is overlooked: a write that is
 * still under way, or an object that is not plain data.
 */
export function replicaText(state: ReplicaState): string {
  const { role, log } = state;
  // Whether a proposal is still what the log holds is decided by identity in the core.
  const replaced = role.kind === 'leader' ? [...role.proposals].filter(([slot, { command }]) => log.get(slot)?.command !== command).map(([slot]) => slot) : [];
  return JSON.stringify([replaced, plain(state)]);
}

function plain(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)].map(plain);
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)].map(plain);
  if (value instanceof Log) return [value.first, value.chosenUpTo, plain(value.acceptedFrom(value.first))];
  if (value instanceof Outbox) return settled(value);
  // What a leader was asked for by others is told by the events that the node has had: see Locals.
  if (value instanceof SeenIds) return 'seen';
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`the state of a replica holds a ${value.constructor.name}, which the explorer cannot read`);
  if ('cells' in value && 'sessions' in value) return machineText(value as ReplicaState['machine']);
  return Object.entries(value).filter(([name]) => !IGNORED.has(name)).map(([name, part]) => [name, plain(part)]);
}

function settled(out: Outbox): null {
  if (out.hasRecords || out.durableLsn !== out.newestLsn) throw new Error('a turn has ended with a write under way');
  return null;
}
