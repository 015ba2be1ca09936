import { ALL, OF_LEADER, OF_ONE, ONE_WAY, type LinkSet } from '../shared/link-sets.js';

/** A kind of damage to packets: on which links, and of which sort. */
export interface PacketKind extends LinkSet {
  readonly description: string;
  readonly sort: 'loss' | 'duplicate' | 'reorder';
}

export const PACKET_KINDS: Readonly<Record<string, PacketKind>> = {
  'node-loss': { ...OF_ONE, description: 'A part of the packets from and to one node is lost.', sort: 'loss' },
  'leader-loss': { ...OF_LEADER, description: 'A part of the packets from and to the leader is lost.', sort: 'loss' },
  'one-way-loss': { ...ONE_WAY, description: 'Between every two nodes one direction loses packets.', sort: 'loss' },
  'all-loss': { ...ALL, description: 'A part of all packets between nodes is lost.', sort: 'loss' },
  'leader-duplicate': { ...OF_LEADER, description: 'A part of the packets from and to the leader arrives twice.', sort: 'duplicate' },
  'all-duplicate': { ...ALL, description: 'A part of all packets between nodes arrives twice.', sort: 'duplicate' },
  'one-way-reorder': { ...ONE_WAY, description: 'Between every two nodes one direction has packets overtaken by later ones.', sort: 'reorder' },
  'all-reorder': { ...ALL, description: 'A part of all packets between nodes is overtaken by later ones.', sort: 'reorder' },
};
