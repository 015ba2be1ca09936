import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './state-fingerprint.js';
import type { NodeStatus } from './system.js';

const status = fc.record({ role: fc.constantFrom('leader', 'follower', 'candidate'), leader: fc.option(fc.constantFrom('n1', 'n2'), { nil: undefined }), term: fc.constantFrom('1.1', '2.1', '3.2'), gauges: fc.record({ committed: fc.nat(5), applied: fc.nat(5) }) })
  .map(({ leader, ...rest }): NodeStatus => ({ ...rest, ...(leader === undefined ? {} : { leader }) }));
const statuses = fc.array(fc.option(status, { nil: undefined }), { minLength: 1, maxLength: 5 });

function node(role: string, committed: number, more: Partial<NodeStatus> = {}): NodeStatus {
  return { role, term: '1.1', gauges: { committed }, ...more };
}

describe('the fingerprint of a cluster', () => {
  it('does not depend on who is who', () => {
    fc.assert(fc.property(statuses.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), ([all, others]) => {
      expect(fingerprintOf(others)).toBe(fingerprintOf(all));
    }));
  });

  it('does not depend on how far all of them are, only on who is ahead', () => {
    fc.assert(fc.property(statuses, fc.nat(100), fc.integer({ min: 1, max: 4 }), (all, more, times) => {
      const later = all.map((each) => each && { ...each, gauges: Object.fromEntries(Object.entries(each.gauges ?? {}).map(([name, value]) => [name, value * times + more])) });
      expect(fingerprintOf(later)).toBe(fingerprintOf(all));
    }));
  });

  it('ranks terms by their numbers', () => {
    const cluster = (older: string, newer: string) => fingerprintOf([node('leader', 5, { term: newer }), node('follower', 5, { term: older })]);
    expect(cluster('9.1', '10.1')).toBe(cluster('1.1', '2.1'));
    expect(cluster('9.2', '9.10')).toBe(cluster('1.1', '2.1'));
    expect(cluster('2.1', '1.1')).not.toBe(cluster('1.1', '2.1'));
  });

  it('tells roles, ranks, silence, who knows a leader, and sizes of clusters apart', () => {
    const all = [
      [node('follower', 5), node('follower', 5)],
      [node('leader', 5), node('follower', 5)],
      [node('leader', 5), node('follower', 4)],
      [node('leader', 4), node('follower', 5)],
      [node('leader', 5, { term: '2.1' }), node('follower', 5)],
      [node('leader', 5, { leader: 'n1' }), node('follower', 5)],
      [node('leader', 5), undefined],
      [undefined, undefined],
      [node('leader', 5)],
      [node('leader', 5), node('follower', 5), node('follower', 5)],
      [],
    ];
    expect(new Set(all.map(fingerprintOf)).size).toBe(all.length);
  });

  it('is had by systems that say little of themselves', () => {
    expect(fingerprintOf([{}, {}])).toBe(fingerprintOf([{}, {}]));
    expect(fingerprintOf([{}, {}])).not.toBe(fingerprintOf([{}, { role: 'leader' }]));
  });
});
