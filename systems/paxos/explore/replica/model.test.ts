import { describe, expect, it } from 'vitest';
import { exploreToEnd, type ExploreResult } from '../../../../src/index.js';
import { REPLICA_BUGS } from './bugs.js';
import { replicaExploration } from './index.js';

interface Options {
  readonly numbers?: Readonly<Record<string, number>>;
  readonly switches?: readonly string[];
  readonly bug?: string;
}

function run({ numbers = {}, switches = [], bug }: Options): ExploreResult {
  const begun = replicaExploration.begin({ numbers, switches: new Set(switches), ...(bug === undefined ? {} : { bug }) });
  return exploreToEnd(begun.run({ maxStates: 500_000 }, { now: () => 0, memoryBytes: () => 0 }));
}

describe('the core as it is', () => {
  it.each<[Readonly<Record<string, number>>, readonly string[], readonly number[]]>([
    [{ elections: 1 }, [], [777, 6165, 16]],
    [{ elections: 2, commands: 0 }, [], [1420, 12_756, 18]],
    [{ elections: 1, crashes: 1 }, [], [11_967, 96_395, 19]],
    [{ elections: 1, retries: 1 }, [], [10_959, 117_567, 20]],
    [{ elections: 2, commands: 0, crashes: 1 }, [], [26_787, 263_773, 25]],
    [{ elections: 2 }, [], [131_163, 2_190_663, 36]],
  ])('keeps all invariants: %j %j', (numbers, switches, golden) => {
    const { outcome, distinct, generated, depth, counterexample } = run({ numbers, switches });
    expect(counterexample).toBeUndefined();
    expect([outcome, distinct, generated, depth]).toEqual(['complete', ...golden]);
  });
});

/** Steps until clients could notice. */
const SHORTEST: Readonly<Record<string, number>> = {
  'own-value-after-prepare': 11,
  'forget-promise': 13,
  'promise-lower-ballot': 11,
  'lowest-ballot-wins': 15,
  'phase1-from-own-tail': 13,
  'quorums-do-not-intersect': 7,
  'ballot-without-node-id': 11,
  'ballot-reuse-after-restart': 12,
  'ack-before-fsync': 5,
  'accept-below-promise': 11,
  'ack-before-chosen': 3,
  'write-quorum-short': 3,
  'read-quorum-short': 7,
  'count-acks-not-nodes': 8,
  'tally-across-ballots': 9,
  'commit-index-blind': 13,
  'skip-gaps': 14,
  'forget-accepted': 13,
  'no-dedupe': 8,
  'dedupe-leader-memory': 8,
  'preempted-means-failed': 9,
};

describe('a bug of the core', () => {
  it.each(REPLICA_BUGS.map(({ name }) => name).filter((name) => name in SHORTEST))('%s: clients could notice, after so many steps and not before', (bug) => {
    const { outcome, counterexample } = run({ bug, switches: ['outcomesOnly'] });
    expect([outcome, counterexample?.steps.length]).toEqual(['violated', SHORTEST[bug]]);
  });

  it.each([
    ['forget-promise', /^Promises: node \d has forgotten at its start/],
    ['promise-lower-ballot', /^Promises: node \d lowers its promise/],
    ['accept-no-promise-bump', /^Promises: node \d has accepted in \S+ and promised/],
    ['ack-before-fsync', /^Durability: node \d tells of ballot/],
    ['ballot-reuse-after-restart', /^(One value a ballot|Promises)/],
  ])('%s shows earlier in the acceptors', (bug, violated) => {
    const { outcome, counterexample } = run({ bug });
    expect([outcome, counterexample?.violated]).toEqual(['violated', expect.stringMatching(violated)]);
    expect(counterexample?.steps.length).toBeLessThanOrEqual(SHORTEST[bug] ?? Infinity);
  });

  it('is told so that it can be followed', () => {
    const { counterexample } = run({ bug: 'own-value-after-prepare', switches: ['outcomesOnly'] });
    const text = counterexample?.steps.map(({ label, changes }) => [label, ...changes].join('\n')).join('\n') ?? '';
    expect(text).toMatch(/node 1 stands for election/);
    expect(text).toMatch(/node 2 receives from node 1: prepare 1\.1 from slot 1\nnode 2: follower, promised 1\.1, log empty\nnode 2 -> node 1: promise 1\.1/);
    expect(text).toMatch(/a client asks node \d for x = 1 \(request 1\)/);
    expect(text).toMatch(/slot 2: x = 1 is chosen/);
  });
});

describe('a scope that cannot work', () => {
  it('is refused with what to do', () => {
    expect(() => run({ numbers: { q1: 1, q2: 1 } })).toThrow(/q1 \+ q2 is 2; it must be more than 3/);
  });
});

it('two explorations of one scope are the same', () => {
  const begin = (): ExploreResult => run({ numbers: { elections: 1, crashes: 1 } });
  expect(begin()).toEqual(begin());
});
