import { describe, expect, it } from 'vitest';
import { explore, exploreToEnd, type ExploreResult } from '../../../../src/index.js';
import { SYNOD_MUTANTS, type SynodMutant } from './mutants.js';
import { synodModel } from './model.js';
import type { SynodScope } from './scope.js';

const SMALL: SynodScope = { acceptors: 3, values: 2, ballots: 2, q1: 2, q2: 2, owned: false };

function run(scope: Partial<SynodScope>, symmetry = false): ExploreResult {
  return exploreToEnd(explore(synodModel({ ...SMALL, ...scope }, symmetry), {}, { now: () => 0, memoryBytes: () => 0 }));
}

function counts(scope: Partial<SynodScope>, symmetry = false): readonly (string | number)[] {
  const { outcome, distinct, generated, depth } = run(scope, symmetry);
  return [outcome, distinct, generated, depth];
}

describe('the states of Lamport\'s Paxos.tla, counted as TLC counts them', () => {
  it.each<[string, Partial<SynodScope>, readonly number[]]>([
    ['as published: 3 acceptors, 2 values, 2 ballots', {}, [3921, 23_563, 17]],
    ['1 value', { values: 1 }, [1681, 9903, 17]],
    ['3 ballots', { ballots: 3 }, [185_369, 1_361_380, 25]],
    ['3 values, 3 ballots', { values: 3, ballots: 3 }, [362_361, 2_697_682, 25]],
    ['4 acceptors', { acceptors: 4, q1: 3, q2: 3 }, [20_609, 142_947, 21]],
    ['5 acceptors, quorums of 3 and 3', { acceptors: 5, q1: 3, q2: 3 }, [701_505, 6_147_491, 25]],
    ['5 acceptors, quorums of 4 and 2', { acceptors: 5, q1: 4, q2: 2 }, [106_305, 838_411, 25]],
    ['every ballot owned', { owned: true }, [1777, 10_383, 17]],
    ['every ballot owned, 3 ballots', { owned: true, ballots: 3 }, [74_681, 535_654, 25]],
  ])('%s', (_, scope, golden) => {
    expect(counts(scope)).toEqual(['complete', ...golden]);
  });

  it.each<[number, readonly number[]]>([[2, [443, 2697, 17]], [3, [17_153, 127_002, 25]]])('%i ballots, acceptors and values alike', (ballots, golden) => {
    expect(counts({ ballots }, true)).toEqual(['complete', ...golden]);
  });
});

describe('flexible quorums', () => {
  it.each([[3, 3, 1], [4, 3, 2], [5, 4, 2]])('%i acceptors: quorums of %i and %i meet', (acceptors, q1, q2) => {
    expect(run({ acceptors, q1, q2, owned: true }).outcome).toBe('complete');
  });

  it.each([[3, 2, 1, 10], [3, 1, 2, 10], [4, 2, 2, 12]])('%i acceptors: quorums of %i and %i need not meet, which shows after %i steps', (acceptors, q1, q2, steps) => {
    const { outcome, counterexample } = run({ acceptors, q1, q2, owned: true });
    expect([outcome, counterexample?.steps.length]).toEqual(['violated', steps]);
  });
});

/** Steps of the shortest counterexample. */
const SHORTEST: Readonly<Record<SynodMutant, number>> = {
  'own-value': 12,
  'accept-below-promise': 12,
  'promise-lower': 12,
  'forget-promise': 13,
  'forget-accepted': 13,
  'forget-all': 13,
  'recover-from-all-others': 13,
  'two-values-per-ballot': 15,
  'accept-no-promise-bump': 17,
  'any-value': 17,
  'lowest-ballot': 17,
};

describe('a clause dropped', () => {
  it.each(SYNOD_MUTANTS)('$name is found with $ballots ballots, by a counterexample that is as short as there is', ({ name: mutant, ballots }) => {
    const { outcome, counterexample } = run({ owned: true, ballots, mutant });
    expect([outcome, counterexample?.steps.length]).toEqual(['violated', SHORTEST[mutant]]);
    expect(counterexample?.violated).toMatch(/^Agreement: both v[01] and v[01] are chosen$/);
  });

  it('what needs three ballots is safe with two', () => {
    const needy = SYNOD_MUTANTS.filter(({ ballots }) => ballots === 3);
    expect(needy.map(({ name: mutant }) => run({ owned: true, mutant }).outcome)).toEqual(['complete', 'complete', 'complete']);
    expect(run({ owned: true, mutant: 'accept-no-promise-bump' }).distinct).toBe(4189);
  });

  it('symmetry finds as short a counterexample, which can be followed', () => {
    const { counterexample } = run({ owned: true, mutant: 'own-value' }, true);
    expect(counterexample?.steps).toHaveLength(12);
    expect(counterexample?.steps.at(-1)?.changes.join()).toMatch(/is chosen in ballot/);
  });
});

describe('a counterexample', () => {
  it('tells who sends what, and what changes', () => {
    const { counterexample } = run({ owned: true, q1: 1 });
    const text = counterexample?.steps.map(({ label, changes }) => [label, ...changes].join('; ')) ?? [];
    expect(text).toContain('p1 -> all acceptors: prepare ballot 0 (1a)');
    expect(text.join('\n')).toMatch(/a\d -> p1: promise ballot 0, nothing accepted \(1b\); a\d: promised nothing, accepted nothing -> promised 0, accepted nothing/);
    expect(text.at(-1)).toMatch(/accepted v\d in ballot \d \(2b\);.*v\d is chosen in ballot \d$/);
  });
});

describe('a scope that does not fit', () => {
  it.each<[Partial<SynodScope>, RegExp]>([
    [{ acceptors: 9 }, /9 acceptors/],
    [{ ballots: 9 }, /9 ballots/],
    [{ values: 16 }, /2 ballots with 16 values/],
    [{ q2: 4 }, /quorum of 4/],
  ])('%j is refused', (scope, message) => {
    expect(() => synodModel({ ...SMALL, ...scope })).toThrow(message);
  });
});
