import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORE_BUGS } from './bugs.js';
import { machineText } from './machine.js';
import { runScenario, type FaultKind, type ScenarioOptions, type ScenarioResult } from './testing/scenario.js';

const ALL_FAULTS: readonly FaultKind[] = ['partition', 'one-way', 'crash', 'pause'];

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
  })
  .map(({ seed, shape: [nodes, q1, q2], cut, rough, maxPipeline }) => ({
    nodes,
    seed,
    faults: ALL_FAULTS,
    clients: 8,
    durationMs: 1500,
    network: rough ? { cut, ordered: false, loss: 0.03, duplication: 0.03, delayMs: [0.2, 8] } : { cut },
    config: { q1, q2, maxPipeline },
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

  it('do the work and meet the faults that the properties are about', () => {
    const results = [1, 2, 3, 4].map((seed) => runScenario({ nodes: 5, seed, faults: ALL_FAULTS, durationMs: 3000 }));
    const sum = (of: (result: ScenarioResult) => number): number => results.reduce((total, result) => total + of(result), 0);
    const counted = (name: 'stepDowns' | 'nacks' | 'learned' | 'readIndexServed' | 'forwarded'): number =>
      sum(({ cluster }) => cluster.ids.reduce((total, id) => total + (cluster.state(id)?.counters[name] ?? 0), 0));
    expect(sum(({ operations }) => operations.ok)).toBeGreaterThan(2000);
    expect(sum(({ operations }) => operations.info)).toBeGreaterThan(20);
    expect(sum(({ leaders }) => leaders)).toBeGreaterThan(8);
    for (const name of ['stepDowns', 'learned', 'readIndexServed', 'forwarded'] as const) expect([name, counted(name) > 0]).toEqual([name, true]);
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

const FAULTS_FOR: Readonly<Record<string, readonly FaultKind[]>> = {
  'forget-accepted': ['crash'],
  'accept-below-promise': ['partition', 'pause'],
  'leader-read-unchecked': ['partition', 'pause'],
  'no-backoff': ['partition', 'pause'],
};

describe('switched-on bugs', () => {
  it.each(CORE_BUGS.map(({ name, kind }) => [name, kind] as const))('%s shows itself to clients', (name, kind) => {
    const shown = (seed: number): boolean => {
      const { anomalies, live } = runScenario({
        nodes: 5,
        seed,
        bugs: [name],
        faults: FAULTS_FOR[name] ?? ALL_FAULTS,
        network: { cut: 'stall' },
        durationMs: 2500,
      });
      return kind === 'safety' ? anomalies.length > 0 : !live;
    };
    const seeds = Array.from({ length: TRIES }, (_, i) => i + 1);
    expect(seeds.some(shown)).toBe(true);
  });

  it('leave a quiet cluster without backoff at work', () => {
    const live = [1, 2, 3, 4, 5].filter((seed) => runScenario({ nodes: 5, seed, bugs: ['no-backoff'], faults: [], durationMs: 1500 }).live);
    expect(live.length).toBeGreaterThanOrEqual(4);
  });
});

function fail(): never {
  throw new Error('the node is down');
}
