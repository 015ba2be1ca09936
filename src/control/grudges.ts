import type { Grudge } from './grudge.js';

/**
 * Shapes of partitions, as pure functions of a list of nodes. The order of the list decides who plays which part, so a
 * caller that wants chance shuffles the list, and one that aims at a node puts it first.
 * The shapes are Jepsen's (jepsen.nemesis: complete-grudge, bridge, majorities-ring), the one-way ones are ours.
 */

/** The smallest number of nodes that is more than half of `n`. */
export function majoritySize(n: number): number {
  return Math.floor(n / 2) + 1;
}

/** The largest number of nodes whose complement is still a majority of `n`. */
export function minoritySize(n: number): number {
  return Math.max(0, n - majoritySize(n));
}

/** Nobody hears anybody of another component. Components are disjoint lists of nodes. */
export function completeGrudge(components: readonly (readonly string[])[]): Grudge {
  return new Map(components.flatMap((own) => own.map((node) => [node, new Set(components.flatMap((other) => (other === own ? [] : other)))] as const)));
}

/** The first node alone against all others. */
export function isolateFirst(nodes: readonly string[]): Grudge {
  return completeGrudge([nodes.slice(0, 1), nodes.slice(1)]);
}

/** The first nodes, as many as a minority can be, against the majority of the others. */
export function splitMinority(nodes: readonly string[]): Grudge {
  const size = minoritySize(nodes.length);
  return completeGrudge([nodes.slice(0, size), nodes.slice(size)]);
}

/** The first half against the second; of an odd number the second half is the larger. */
export function halves(nodes: readonly string[]): Grudge {
  const middle = Math.floor(nodes.length / 2);
  return completeGrudge([nodes.slice(0, middle), nodes.slice(middle)]);
}

/** Two halves that only meet in one node: the first hears everybody and is heard by everybody. */
export function bridge(nodes: readonly string[]): Grudge {
  return new Map([...halves(nodes.slice(1)), ...nodes.slice(0, 1).map((node) => [node, new Set<string>()] as const)]);
}

/** None of `deaf` hears any of `unheard`, which hear everybody. */
export function oneWay(deaf: readonly string[], unheard: readonly string[]): Grudge {
  return new Map(deaf.map((node) => [node, new Set(unheard.filter((other) => other !== node))]));
}

/** The first node hears nobody, and everybody hears it: it still beats hearts, and gets no answer. */
export function deafenFirst(nodes: readonly string[]): Grudge {
  return oneWay(nodes.slice(0, 1), nodes.slice(1));
}

/** Nobody hears the first node, and it hears everybody: it sees itself deposed and cannot object. */
export function muteFirst(nodes: readonly string[]): Grudge {
  return oneWay(nodes.slice(1), nodes.slice(0, 1));
}

/**
 * Every node hears a majority, itself included, and no two hear the same one; who hears is heard. The nodes stand on a
 * ring and hear their nearest neighbours on both sides; if a majority leaves an odd number of peers, also the node
 * opposite. Everybody hears exactly a majority wherever such a graph exists: for n = 3, 7, 11 ... it does not (an odd number
 * of nodes of odd degree), and one node hears one peer more. Fewer than 3 nodes: nobody is cut off.
 */
export function majoritiesRing(nodes: readonly string[]): Grudge {
  const heard = ringNeighbours(nodes.length);
  return new Map(nodes.map((node, i) => [node, new Set(nodes.filter((_, j) => j !== i && heard[i]?.has(j) !== true))]));
}

/** By position on the ring: the positions that it hears, itself not included. */
function ringNeighbours(n: number): readonly Set<number>[] {
  const heard = Array.from({ length: n }, () => new Set<number>());
  const connect = (i: number, j: number): void => {
    if (i === j) return;
    heard[i]?.add(j);
    heard[j]?.add(i);
  };
  const peers = majoritySize(n) - 1;
  for (let i = 0; i < n; i++) {
    for (let step = 1; step <= Math.floor(peers / 2); step++) connect(i, (i + step) % n);
  }
  if (peers % 2 === 1) {
    const opposite = Math.floor(n / 2);
    for (let i = 0; i < opposite; i++) connect(i, i + opposite);
    if (n % 2 === 1) connect(n - 1, opposite);
  }
  return heard;
}

/** The nodes that `node` hears under a grudge, itself included. */
export function hears(grudge: Grudge, nodes: readonly string[], node: string): readonly string[] {
  return nodes.filter((other) => other === node || grudge.get(node)?.has(other) !== true);
}

/** A grudge as plain data, for the history; who hears everybody is left out. */
export function grudgeRecord(grudge: Grudge): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...grudge].flatMap(([node, senders]) => (senders.size === 0 ? [] : [[node, [...senders].sort()]])));
}
