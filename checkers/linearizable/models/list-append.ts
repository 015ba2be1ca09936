import { canonical } from '../../shared/canonical.js';
import type { Model, ModelOp } from '../model.js';
import { beginsWith, child, elements, emptyList, holds, type ListNode } from './append-list.js';
import { answersWhatWasAsked, isRead, microOpsOf, type MicroOp } from './micro-ops.js';

const CHANGES = ['append'];

/** Lists by the text of their key; those that are empty are left out. */
export interface Lists {
  readonly lists: Readonly<Record<string, ListNode>>;
  /** The empty list of every key. */
  readonly roots: Map<string, ListNode>;
}

/** Many lists, read and appended to by transactions that take effect at once (strict serializability): Elle's list-append workload. */
export const listAppend: Model<Lists> = {
  name: 'list-append',
  description: 'Many lists: a transaction reads some of them and appends to some, at once.',
  operations: { txn: 'a list of ["r", key, null] and ["append", key, element] -> the same with the lists read; null counts as the empty list' },
  init: () => ({ lists: {}, roots: new Map() }),
  complaint: ({ argument, result }) => {
    if (microOpsOf(argument, CHANGES) === undefined) return 'the value of a txn is a list of ["r", key, null] and ["append", key, element]';
    if (result === undefined) return undefined;
    if (!answersWhatWasAsked(argument, result, CHANGES)) return 'a txn answers the list that it was given, with the lists read';
    return readsOf(result as readonly MicroOp[]).every(([, , list]) => Array.isArray(list ?? [])) ? undefined : 'a read of a list gives an array';
  },
  step: (state, op) => {
    const known = op.result !== undefined;
    let { lists } = state;
    for (const [f, name, value] of microsOf(op)) {
      const key = canonical(name);
      const list = listOf(lists, state.roots, key);
      if (!isRead(f)) lists = { ...lists, [key]: child(list, canonical(value)) };
      else if (known && !holds(list, (value ?? []) as readonly unknown[])) return undefined;
    }
    return lists === state.lists ? state : { ...state, lists };
  },
  key: ({ lists }) => Object.keys(lists).sort().map((key) => `${key}:${(lists[key] as ListNode).id}`).join(' '),
  show: ({ lists }) => `{${Object.keys(lists).sort().map((key) => `${key}: [${elements(lists[key] as ListNode).join(',')}]`).join(', ')}}`,
  leadsTo: ({ lists, roots }, op) => op.result === undefined || readsOf(microsOf(op)).every(([, name, list]) => beginsWith((list ?? []) as readonly unknown[], listOf(lists, roots, canonical(name)))),
  observes: (op) => (microOpsOf(op.argument, CHANGES) ?? []).every(([f]) => isRead(f)),
};

function microsOf(op: ModelOp): readonly MicroOp[] {
  return (op.result ?? op.argument) as readonly MicroOp[];
}

function readsOf(micros: readonly MicroOp[]): readonly MicroOp[] {
  return micros.filter(([f]) => isRead(f));
}

function listOf(lists: Lists['lists'], roots: Lists['roots'], key: string): ListNode {
  const list = lists[key] ?? roots.get(key);
  if (list !== undefined) return list;
  const empty = emptyList();
  roots.set(key, empty);
  return empty;
}
