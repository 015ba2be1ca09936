import { describe, expect, it } from 'vitest';
import { quorumsOf } from './command.js';
import { paxosOptions } from './options.js';

const of = (options: unknown, nodes: number): readonly number[] => Object.values(quorumsOf(paxosOptions.parse(options), nodes));

describe('quorums', () => {
  it('are majorities, or flexible, or as they are given', () => {
    expect([1, 2, 3, 4, 5].map((n) => of({}, n))).toEqual([[1, 1], [2, 2], [2, 2], [3, 3], [3, 3]]);
    expect([1, 2, 3, 4, 5, 7].map((n) => of({ quorums: 'flexible' }, n))).toEqual([[1, 1], [1, 2], [2, 2], [3, 2], [4, 2], [6, 2]]);
    expect(of({ q1: 2, q2: 4 }, 5)).toEqual([2, 4]);
  });

  it.each([[{ q1: 2 }, 5], [{ q2: 6 }, 5], [{ quorums: 'flexible', q1: 3 }, 5]])('%j of %d nodes are refused', (options, nodes) => {
    expect(() => of(options, nodes)).toThrow(/q1 \+ q2 more than 5/);
  });
});
