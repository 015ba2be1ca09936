import { canonical } from '../../shared/canonical.js';
import type { Model } from '../model.js';

/**
 * A list as a node of the tree of all lists that were built from one initial list: an append costs the same for lists of
 * any length, and equal lists of one tree are the same node.
 */
export interface ListNode {
  readonly id: number;
  readonly parent: ListNode | undefined;
  /** Canonical text of the last element. */
  readonly element: string;
  readonly length: number;
  readonly children: Map<string, ListNode>;
  readonly tree: { nodes: number };
}

/** A list: elements are appended, the whole list is read. A length that an append answers is judged too. */
export const appendList: Model<ListNode> = {
  name: 'append-list',
  description: 'A list: appends of elements, reads of the whole list.',
  operations: {
    read: 'null -> the list; null counts as the empty list',
    append: 'an element -> the new length, or anything else',
  },
  init: (initial) => {
    return (Array.isArray(initial) ? (initial as readonly unknown[]) : []).reduce<ListNode>((list, element) => child(list, canonical(element)), emptyList());
  },
  complaint: (op) => (op.f === 'read' && op.known && !Array.isArray(op.result ?? []) ? 'a read of a list gives an array' : undefined),
  step: (state, op) => {
    if (op.f === 'read') return holds(state, (op.result ?? []) as readonly unknown[]) ? state : undefined;
    if (typeof op.result === 'number' && op.result !== state.length + 1) return undefined;
    return child(state, canonical(op.argument));
  },
  key: (state) => String(state.id),
  show: (state) => `[${elements(state).join(',')}]`,
  leadsTo: (list, { f, result }) => {
    if (f === 'append') return typeof result !== 'number' || list.length < result;
    return beginsWith((result ?? []) as readonly unknown[], list);
  },
  observes: (op) => op.f === 'read',
  echoes: ['append'],
};

/** The list with an element more at its end. */
export function child(list: ListNode, element: string): ListNode {
  const known = list.children.get(element);
  if (known !== undefined) return known;
  const made: ListNode = { id: list.tree.nodes++, parent: list, element, length: list.length + 1, children: new Map(), tree: list.tree };
  list.children.set(element, made);
  return made;
}

/** The root of a tree of lists. */
export function emptyList(): ListNode {
  return { id: 0, parent: undefined, element: '', length: 0, children: new Map(), tree: { nodes: 1 } };
}

/** Whether the result begins with the list: lists only grow, and at their end. */
export function beginsWith(result: readonly unknown[], list: ListNode): boolean {
  if (list.length > result.length) return false;
  for (let node: ListNode | undefined = list; node?.parent !== undefined; node = node.parent) if (node.element !== canonical(result[node.length - 1])) return false;
  return true;
}

/** Whether the list has these elements. */
export function holds(list: ListNode, expected: readonly unknown[]): boolean {
  if (list.length !== expected.length) return false;
  for (let node: ListNode | undefined = list, i = expected.length - 1; i >= 0; node = node?.parent, i--) {
    if (node?.element !== canonical(expected[i])) return false;
  }
  return true;
}

/** The texts of its elements. */
export function elements(list: ListNode): readonly string[] {
  const out: string[] = [];
  for (let node: ListNode | undefined = list; node?.parent !== undefined; node = node.parent) out.push(node.element);
  return out.reverse();
}
