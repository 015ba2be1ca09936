import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { argumentId, invalid, LocalIds, nameOf, NONE, notApplicable, resultId, told } from './shared.js';

/** The elements of a queue or bag that matter, each enqueued once, with the times between which each went in and came out. */
export interface Elements {
  /** By element: the operations, or NONE: nobody is known to have taken it. */
  readonly enqueue: Int32Array;
  readonly dequeue: Int32Array;
  /** Positions between which it went in: at most its dequeue's completion. */
  readonly inFrom: Int32Array;
  readonly inTo: Int32Array;
  /** Positions between which it came out, at least its enqueue's invocation; PENDING: never, as far as is known. */
  readonly outFrom: Int32Array;
  readonly outTo: Int32Array;
  readonly size: number;
  /** Dequeues that found nothing, and those of which nothing is known, in order of invocation. */
  readonly empties: readonly number[];
  readonly unknown: readonly number[];
}

/**
 * Pairs enqueues and dequeues. An enqueue that is indeterminate and whose element nobody is known to have taken is dropped: take it, and the dequeue of unknown result that took the
 * element, out of a linearization, and one is left. A verdict if an element came from nowhere, came out twice, or came out before it went in; not applicable if one was enqueued twice.
 */
export function elementsOf(history: ObjectHistory): Elements | Quick {
  const { size, values, ret, inv, f } = history;
  const enqueues = nameOf(history, 'enqueue');
  const ids = new LocalIds(history);
  const put: number[] = [];
  const taken: number[] = [];
  for (let op = 0; op < size; op++) {
    if (f[op] !== enqueues) continue;
    const id = ids.of(argumentId(history, op));
    if (id < put.length) return notApplicable(`${showValue(values.value(argumentId(history, op)))} is enqueued more than once`);
    put.push(op);
    taken.push(NONE);
  }
  const empties: number[] = [];
  const unknown: number[] = [];
  const nothing = values.find(null);
  for (let op = 0; op < size; op++) {
    if (f[op] === enqueues) continue;
    const value = resultId(history, op);
    if (value === NONE && ret[op] !== PENDING) return notApplicable('a dequeue succeeded, but nobody knows with what');
    if (value === NONE || value === nothing) {
      (value === NONE ? unknown : empties).push(op);
      continue;
    }
    const id = ids.find(value);
    const name = showValue(values.value(value));
    if (id === NONE) return invalid('never-added', `${told(history, op)} gives ${name}, which nobody enqueued.`, [op]);
    const [enqueue, other] = [put[id] as number, taken[id] as number];
    if (other !== NONE) return invalid('duplicate-delivery', `${name} was enqueued once (${told(history, enqueue)}) and came out twice: ${told(history, other)} and ${told(history, op)}.`, [enqueue, other, op]);
    if ((ret[op] as number) < (inv[enqueue] as number)) return invalid('too-early', `${told(history, op)} had ended before ${told(history, enqueue)} began.`, [enqueue, op]);
    taken[id] = op;
  }
  return { ...bounds(history, put, taken), empties, unknown };
}

function bounds({ inv, ret }: ObjectHistory, put: readonly number[], taken: readonly number[]): Omit<Elements, 'empties' | 'unknown'> {
  const kept = put.flatMap((op, id) => (ret[op] === PENDING && taken[id] === NONE ? [] : [id]));
  const enqueue = Int32Array.from(kept, (id) => put[id] as number);
  const dequeue = Int32Array.from(kept, (id) => taken[id] as number);
  const out = (times: Int32Array, element: number): number => (dequeue[element] === NONE ? PENDING : (times[dequeue[element] as number] as number));
  const inFrom = enqueue.map((op) => inv[op] as number);
  const outTo = enqueue.map((_, element) => out(ret, element));
  return {
    enqueue, dequeue, inFrom, outTo,
    inTo: enqueue.map((op, element) => Math.min(ret[op] as number, outTo[element] as number)),
    outFrom: enqueue.map((_, element) => Math.max(out(inv, element), inFrom[element] as number)),
    size: kept.length,
  };
}
