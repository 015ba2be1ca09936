import { ALL, OF_LEADER, OF_ONE, ONE_WAY, type LinkSet } from '../shared/link-sets.js';

/** A kind of slowness: on which links, and of which sort. */
export interface SlowKind extends LinkSet {
  readonly description: string;
  readonly sort: 'delay' | 'bandwidth';
}

export const SLOW_KINDS: Readonly<Record<string, SlowKind>> = {
  'node-delay': { ...OF_ONE, description: 'Everything from and to one node is late.', sort: 'delay' },
  'leader-delay': { ...OF_LEADER, description: 'Everything from and to the leader is late.', sort: 'delay' },
  'one-way-delay': { ...ONE_WAY, description: 'Between every two nodes one direction is late.', sort: 'delay' },
  'all-delay': { ...ALL, description: 'Everything between nodes is late.', sort: 'delay' },
  'node-bandwidth': { ...OF_ONE, description: 'The links from and to one node are narrow.', sort: 'bandwidth' },
  'leader-bandwidth': { ...OF_LEADER, description: 'The links from and to the leader are narrow.', sort: 'bandwidth' },
};
