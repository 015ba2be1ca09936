import { describe, expect, it } from 'vitest';
import { createReplica, status, type ReplicaStatus } from '../core/index.js';
import { metricsText } from './metrics.js';

const LINE = /^paxos_[a-z_]+\{cluster="(?:[^"\\]|\\.)*",node="\d+"\} -?\d+(?:\.\d+)?$/;

function metricsOf(cluster: string, changes: Partial<ReplicaStatus> = {}): readonly string[] {
  const config = { self: 1, nodes: [1], q1: 1, q2: 1, heartbeatMs: 50, electionTimeoutMs: 500, requestTimeoutMs: 1000, leaseMs: 500, clockErrorRate: 0.01, stableLeader: true, snapshotEvery: 0, reads: 'log', maxInFlight: 1, maxPipeline: 1, seed: 1, bugs: new Set<string>() } as const;
  const now = status(createReplica(config, { records: [] }, 0));
  return metricsText({ ...now, ...changes }, { ...now.counters, walWrites: 7 }, { cluster, incarnation: 3, longestStopMs: 12 }).trimEnd().split('\n');
}

describe('metrics', () => {
  it('are gauges and counters, each with its help and type before it', () => {
    const lines = metricsOf('c');
    expect(lines).toContain('paxos_incarnation{cluster="c",node="1"} 3');
    expect(lines).toContain('# TYPE paxos_wal_writes_total counter');
    expect(lines).toContain('paxos_wal_writes_total{cluster="c",node="1"} 7');
    for (const [i, line] of lines.entries()) {
      if (i % 3 === 0) expect(line).toMatch(/^# HELP paxos_[a-z_]+ \S/);
      else if (i % 3 === 1) expect(line).toMatch(/^# TYPE paxos_[a-z_]+ (?:gauge|counter)$/);
      else expect(line).toMatch(LINE);
    }
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('tell the rounds of ballots of later epochs, the members, and the lease that is granted', () => {
    const voters = [2, 3, 4].map((id) => ({ id, at: '' }));
    const lines = metricsOf('c', { ballot: '1:3.2', promised: '12:34.5', member: false, membership: { epoch: 1, voters, q1: 2, q2: 2, highestId: 4 }, grant: { to: 2, forMs: 250 } });
    const values = Object.fromEntries(lines.flatMap((line) => {
      const [, name, value] = /^paxos_([a-z_]+)\{.*\} (.+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value] as const];
    }));
    expect(values).toMatchObject({ ballot_round: '3', promised_round: '34', epoch: '1', members: '3', member: '0', grant_seconds: '0.25' });
    expect(metricsOf('c').filter((line) => /paxos_(epoch|members|member|grant_seconds|ballot_round|promised_round)\{/.test(line)).map((line) => line.split(' ')[1])).toEqual(['1', '1', '0', '0', '0', '0']);
    for (const line of lines.filter((text) => !text.startsWith('#'))) expect(line).toMatch(LINE);
  });

  it('survive any name of a cluster', () => {
    for (const line of metricsOf('a "b" \\ c\nd').filter((text) => !text.startsWith('#'))) expect(line).toMatch(LINE);
  });
});
