import type { LinkName } from '../../src/index.js';

/** Which links a fault is on, and which nodes it is about, by the order of nodes. */
export interface LinkSet {
  /** The leader of the moment is put first in the order of nodes. */
  readonly atLeader?: true;
  readonly links: (order: readonly string[]) => readonly LinkName[];
  readonly targets: (order: readonly string[]) => readonly string[];
}

/** All directed links. */
export const ALL: LinkSet = { links: allLinks, targets: (order) => order };

/** The links from and to the first node. */
export const OF_ONE: LinkSet = { links: linksOfFirst, targets: (order) => order.slice(0, 1) };

/** The links from and to the leader. */
export const OF_LEADER: LinkSet = { ...OF_ONE, atLeader: true };

/** Of every pair the direction from the earlier to the later node in the order. */
export const ONE_WAY: LinkSet = { links: (order) => allLinks(order).filter((link) => order.indexOf(link.from) < order.indexOf(link.to)), targets: (order) => order };

function allLinks(order: readonly string[]): readonly LinkName[] {
  return order.flatMap((from) => order.filter((to) => to !== from).map((to) => ({ from, to })));
}

function linksOfFirst(order: readonly string[]): readonly LinkName[] {
  return allLinks(order).filter((link) => link.from === order[0] || link.to === order[0]);
}
