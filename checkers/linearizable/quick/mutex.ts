import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { invalid, nameOf, NONE, OpHeap, told } from './shared.js';

/**
 * A lock without owners, exactly, for any history, in O(n log n). Nothing takes effect before a completion forces it. If the operation that ends cannot, as the
 * lock is in the wrong state, one operation of the other kind takes effect just before: of the open ones, the one that ends first (indeterminate ones last).
 * If there is none, the history is invalid.
 *
 * Why that is exact. If the greedy procedure gets through, it has built a linearization. Otherwise compare it with any linearization, cut off at the same completion x,
 * behind all that had ended by then. Claim: the greedy one has executed at most as many acquires, and at most as many releases, as the other. By induction over
 * forced steps, for a step forced by an acquire x (releases are symmetric): let e be the last moment at which greedy executed an acquire that ends later than x,
 * if there is one. Acquires that greedy executed since e were forced by their own end, and, as x, were invoked after e: had they been open at e, ending sooner, they would have been
 * taken instead. So the other order has, besides as many as greedy had at e, all of these and x: at least one more than greedy had before x. Without such
 * a moment all that greedy executed had ended, and the other order contains it and x. If the lock is free, that is the claim for x. If it is held, the
 * other order needs as many releases between: executed acquires less executed releases are 0 or 1 in both orders, so it has at least one more release than greedy,
 * which proves the claim after greedy takes one. And if greedy finds none, it had executed every release invoked so far, and the other order cannot have one more.
 */
export function mutexQuick(history: ObjectHistory, initial: unknown): Quick {
  const { events, f, ret } = history;
  const acquire = nameOf(history, 'acquire');
  const open = [new OpHeap(ret), new OpHeap(ret)] as const;
  const done = new Uint8Array(history.size);
  let held = initial === true;
  let last = NONE;
  for (const event of events) {
    const op = event >> 1;
    const kind = f[op] === acquire ? 1 : 0;
    if ((event & 1) === 0) {
      open[kind].push(op);
      continue;
    }
    if (done[op] === 1) continue;
    if (held === (kind === 1)) {
      const helper = nextOpen(open[1 - kind] as OpHeap, done);
      if (helper === NONE) return refused(history, op, kind === 1, last);
      done[helper] = 1;
    } else held = !held;
    done[op] = 1;
    last = op;
  }
  return { kind: 'valid' };
}

function nextOpen(heap: OpHeap, done: Uint8Array): number {
  let op = heap.pop();
  while (op !== NONE && done[op] === 1) op = heap.pop();
  return op;
}

function refused(history: ObjectHistory, op: number, acquires: boolean, last: number): Quick {
  const before = last === NONE ? (acquires ? 'it was held from the start' : 'it was free from the start') : `the last before that was ${told(history, last)}`;
  const sometimes = history.ret.includes(PENDING) ? ', those of unknown outcome among them,' : '';
  return acquires
    ? invalid('double-grant', `The lock was granted while it was held: ${told(history, op)}; ${before}, and all releases that began by then${sometimes} are needed by earlier grants.`, [last, op])
    : invalid('release-of-free', `The lock was released while it was free: ${told(history, op)}; ${before}, and all grants that began by then${sometimes} are followed by other releases.`, [last, op]);
}
