import { describe, expect, it } from 'vitest';
import { createReplica, status } from '../core/index.js';
import { metricsText } from './metrics.js';

const LINE = /^paxos_[a-z_]+\{cluster="(?:[^"\\]|\\.)*",node="\d+"\} -?\d+(?:\.\d+)?$/;

function metricsOf(cluster: string): readonly string[] {
  const config = { self: 1, nodes: [1], q1: 1, q2: 1, heartbeatMs: 50, electionTimeoutMs: 500, requestTimeoutMs: 1000, leaseMs: 500, clockErrorRate: 0.01, stableLeader: true, snapshotEvery: 0, reads: 'log', maxInFlight: 1, maxPipeline: 1, seed: 1, bugs: new Set<string>() } as const;
  const now = status(createReplica(config, { records: [] }, 0));
  return metricsText(now, { ...now.counters, walWrites: 7 }, { cluster, incarnation: 3, longestStopMs: 12 }).trimEnd().split('\n');
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

  it('survive any name of a cluster', () => {
    for (const line of metricsOf('a "b" \\ c\nd').filter((text) => !text.startsWith('#'))) expect(line).toMatch(LINE);
  });
});
