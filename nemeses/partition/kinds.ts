import { bridge, deafenFirst, halves, isolateFirst, majoritiesRing, minoritySize, muteFirst, oneWay, splitMinority, type Grudge } from '../../src/index.js';
import { chases, flaps, moves, swizzles, type CourseKind } from './courses.js';

/** A kind of partition: a shape, and who plays which part in it. */
export interface PartitionKind {
  readonly description: string;
  /** Fewer nodes leave nothing to cut, or the same as another kind. */
  readonly minNodes: number;
  /** The leader of the moment is put first in the order of nodes. */
  readonly atLeader?: true;
  /** How the cut changes while it lasts; left out: it does not. */
  readonly course?: CourseKind;
  readonly shape: (order: readonly string[]) => Grudge;
  /** The nodes that the fault is about. */
  readonly targets: (order: readonly string[]) => readonly string[];
}

const first = (order: readonly string[]): readonly string[] => order.slice(0, 1);
const minority = (order: readonly string[]): readonly string[] => order.slice(0, minoritySize(order.length));
const half = (order: readonly string[]): readonly string[] => order.slice(0, Math.floor(order.length / 2));
const rest = (order: readonly string[], part: (order: readonly string[]) => readonly string[]): readonly string[] => order.slice(part(order).length);

export const PARTITION_KINDS: Readonly<Record<string, PartitionKind>> = {
  flapping: { description: 'One node is cut off and joined again, several times a second.', minNodes: 2, course: flaps, shape: isolateFirst, targets: first },
  'one-node': { description: 'One node is cut off from all others.', minNodes: 2, shape: isolateFirst, targets: first },
  'majority-minority': { description: 'A minority of the nodes is cut off from the majority.', minNodes: 5, shape: splitMinority, targets: minority },
  halves: { description: 'The nodes are split into two halves at random.', minNodes: 4, shape: halves, targets: half },
  'majorities-ring': { description: 'Every node hears a majority, no two the same one.', minNodes: 4, shape: majoritiesRing, targets: (order) => order },
  bridge: { description: 'Two halves that only meet in one node, which hears everybody.', minNodes: 3, shape: bridge, targets: first },
  'one-way': { description: 'A minority does not hear the others, but is heard by them.', minNodes: 3, shape: (order) => oneWay(minority(order), rest(order, minority)), targets: minority },
  leader: { description: 'The leader is cut off from all others.', minNodes: 2, atLeader: true, shape: isolateFirst, targets: first },
  'leader-minority': { description: 'The leader and a few others, less than a majority, are cut off from the rest.', minNodes: 5, atLeader: true, shape: splitMinority, targets: minority },
  'leader-deaf': { description: 'The leader hears nobody; everybody hears the leader.', minNodes: 2, atLeader: true, shape: deafenFirst, targets: first },
  'leader-mute': { description: 'Nobody hears the leader; the leader hears everybody.', minNodes: 2, atLeader: true, shape: muteFirst, targets: first },
  moving: { description: 'A minority of the nodes is cut off, and then others, without a pause.', minNodes: 3, course: moves, shape: splitMinority, targets: (order) => order },
  'leader-after-leader': { description: 'The leader is cut off, then the next one in its place, and so on.', minNodes: 3, atLeader: true, course: chases, shape: isolateFirst, targets: (order) => order },
  swizzle: { description: 'Single links stop one after the other, and go on in another order.', minNodes: 3, course: swizzles, shape: () => new Map(), targets: (order) => order },
};
