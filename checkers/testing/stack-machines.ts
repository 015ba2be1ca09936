import fc from 'fast-check';
import { operationsOf, type Draft, type Machine } from './arbitrary.js';
import { tableOf, type Op } from '../../src/index.js';
import { objectsOf, type ObjectHistory } from '../linearizable/object-history.js';

/** Stacks into which every element is pushed once; `pops`: how often a pop is drawn for one push. */
export function stackMachine(pops = 1): Machine<readonly number[]> {
  return {
    init: [],
    draw: (serial) => fc.oneof({ weight: 2, arbitrary: fc.constant({ f: 'push', value: serial }) }, { weight: 2 * pops, arbitrary: fc.constant({ f: 'pop', value: null }) }),
    apply: (state, f, value) => (f === 'push' ? { result: value, state: [...state, value as number] } : { result: state.at(-1) ?? null, state: state.slice(0, -1) }),
    edit: (draft, salt) => (draft.f === 'push' ? draft.result : other(draft, salt)),
  };
}

type Element = number | readonly [number, unknown];

/** Priority queues into which every element is inserted once: plain numbers, or pairs with few priorities. */
export function priorityQueueMachine(elements: 'numbers' | 'pairs', removals = 1): Machine<readonly Element[]> {
  const priority = (element: Element): number => (typeof element === 'number' ? element : element[0]);
  const drawn = (serial: number): fc.Arbitrary<Element> =>
    elements === 'numbers' ? fc.nat({ max: 3 }).map((n) => (n * 37 + serial * 11) % 101) : fc.nat({ max: 2 }).map((n): Element => [n, serial]);
  return {
    init: [],
    draw: (serial) => fc.oneof({ weight: 2, arbitrary: drawn(serial).map((value) => ({ f: 'insert', value })) }, { weight: 2 * removals, arbitrary: fc.constant({ f: 'extract-min', value: null }) }),
    apply: (state, f, value) => {
      if (f === 'insert') return { result: value, state: [...state, value as Element] };
      const least = state.reduce<Element | undefined>((best, element) => (best === undefined || priority(element) < priority(best) ? element : best), undefined);
      return { result: least ?? null, state: state.filter((element) => element !== least) };
    },
    edit: (draft, salt) => (draft.f === 'insert' ? draft.result : elements === 'numbers' ? other(draft, salt) : salt === 0 ? null : [salt % 3, 1 + (salt % 7)]),
  };
}

/** Another answer of a removal: nothing, or a small number. */
function other({ result }: Draft, salt: number): unknown {
  return salt === 0 ? (result === null ? 1 : null) : salt;
}

/**
 * Histories that no machine made: intervals at random, and answers that are drawn from the elements, each at most once. They are rarely linearizable by
 * chance if long, but often enough if short, and go through what an edit never reaches.
 */
export function anyHistory(insert: string, remove: string, elements: readonly unknown[], options: { readonly maxOps: number; readonly open: boolean }): fc.Arbitrary<readonly Op[]> {
  const call = fc.record({ inserts: fc.boolean(), begin: fc.nat({ max: 60 }), length: fc.oneof(fc.nat({ max: 6 }), fc.nat({ max: 40 })), fate: fc.nat({ max: options.open ? 11 : 1000 }), empty: fc.nat({ max: 5 }) });
  return fc.tuple(fc.array(call, { minLength: 2, maxLength: options.maxOps }), fc.shuffledSubarray([...elements], { minLength: elements.length })).map(([calls, shuffled]) => {
    const inserts = calls.filter(({ inserts }) => inserts).length;
    const answers = shuffled.filter((element) => elements.indexOf(element) < inserts);
    let inserted = 0;
    const drafts = calls.map((one, i) => {
      const value = one.inserts ? elements[inserted++] : null;
      const answer = one.inserts ? value : one.empty === 0 ? null : (answers.pop() ?? null);
      return { ...one, i, value, answer };
    });
    const ends = drafts.flatMap((draft) => [{ at: draft.begin, end: false, draft }, ...(draft.fate === 0 ? [] : [{ at: draft.begin + draft.length + 0.5, end: true, draft }])]);
    ends.sort((a, b) => a.at - b.at || a.draft.i - b.draft.i);
    return ends.map(({ end, draft }, index): Op => {
      const { i, value, answer } = draft;
      const type = !end ? 'invoke' : draft.fate === 1 ? 'info' : 'ok';
      return { index, time: index * 1000, process: i, type, f: draft.inserts ? insert : remove, value: type === 'ok' ? answer : value };
    });
  });
}

/** The columns of a history of one object; operations that failed only make an empty one. */
export function historyColumns(ops: readonly Op[]): ObjectHistory {
  const [history] = objectsOf(tableOf(operationsOf(ops)), 'judge', []);
  if (history === undefined) throw new Error('a history without operations');
  return history;
}
