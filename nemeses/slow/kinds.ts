import type { LinkName } from '../../src/index.js';

/** A kind of slowness: on which links, and of which sort. */
export interface SlowKind {
  readonly description: string;
  readonly sort: 'delay' | 'bandwidth';
  readonly atLeader?: true;
  readonly links: (order: readonly string[]) => readonly LinkName[];
  readonly targets: (order: readonly string[]) => readonly string[];
}

const first = (order: readonly string[]): readonly string[] => order.slice(0, 1);
const everybody = (order: readonly string[]): readonly string[] => order;

/** All directed links. */
function allLinks(order: readonly string[]): readonly LinkName[] {
  return order.flatMap((from) => order.filter((to) => to !== from).map((to) => ({ from, to })));
}

/** The links from and to the first node. */
function linksOfFirst(order: readonly string[]): readonly LinkName[] {
  return allLinks(order).filter((link) => link.from === order[0] || link.to === order[0]);
}

/** Of every pair the direction from the earlier to the later node in the order. */
function oneDirection(order: readonly string[]): readonly LinkName[] {
  return allLinks(order).filter((link) => order.indexOf(link.from) < order.indexOf(link.to));
}

export const SLOW_KINDS: Readonly<Record<string, SlowKind>> = {
  'node-delay': { description: 'Everything from and to one node is late.', sort: 'delay', links: linksOfFirst, targets: first },
  'leader-delay': { description: 'Everything from and to the leader is late.', sort: 'delay', atLeader: true, links: linksOfFirst, targets: first },
  'one-way-delay': { description: 'Between every two nodes one direction is late.', sort: 'delay', links: oneDirection, targets: everybody },
  'all-delay': { description: 'Everything between nodes is late.', sort: 'delay', links: allLinks, targets: everybody },
  'node-bandwidth': { description: 'The links from and to one node are narrow.', sort: 'bandwidth', links: linksOfFirst, targets: first },
};
