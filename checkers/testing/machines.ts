import fc from 'fast-check';
import type { Op } from '../../src/index.js';
import { historyOf, type Machine } from './arbitrary.js';

type Call = { readonly f: string; readonly value: unknown };

const call = (f: string, value: unknown = null): fc.Arbitrary<Call> => fc.constant({ f, value });

/** Histories of a machine in which up to a third of the answers are changed. */
export function wildHistoryOf<S>(machine: Machine<S>, options: { readonly maxOps: number; readonly processes: number }): fc.Arbitrary<readonly Op[]> {
  const salts = fc.array(fc.nat({ max: 23 }), { minLength: 2 * options.maxOps, maxLength: 2 * options.maxOps });
  return fc.tuple(historyOf(machine, { ...options, edited: false, spread: 4 }), salts).map(([ops, salt]) =>
    ops.map((op, i): Op => {
      const asked = ops.findLast((other) => other.index < op.index && other.process === op.process && other.type === 'invoke');
      if (op.type !== 'ok' || (salt[i] ?? 8) > 7) return op;
      return { ...op, value: machine.edit({ f: op.f, value: asked?.value, result: op.value, outcome: 'ok' }, salt[i] ?? 0) };
    }),
  );
}

/** Queues: elements are numbers from 1 on, or from a domain of two. */
export function queueMachine(elements: 'unique' | 'repeated'): Machine<readonly number[]> {
  return {
    init: [],
    draw: (serial) => fc.oneof(call('enqueue', elements === 'unique' ? serial : (serial % 2) + 1), call('dequeue')),
    apply: (queue, f, value) => {
      if (f === 'enqueue') return { result: value, state: [...queue, value as number] };
      return { result: queue[0] ?? null, state: queue.slice(1) };
    },
    edit: otherElement,
  };
}

/** Bags of numbers, from which dequeues take one here and one there. */
export function bagMachine(elements: 'unique' | 'repeated'): Machine<readonly number[]> {
  return {
    ...queueMachine(elements),
    apply: (bag, f, value) => {
      if (f === 'enqueue') return { result: value, state: [...bag, value as number] };
      const at = (bag.reduce((sum, element) => sum + element, 0) * 7) % Math.max(1, bag.length);
      return { result: bag[at] ?? null, state: bag.filter((_, i) => i !== at) };
    },
  };
}

function otherElement({ f, result }: { readonly f: string; readonly result: unknown }, salt: number): unknown {
  if (f === 'enqueue') return result;
  return salt < 2 ? null : salt - 1;
}

/** Consensus: the first proposal decides. */
export const consensusMachine: Machine<number | null> = {
  init: null,
  draw: (serial) => call('propose', (serial % 4) + 1),
  apply: (decided, _, value) => ({ result: decided ?? value, state: decided ?? (value as number) }),
  edit: ({ value }, salt) => (salt < 4 ? value : 1 + (salt % 5)),
};

/** Sets to which numbers are added, each once, and which are read as a whole. */
export const readSetMachine: Machine<readonly number[]> = {
  init: [],
  draw: (serial) => fc.oneof(call('read'), call('add', serial)),
  apply: (set, f, value) => (f === 'read' ? { result: set, state: set } : { result: value, state: [...set, value as number] }),
  edit: ({ f, value, result }, salt) => {
    if (f === 'add') return salt === 0 ? false : value;
    const set = result as readonly number[];
    if (salt < 2) return set.slice(1);
    if (salt < 4) return set.slice(0, -1);
    return set.includes(salt - 3) ? set.filter((element) => element !== salt - 3) : [...set, salt - 3];
  },
};

/** Sets of few numbers that are added, removed and asked for. Changes of odd ones say nothing. */
export const memberSetMachine: Machine<readonly number[]> = {
  init: [],
  draw: () =>
    fc.record({ f: fc.constantFrom('add', 'remove', 'contains', 'contains', 'contains'), value: fc.constantFrom(1, 2, 2, 2) }),
  apply: (set, f, value) => {
    const element = value as number;
    const there = set.includes(element);
    if (f === 'contains') return { result: there, state: set };
    const state = f === 'remove' ? set.filter((other) => other !== element) : there ? set : [...set, element];
    return { result: element % 2 === 1 ? null : f === 'remove' ? there : !there, state };
  },
  edit: ({ result }) => (typeof result === 'boolean' ? !result : result),
};

/** Locks: an acquire of a lock that is held fails. */
export const mutexMachine: Machine<boolean> = {
  init: false,
  draw: () => fc.oneof(call('acquire'), call('release')),
  apply: (held, f) => ((f === 'acquire') === held ? undefined : { result: null, state: !held }),
  edit: ({ result }) => result,
};

/** Locks that grant tokens; a release names its token, or it may do without. */
export function fencedMachine(releases: 'named' | 'either'): Machine<{ readonly token: number | null; readonly last: number }> {
  const named = (serial: number): fc.Arbitrary<Call> => call('release', Math.ceil(serial / 2));
  return {
    init: { token: null, last: 0 },
    draw: (serial) => fc.oneof(call('acquire'), named(serial), releases === 'named' ? named(serial - 1) : call('release')),
    apply: ({ token, last }, f, value) => {
      if (f === 'acquire') return token === null ? { result: last + 1, state: { token: last + 1, last: last + 1 } } : undefined;
      return token === null || (value !== null && value !== token) ? undefined : { result: value, state: { token: null, last } };
    },
    edit: ({ f, result }, salt) => (f === 'acquire' ? salt : result),
  };
}

/** Generators of numbers. */
export const idMachine: Machine<number> = {
  init: 0,
  draw: () => call('generate'),
  apply: (last) => ({ result: last + 1, state: last + 1 }),
  edit: (_, salt) => salt,
};

/** Transactions of one or two steps on two registers, with values that are written once. */
export const txnMachine: Machine<Readonly<Record<string, number | null>>> = {
  init: { x: null, y: null },
  draw: (serial) => {
    const key = fc.constantFrom('x', 'y');
    const micro = fc.oneof(key.map((name) => ['r', name, null]), fc.tuple(key, fc.nat({ max: 1 })).map(([name, i]) => ['w', name, 2 * serial + i]));
    return fc.array(micro, { minLength: 1, maxLength: 2 }).map((value) => ({ f: 'txn', value }));
  },
  apply: (registers, _, value) => {
    const state = { ...registers };
    const result = (value as readonly (readonly [string, string, number | null])[]).map(([f, key, written]) => {
      if (f === 'w') state[key] = written;
      return [f, key, state[key]];
    });
    return { result, state };
  },
  edit: ({ result }, salt) => (result as readonly (readonly unknown[])[]).map(([f, key, value]) => [f, key, f === 'r' ? (salt === 0 ? null : salt + 1) : value]),
};

/** Locks of two owners. */
export const ownerMachine: Machine<number | null> = {
  init: null,
  draw: () => fc.record({ f: fc.constantFrom('acquire', 'release'), value: fc.constantFrom(1, 2) }),
  apply: (holder, f, value) => {
    if (holder !== (f === 'acquire' ? null : value)) return undefined;
    return { result: value, state: f === 'acquire' ? (value as number) : null };
  },
  edit: ({ result }) => result,
};

/** Transactions on two lists of unique elements. */
export const listTxnMachine: Machine<Readonly<Record<string, readonly number[]>>> = {
  init: {},
  draw: (serial) => fc.array(fc.record({ reads: fc.boolean(), key: fc.constantFrom('x', 'y') }), { minLength: 1, maxLength: 2 }).map((micros) => ({ f: 'txn', value: micros.map(({ reads, key }, i) => (reads ? ['r', key, null] : ['append', key, 10 * serial + i])) })),
  apply: (state, _f, value) => {
    let lists = state;
    const result = (value as readonly (readonly [string, string, number | null])[]).map(([f, key, element]) => {
      const list = lists[key] ?? [];
      if (f === 'r') return [f, key, list];
      lists = { ...lists, [key]: [...list, element as number] };
      return [f, key, element];
    });
    return { result, state: lists };
  },
  edit: ({ result }, salt) => {
    const other = (list: readonly number[]): readonly number[] => (salt % 3 === 0 ? list.slice(0, -1) : salt % 3 === 1 ? list.toReversed() : [...list, 10 * (salt + 1)]);
    return (result as readonly (readonly [string, string, unknown])[]).map(([f, key, list]) => [f, key, f === 'r' ? other(list as readonly number[]) : list]);
  },
};

/** Strings that are put, grown and read. Few letters, so that a string can come about in several ways. */
export const stringMachine: Machine<string> = {
  init: '',
  draw: () => fc.oneof({ weight: 3, arbitrary: call('get') }, { weight: 3, arbitrary: fc.constantFrom('a', 'b').map((value) => ({ f: 'append', value })) }, { weight: 1, arbitrary: fc.constantFrom('', 'a').map((value) => ({ f: 'put', value })) }),
  apply: (state, f, value) => {
    if (f === 'get') return { result: state, state };
    return { result: null, state: f === 'put' ? (value as string) : state + (value as string) };
  },
  edit: ({ f, result }, salt) => {
    if (f !== 'get') return result;
    const text = result as string;
    return salt < 3 ? text.slice(1) : salt < 6 ? [...text].reverse().join('') : `${text}b`;
  },
};
