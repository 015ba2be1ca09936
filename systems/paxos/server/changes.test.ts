import { describe, expect, it } from 'vitest';
import { createReplica, status, type ReplicaStatus } from '../core/index.js';
import { changesBetween } from './changes.js';

const config = { self: 1, nodes: [1, 2, 3], q1: 2, q2: 2, heartbeatMs: 50, electionTimeoutMs: 500, requestTimeoutMs: 1000, leaseMs: 500, clockErrorRate: 0.01, stableLeader: true, snapshotEvery: 0, reads: 'log', maxInFlight: 1, maxPipeline: 1, seed: 1, bugs: new Set<string>() } as const;
const start = status(createReplica(config, { records: [] }, 0));
const later = (from: ReplicaStatus, { counters, ...more }: Partial<Omit<ReplicaStatus, 'counters'>> & { readonly counters?: Partial<ReplicaStatus['counters']> }): ReplicaStatus => ({ ...from, ...more, counters: { ...from.counters, ...counters } });
const epoch1 = { ...start.membership, epoch: 1, voters: [1, 2, 4].map((id) => ({ id, at: '' })) };

describe('what an operator is told', () => {
  it('is where a node stands at first, and nothing as long as nothing happens', () => {
    expect(changesBetween(undefined, start).map(({ message }) => message)).toEqual(['members', 'role']);
    expect(changesBetween(start, later(start, { commit: 9, applied: 9, counters: { applied: 9 } }))).toEqual([]);
  });

  it('is that a snapshot was installed, not taken', () => {
    expect(changesBetween(start, later(start, { snapshot: 40, applied: 40, counters: { snapshotsTaken: 1 } }))).toEqual([]);
    const news = later(start, { snapshot: 40, applied: 44, counters: { snapshotsInstalled: 1 } });
    expect(changesBetween(start, news)).toEqual([{ message: 'snapshot installed', fields: { slot: 40, appliedBefore: 0, applied: 44 } }]);
  });

  it('is an epoch and its members, and that a node is none of them', () => {
    expect(changesBetween(start, later(start, { membership: epoch1, member: false }))).toEqual([{ message: 'members', fields: { epoch: 1, voters: [1, 2, 4], q1: 2, q2: 2, member: false } }]);
  });

  it('is why a leader leads no more', () => {
    const leader = later(start, { role: 'leader', ballot: '1.1', leader: 1, established: true });
    const why = (more: Parameters<typeof later>[1]): unknown => changesBetween(leader, later(leader, { role: 'follower', established: false, ...more })).find(({ message }) => message === 'role')?.fields['why'];
    expect(why({ ballot: '2.2', leader: 2, counters: { preemptions: 1 } })).toBe('another has a higher ballot');
    expect(why({ membership: epoch1 })).toBe('its epoch has ended');
    expect(why({ membership: epoch1, member: false })).toBe('it is no member any more');
    expect(why({})).toMatch(/too few/);
    expect(changesBetween(leader, later(leader, { counters: { transfers: 1 } }))).toEqual([{ message: 'hands over', fields: { ballot: '1.1' } }]);
    expect(changesBetween(start, leader).map(({ fields }) => fields['why'])).toEqual([undefined]);
  });
});
