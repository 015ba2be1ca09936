import type { ObjectHistory, Quick } from '../object-history.js';
import { emptyWhileFilled } from './queue-empty.js';
import { elementsOf } from './queue-elements.js';
import { outOfOrder, tooManyGone } from './queue-order.js';
import { notApplicable, startsFilled } from './shared.js';

/**
 * A first-in-first-out queue whose elements are enqueued once each, in O(n log n): the bad patterns of Henzinger, Sezgin & Vafeiadis (CONCUR 2013), with operations
 * of unknown outcome. Element x goes in within [inFrom, inTo] and comes out within [outFrom, outTo], where a known dequeue bounds its enqueue and the enqueue its dequeue.
 *
 * *Order.* a <in b if inTo(a) < inFrom(b), and a <out b if outTo(a) < outFrom(b): a linearization puts elements in an order that extends both. Such an order suffices where nobody
 * found the queue empty: along it, enqueue at the latest inFrom so far and dequeue at the latest outFrom so far; neither is behind the operation's own end, since then an earlier element
 * would have to be a later one; and as inFrom <= outFrom, in comes before out. It exists if no a <in b has b <out a. For take a shortest cycle of both relations: each is
 * transitive, so they alternate in it; if a <in b <out c <in d are different steps of it, then, as <in is an interval order, a <in d, which is shorter, or c <in b, which closes a cycle of two with b <out c.
 *
 * *Dequeues of unknown result* may have taken an element that nobody is known to have taken, or never have happened. One that is left after an element b that was enqueued later had been
 * taken must have gone before b's dequeue ended: that is its deadline. Each such element needs a dequeue of its own, begun by then. Sorted deadlines are matched with sorted
 * beginnings: if any matching exists, so does this one. It bounds outFrom of these elements by the beginning of their dequeue, so that all pairs are in order.
 *
 * *Empty.* Each moment at which the queue is to have been empty is one more deadline, for all that went in before it: see emptyWhileFilled. A deadline of order lies behind a moment g for elements that
 * went in behind g, as b went in behind them. So those with a deadline up to g are those that went in before g, and those with one up to a deadline of order d are, in the order in which they went in,
 * the longer of two prefixes: those of order, and those of the last moment before d. By Hall's theorem a matching of all exists if each deadline alone leaves enough dequeues. Between two
 * moments stand the elements with inTo between them; cutting intervals off there adds nothing to <in or <out among them, and no element of an earlier stretch must be behind one of a later one. So
 * all these conditions, one by one necessary, together suffice.
 */
export function fifoQuick(history: ObjectHistory, initial: unknown): Quick {
  return judge(history, initial, true);
}

/**
 * A bag whose elements are enqueued once each, in linear time: as fifoQuick, without the conditions on order. Every element's enqueue and dequeue are put on the same side of each place
 * where the bag can have been empty; nothing else relates two elements.
 */
export function bagQuick(history: ObjectHistory, initial: unknown): Quick {
  return judge(history, initial, false);
}

function judge(history: ObjectHistory, initial: unknown, fifo: boolean): Quick {
  if (startsFilled(initial)) return notApplicable('it was filled at the start');
  const elements = elementsOf(history);
  if ('kind' in elements) return elements;
  const order = fifo ? (outOfOrder(history, elements) ?? tooManyGone(history, elements)) : undefined;
  return order ?? emptyWhileFilled(history, elements) ?? { kind: 'valid' };
}
