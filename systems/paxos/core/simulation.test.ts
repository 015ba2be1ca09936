import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORE_BUGS } from './bugs.js';
import type { Counters, Request } from './index.js';
import { machineText } from './machine.js';
import { askUntil, runScenario, type FaultKind, type ScenarioOptions, type ScenarioResult } from './testing/scenario.js';
import { SimCluster } from './testing/sim-cluster.js';

const ALL_FAULTS: readonly FaultKind[] = ['partition', 'one-way', 'slow', 'crash', 'pause', 'transfer'];

/** Cluster size and quorums. */
const SHAPES = [
  [3, 2, 2],
  [5, 3, 3],
  [5, 4, 2],
  [5, 2, 4],
  [4, 3, 2],
  [3, 3, 1],
] as const;

const scenarios: fc.Arbitrary<ScenarioOptions> = fc
  .record({
    seed: fc.nat(1_000_000),
    shape: fc.constantFrom(...SHAPES),
    cut: fc.constantFrom('drop', 'stall'),
    rough: fc.boolean(),
    maxPipeline: fc.constantFrom(2, 64),
    leaseMs: fc.constantFrom(0, 150, 500),
    snapshotEvery: fc.constantFrom(0, 10, 40),
  })
  .map(({ seed, shape: [nodes, q1, q2], cut, rough, maxPipeline, leaseMs, snapshotEvery }) => ({
    nodes,
    seed,
    faults: ALL_FAULTS,
    clients: 8,
    durationMs: 1500,
    skewedClocks: true,
    network: rough ? { cut, ordered: false, loss: 0.03, duplication: 0.03, delayMs: [0.2, 8] } : { cut },
    config: { q1, q2, maxPipeline, leaseMs, snapshotEvery },
  }));

describe('simulated clusters', () => {
  it('keep every invariant, look linearizable, converge and live after healing, whatever happens', () => {
    fc.assert(
      fc.property(scenarios, (options) => {
        const { violations, anomalies, live, converged } = runScenario(options);
        expect({ violations, anomalies, live, converged }).toEqual({ violations: [], anomalies: [], live: true, converged: true });
      }),
      { numRuns: 100 },
    );
  });

  it('keep them while members come and go, whatever else happens', () => {
    fc.assert(
      fc.property(scenarios, fc.subarray<FaultKind>([...ALL_FAULTS], { minLength: 1 }), (options, faults) => {
        const { violations, anomalies, live, converged } = runScenario({ ...options, faults: ['members', 'members', ...faults], faultEveryMs: [50, 300] });
        expect({ violations, anomalies, live, converged }).toEqual({ violations: [], anomalies: [], live: true, converged: true });
      }),
      { numRuns: 60 },
    );
  });

  it('change their members in such runs', () => {
    const changes = Array.from({ length: 12 }, (_, i) => i + 1).map((seed) => runScenario({ nodes: 5, seed, faults: ['members', 'members', ...ALL_FAULTS], faultEveryMs: [50, 300], durationMs: 1500 }).changes);
    expect(changes.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(8);
  });

  it('elect the one node that reaches a quorum, where links are cut so that no other does; and one that hears nobody deposes nobody', () => {
    const write = { kind: 'operation', op: { f: 'add', key: 'k', value: 1 } } as const;
    for (const hub of [1, 3, 5]) {
      const cluster = new SimCluster({ nodes: 5, seed: hub });
      cluster.run(1000);
      for (const from of cluster.ids) for (const to of cluster.ids) if (from !== to && from !== hub && to !== hub) cluster.network.cut(from, to);
      expect(cluster.run(cluster.now + 4000, () => cluster.leader() === hub)).toBe(true);
      for (const id of cluster.ids) expect([hub, id, askUntil(cluster, id, write, cluster.now + 3000)?.ok]).toEqual([hub, id, true]);
    }
    const cluster = new SimCluster({ nodes: 5, seed: 7 });
    cluster.run(1500);
    const leader = cluster.leader() ?? 0;
    const deaf = cluster.ids.find((id) => id !== leader) ?? 0;
    const term = cluster.state(leader)?.promised.round;
    for (const from of cluster.ids) if (from !== deaf) cluster.network.cut(from, deaf);
    cluster.run(cluster.now + 5000);
    expect([cluster.leader(), cluster.state(leader)?.promised.round]).toEqual([leader, term]);
    expect(askUntil(cluster, leader, write, cluster.now + 1000)?.ok).toBe(true);
  });

  it('are replaced to the last node, whoever leads: a new node is told the way to those that it was not configured with', () => {
    const cluster = new SimCluster({ nodes: 3, seed: 1 });
    cluster.run(1000);
    for (let i = 0; i < 6; i++) {
      const leader = cluster.leader() ?? 0;
      const added = cluster.addNode();
      const request: Request = { kind: 'reconfigure', add: [{ id: added, at: `place-${added}` }], remove: [leader] };
      expect([i, askUntil(cluster, cluster.members().find((id) => id !== leader) ?? 0, request, cluster.now + 5000)?.ok]).toEqual([i, true]);
      expect(cluster.run(cluster.now + 3000, () => cluster.members().includes(cluster.leader() ?? 0))).toBe(true);
      cluster.retire(leader);
    }
    for (const id of cluster.members()) expect(askUntil(cluster, id, { kind: 'operation', op: { f: 'add', key: 'k', value: 1 } }, cluster.now + 3000)?.ok).toBe(true);
    expect(cluster.members().every((id) => id > 3)).toBe(true);
  });

  it('keep them without a stable leader too, when every proposer stands for itself', () => {
    const results = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => runScenario({ nodes: 5, seed, faults: ALL_FAULTS, durationMs: 2000, healMs: 8000, config: { stableLeader: false } }));
    for (const { violations, anomalies, live } of results) expect({ violations, anomalies, live }).toEqual({ violations: [], anomalies: [], live: true });
    // Leadership changes with every few requests, and is fought for.
    const leaders = results.reduce((sum, result) => sum + result.leaders, 0);
    expect(leaders).toBeGreaterThan(200);
  });

  it('duel without a stable leader: a random pause ends it, and without one next to nothing is chosen', () => {
    const duel = (bugs: readonly string[]): { readonly ok: number; readonly elections: number } => {
      const { operations, cluster } = runScenario({ nodes: 5, seed: 1, bugs, faults: [], durationMs: 2000, config: { stableLeader: false } });
      return { ok: operations.ok, elections: cluster.ids.reduce((sum, id) => sum + (cluster.state(id)?.counters.elections ?? 0), 0) };
    };
    const [paused, headlong] = [duel([]), duel(['no-backoff'])];
    expect(paused.ok).toBeGreaterThan(5 * headlong.ok);
    expect(headlong.elections).toBeGreaterThan(5 * paused.elections);
  });

  it('do the work and meet the faults that the properties are about', () => {
    const results = [1, 2, 3, 4, 5, 6].map((seed) => runScenario({ nodes: 5, seed, faults: ALL_FAULTS, durationMs: 3000, config: { leaseMs: 400 } }));
    const sum = (of: (result: ScenarioResult) => number): number => results.reduce((total, result) => total + of(result), 0);
    const counted = (name: keyof Counters): number =>
      sum(({ cluster }) => cluster.ids.reduce((total, id) => total + (cluster.state(id)?.counters[name] ?? 0), 0));
    expect(sum(({ operations }) => operations.ok)).toBeGreaterThan(2000);
    expect(sum(({ operations }) => operations.info)).toBeGreaterThan(20);
    expect(sum(({ leaders }) => leaders)).toBeGreaterThan(8);
    for (const name of ['stepDowns', 'learned', 'readIndexServed', 'forwarded', 'leaseReads', 'leasesRespected', 'followerReads', 'quorumReads', 'quorumReadsRinsed', 'transfers', 'snapshotsTaken', 'snapshotsInstalled', 'slotsCompacted'] as const) expect([name, counted(name) > 0]).toEqual([name, true]);
    expect(sum(({ cluster }) => cluster.ids.reduce((total, id) => total + (cluster.state(id)?.machine.dedupeHits ?? 0), 0))).toBeGreaterThan(0);
  });

  it('repeat to the letter for a seed', () => {
    const once = (): string => {
      const { cluster, operations } = runScenario({ nodes: 5, seed: 11, faults: ALL_FAULTS, durationMs: 1500 });
      return JSON.stringify([operations, cluster.ids.map((id) => [cluster.disk(id), machineText(cluster.state(id)?.machine ?? fail())])]);
    };
    expect(once()).toBe(once());
  });
});

/** Seeds after which a bug must have shown itself to clients. */
const TRIES = 12;

const ROUGH = { cut: 'stall', ordered: false, loss: 0.03, duplication: 0.05, delayMs: [0.2, 8] } as const;

/** Snapshots every few slots, and nodes that start from them or lag behind them. */
const OFTEN: Partial<ScenarioOptions> = { config: { snapshotEvery: 10 }, faults: ['crash', 'partition'], network: { cut: 'drop' }, faultEveryMs: [50, 300] };

/** Members that come and go, of whom some are cut off. */
const CHANGING: Partial<ScenarioOptions> = { faults: ['members', 'partition', 'crash'], faultEveryMs: [50, 250] };

const SETTINGS: Readonly<Record<string, Partial<ScenarioOptions>>> = {
  'commit-index-blind': { network: ROUGH, config: { snapshotEvery: 10 } },
  'count-acks-not-nodes': { config: { snapshotEvery: 0 } },
  'promise-omits-compacted': OFTEN,
  'dedupe-not-in-snapshot': OFTEN,
  'install-older-snapshot': { network: ROUGH, config: { snapshotEvery: 10 } },
  'config-on-propose': CHANGING,
  'config-no-phase1': CHANGING,
  'removed-node-votes': CHANGING,
  'quorums-do-not-intersect': { faults: ['partition'], faultEveryMs: [100, 500], config: { q1: 4, q2: 2 } },
  'forget-accepted': { faults: ['crash'] },
  'ack-before-fsync': { faults: ['crash'], faultEveryMs: [50, 300], diskMs: [10, 40] },
  // Proposers that duel often choose the same round.
  'ballot-without-node-id': { faults: ['partition', 'slow'], config: { stableLeader: false } },
  'accept-below-promise': { faults: ['partition', 'pause'] },
  'leader-read-unchecked': { faults: ['partition', 'pause'] },
  'no-backoff': { faults: ['partition', 'pause'] },
  'read-before-barrier': { faults: ['crash'], faultEveryMs: [50, 300], reads: ['lease', 'read-index'] },
  'read-index-no-apply-wait': { faults: ['partition', 'slow'], reads: ['lease'] },
  'read-index-old-acks': { faults: ['partition', 'pause'], reads: ['read-index'] },
  'lease-not-honoured': { faults: ['partition', 'pause'], reads: ['lease'], config: { leaseMs: 1000 } },
};

/** Those that need several things to come together in time, or whose symptom these scenarios do not judge: leases.test.ts, membership.test.ts, mutants.test.ts and snapshots.test.ts and requests.test.ts have the interleavings. */
const DIRECTED: ReadonlySet<string> = new Set([
  ...['forget-promise', 'promise-lower-ballot', 'lowest-ballot-wins', 'phase1-from-own-tail', 'no-gap-fill', 'ballot-reuse-after-restart', 'tally-across-ballots', 'accept-no-promise-bump', 'dedupe-wrong-reply', 'apply-before-chosen'],
  'learner-counts',
  // They end with the fault that brings them out.
  ...['never-steps-down', 'faux-leader', 'prepare-disrupts', 'no-pre-vote'],
  ...['lease-forgotten-on-restart', 'lease-from-ack-time', 'lease-no-drift-margin', 'lease-kept-in-transfer', 'install-resets-acceptor'],
]);

describe('switched-on bugs', () => {
  it.each(CORE_BUGS.filter((bug) => !DIRECTED.has(bug.name) && !('survives' in bug)).map(({ name, kind }) => [name, kind] as const))('%s shows itself to clients', (name, kind) => {
    const shown = (seed: number): boolean => {
      const { anomalies, live } = runScenario({
        nodes: 5,
        seed,
        bugs: [name],
        faults: ALL_FAULTS,
        network: { cut: 'stall' },
        durationMs: 2500,
        ...SETTINGS[name],
      });
      return kind === 'safety' ? anomalies.length > 0 : !live;
    };
    const seeds = Array.from({ length: TRIES }, (_, i) => i + 1);
    expect(seeds.some(shown)).toBe(true);
  });

  it.each(CORE_BUGS.filter((bug) => 'survives' in bug).map(({ name }) => name))('%s is not seen by clients', (name) => {
    for (let seed = 1; seed <= 12; seed++) {
      const { anomalies, live } = runScenario({ nodes: 5, seed, bugs: [name], faults: ALL_FAULTS, network: { cut: 'stall' }, durationMs: 2500 });
      expect([seed, anomalies, live]).toEqual([seed, [], true]);
    }
  });

  it('leave a quiet cluster without backoff at work', () => {
    const live = [1, 2, 3, 4, 5].filter((seed) => runScenario({ nodes: 5, seed, bugs: ['no-backoff'], faults: [], durationMs: 1500 }).live);
    expect(live.length).toBeGreaterThanOrEqual(4);
  });
});

function fail(): never {
  throw new Error('the node is down');
}
