import { patienceOf } from './quorum-reads.js';
import type { ReplicaState } from './state.js';

/** The core is told the time so often at least, as a part of the election timeout: long before that it would take itself to have stood still. */
const LEAST_PART = 0.25;

/**
 * Until when a tick would do nothing unless something else happens before: a host need not tell the time earlier. Not after now where a tick may do something at any time: a leader, a candidate,
 * and whoever has to catch up or to save a snapshot; and with bugs, which are not to depend on it.
 */
export function idleUntil(state: ReplicaState): number {
  const { now, config, role, held, readsToApply, waiters, polled, lent } = state;
  if (role.kind !== 'follower' || held.length > 0 || config.bugs.size > 0 || !config.stableLeader || state.succeedsItself) return now;
  if (state.catchUpTo > state.log.chosenUpTo || state.received !== undefined || state.saving?.given === false || state.out.hasEffects) return now;
  let until = Math.min(state.electionDeadline, now + config.electionTimeoutMs * LEAST_PART);
  // The oldest of each is the first that is due.
  if (waiters.size > 0) until = Math.min(until, waiters.values().next().value?.deadline ?? until);
  if (polled.size > 0) until = Math.min(until, patienceOf(state, polled.values().next().value?.since ?? now));
  for (const { patience } of readsToApply) if (patience !== undefined) until = Math.min(until, patience);
  for (const snapshot of lent) until = Math.min(until, snapshot.until);
  return until;
}
