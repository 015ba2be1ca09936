import type { Node } from '../../src/index.js';

interface Holder {
  readonly name: string;
  readonly owner: object;
}

const holders = new WeakMap<Node, Holder>();

/**
 * Takes a node into the hands of one fault: nobody else brings it down or starts it until it is released. So no program is started on files that are being damaged, and
 * none is brought down by one fault and started by another. `name` and `owner`: the nemesis and the fault. Returns who has it already, or undefined when it is taken
 * (also by one that has it).
 */
export function takeNode(node: Node, name: string, owner: object): string | undefined {
  const holder = holders.get(node);
  if (holder !== undefined && holder.owner !== owner) return holder.name;
  holders.set(node, { name, owner });
  return undefined;
}

/** Gives a node back; does nothing if somebody else has it. */
export function releaseNode(node: Node, owner: object): void {
  if (holders.get(node)?.owner === owner) holders.delete(node);
}

/** Whether nobody has the node. */
export function isFree(node: Node): boolean {
  return !holders.has(node);
}
