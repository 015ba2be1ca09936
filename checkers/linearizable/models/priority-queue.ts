import { canonical } from '../../../src/index.js';
import type { Model } from '../model.js';
import { priorityOf, quickPriorityQueue } from '../quick/priority-queue.js';

/** The elements that are there, as canonical texts, sorted. */
type Content = readonly string[];

/**
 * A priority queue: the element with the least number comes first; among equal priorities any may. An element is its own priority, or a pair
 * [priority, value]. `initial`: a list of elements.
 *
 * An extract-min whose answer is not known may take any of the first elements. The state therefore is the list of all contents that are
 * possible, which makes one sequential specification of a choice: an answer is possible if it is possible in one of them.
 */
export const priorityQueue: Model<readonly Content[]> = {
  name: 'priority-queue',
  description: 'A priority queue: elements are inserted, and the least is taken.',
  operations: {
    insert: 'a number, which is its own priority, or [priority, value] -> anything',
    'extract-min': 'null -> an element with the least priority of those that are there; null if there are none',
  },
  init: (initial) => [(Array.isArray(initial) ? initial.map(canonical) : []).sort()],
  complaint: (op) => (op.f === 'insert' && priorityOf(op.argument) === undefined ? 'an element of a priority queue is a number or [number, value]' : undefined),
  step: (state, op) => {
    if (op.f === 'insert') return distinct(state.map((content) => [...content, canonical(op.argument)].sort()));
    const next = distinct(state.flatMap((content) => extract(content, op.result)));
    return next.length > 0 ? next : undefined;
  },
  key: canonical,
  observes: (op) => op.f === 'extract-min' && op.result === null,
  silent: ['insert'],
  quick: quickPriorityQueue,
};

/** The contents after an extraction; `result` undefined: with any answer. */
function extract(content: Content, result: unknown): readonly Content[] {
  if (content.length === 0) return result === undefined || result === null ? [content] : [];
  if (result === null) return [];
  const least = Math.min(...content.map(priority));
  const firsts = content.filter((element, i) => priority(element) === least && element !== content[i - 1]);
  return firsts.filter((element) => result === undefined || element === canonical(result)).map((element) => content.toSpliced(content.indexOf(element), 1));
}

function priority(element: string): number {
  return priorityOf(JSON.parse(element)) ?? Infinity;
}

function distinct(contents: readonly Content[]): readonly Content[] {
  if (contents.length < 2) return contents;
  return [...new Map(contents.map((content): [string, Content] => [canonical(content), content])).values()].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}
