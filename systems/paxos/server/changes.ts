import type { ReplicaStatus } from '../core/index.js';

/** A line of the log: what happened, and its details. */
export interface Change {
  readonly message: 'role' | 'hands over' | 'members' | 'snapshot installed';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What an operator should know of from one status of a node to a later one; without an earlier one, where it stands. */
export function changesBetween(before: ReplicaStatus | undefined, now: ReplicaStatus): readonly Change[] {
  return [...installed(before, now), ...members(before, now), ...handsOver(before, now), ...role(before, now)];
}

/** It lagged behind, and was given the state of another: what it did without was not on this node's disk at any time. */
function installed(before: ReplicaStatus | undefined, { counters, snapshot, applied }: ReplicaStatus): readonly Change[] {
  if (before === undefined || counters.snapshotsInstalled === before.counters.snapshotsInstalled) return [];
  return [{ message: 'snapshot installed', fields: { slot: snapshot, appliedBefore: before.applied, applied } }];
}

function members(before: ReplicaStatus | undefined, { membership, member }: ReplicaStatus): readonly Change[] {
  if (before?.membership.epoch === membership.epoch && before.member === member) return [];
  const { epoch, voters, q1, q2 } = membership;
  return [{ message: 'members', fields: { epoch, voters: voters.map(({ id }) => id), q1, q2, member } }];
}

/** Its successor has been told to stand for election, and deposes it a moment later. */
function handsOver(before: ReplicaStatus | undefined, { counters, ballot }: ReplicaStatus): readonly Change[] {
  return before !== undefined && counters.transfers > before.counters.transfers ? [{ message: 'hands over', fields: { ballot } }] : [];
}

function role(before: ReplicaStatus | undefined, now: ReplicaStatus): readonly Change[] {
  const { role: kind, ballot, leader, established, commit } = now;
  if (before?.role === kind && before.ballot === ballot && before.leader === leader && before.established === established) return [];
  return [{ message: 'role', fields: { role: kind, ballot, leader: leader ?? null, established, commit, ...(before?.role === 'leader' && kind !== 'leader' ? { why: whyDeposed(before, now) } : {}) } }];
}

/** Why a leader leads no more, as far as its counters tell. What comes first explains what comes after. */
function whyDeposed(before: ReplicaStatus, now: ReplicaStatus): string {
  if (now.membership.epoch > before.membership.epoch) return now.member ? 'its epoch has ended' : 'it is no member any more';
  if (now.counters.preemptions > before.counters.preemptions) return 'another has a higher ballot';
  return 'it heard too few of the others, or its disk was too slow';
}
