import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { emptyWhileFilled } from './queue-empty.js';
import { elementsOf, type Elements } from './queue-elements.js';
import { deadlines, outOfOrder, tooManyGone } from './queue-order.js';
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
 * *Empty.* See emptyWhileFilled. Between two places where the queue can have been empty stand the elements with inTo between them; cutting intervals off there adds nothing to <in or <out
 * among them, and no element of an earlier stretch is behind one of a later one. So both conditions together suffice.
 *
 * *Dequeues of unknown result* may never have happened; without them the history is judged first. If it is invalid then: order patterns of dequeues that are known remain. An element that
 * nobody is known to have taken, though one that was enqueued later was taken by b, must have gone before b ended: each such element needs a dequeue of unknown result of its own, begun by
 * then. Sorted deadlines are matched with sorted beginnings (if any matching exists, so does this one); with it all pairs are in order. Necessary and sufficient where nobody found the
 * queue empty; where somebody did and the elements at fault may have been taken by such a dequeue, the search decides.
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
  const { unknown, empties } = elements;
  const late = fifo ? deadlines(history, elements) : [];
  const order = fifo ? (outOfOrder(history, elements) ?? tooManyGone(history, elements, late)) : undefined;
  if (order !== undefined) return order;
  const certain = emptyWhileFilled(history, takenOnly(elements, unknown.length > 0));
  if (certain !== undefined) return certain;
  if (unknown.length === 0 || empties.length === 0) return { kind: 'valid' };
  // None of the dequeues of unknown result needs to have happened.
  if (late.length === 0 && emptyWhileFilled(history, elements) === undefined) return { kind: 'valid' };
  return notApplicable('dequeues of unknown result may have emptied it');
}

/** The elements that are in for certain between inTo and outFrom: if `only`, those that somebody is known to have taken. */
function takenOnly(elements: Elements, only: boolean): Elements {
  if (!only) return elements;
  const inTo = elements.inTo.map((at, element) => (elements.outTo[element] === PENDING ? PENDING : at));
  return { ...elements, inTo };
}
