import { hashString } from '../random/random.js';
import type { NodeStatus } from './system.js';
import { compareTerms } from './terms.js';

/**
 * A hash of what the nodes' statuses have in common with others of the same sort: the role of each, whether it takes itself for the leader, and the ranks of its term and its gauges among
 * those of all nodes, whoever is who. Undefined: a node that gave none. Two clusters in the same abstract state have the same hash; what was never seen before is worth going on from
 * (after Mallory, CCS 2023, and ModelFuzz, OOPSLA 2025).
 */
export function fingerprintOf(statuses: readonly (NodeStatus | undefined)[]): number {
  const present = statuses.filter((status) => status !== undefined);
  const names = [...new Set(present.flatMap(({ gauges = {} }) => Object.keys(gauges)))].sort();
  const rankOfTerm = ranks(present.map(({ term = '' }) => term), (a, b) => compareTerms(a, b) || (a < b ? -1 : 1));
  const rankOfGauge = names.map((name) => ranks(present.map(({ gauges }) => gauges?.[name] ?? -1), (a, b) => a - b));
  const words = statuses.map((status) => {
    if (status === undefined) return 'silent';
    const { role = '', leader, term = '', gauges } = status;
    return [role, leader === undefined ? 'none' : 'some', rankOfTerm.get(term), ...names.map((name, i) => rankOfGauge[i]?.get(gauges?.[name] ?? -1))].join(' ');
  });
  return hashString(words.sort().join('|'));
}

function ranks<T>(values: readonly T[], compare: (a: T, b: T) => number): ReadonlyMap<T, number> {
  return new Map([...new Set(values)].sort(compare).map((value, rank) => [value, rank]));
}
