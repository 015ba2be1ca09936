import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import type { Elements } from './queue-elements.js';
import { argumentId, invalid, NONE, told } from './shared.js';

const BEGINS = 0;
const ENDS = 1;

/** An element that must have been taken before another one's dequeue ended, though nobody is known to have taken it. */
interface Deadline {
  readonly element: number;
  /** The element enqueued after it that was taken, of those the one whose dequeue ends first. */
  readonly by: number;
}

/** Two elements whose enqueues and dequeues are in opposite order for certain: inTo(a) < inFrom(b), but outTo(b) < outFrom(a), where a was taken too. One pass in order of time. */
export function outOfOrder(history: ObjectHistory, elements: Elements): Quick | undefined {
  const { inTo, outFrom, outTo, enqueue, dequeue } = elements;
  // Of the elements that went in for certain so far: the one that comes out last.
  let latest = NONE;
  for (const entry of byTime(history, elements)) {
    const element = entry >> 1;
    if ((entry & 1) === ENDS) {
      if (outTo[element] !== PENDING && (latest === NONE || (outFrom[element] as number) > (outFrom[latest] as number))) latest = element;
      continue;
    }
    if (latest === NONE || (outTo[element] as number) >= (outFrom[latest] as number)) continue;
    const [a, b] = [latest, element];
    const [putA, putB, takenA, takenB] = [enqueue[a], enqueue[b], dequeue[a], dequeue[b]] as [number, number, number, number];
    const proof = inTo[a] === history.ret[putA] ? 'ended' : 'must have taken effect';
    return invalid(
      'out-of-order',
      `${nameOf(history, putA)} went in before ${nameOf(history, putB)} (${told(history, putA)} ${proof} before ${told(history, putB)} began), but came out after it: ${told(history, takenB)} had ended before ${told(history, takenA)} began.`,
      [putA, putB, takenB, takenA],
    );
  }
  return undefined;
}

/** Elements that nobody is known to have taken and that were enqueued before one that was taken. One pass against time. */
function deadlines(history: ObjectHistory, elements: Elements): Deadline[] {
  const { outTo } = elements;
  const found: Deadline[] = [];
  let by = NONE;
  for (const entry of byTime(history, elements).reverse()) {
    const element = entry >> 1;
    if ((entry & 1) === BEGINS) {
      if (outTo[element] !== PENDING && (by === NONE || (outTo[element] as number) < (outTo[by] as number))) by = element;
    } else if (outTo[element] === PENDING && by !== NONE) found.push({ element, by });
  }
  return found;
}

/** More elements that must have gone by some time than there are dequeues of unknown result that can have taken them by then. */
export function tooManyGone(history: ObjectHistory, elements: Elements): Quick | undefined {
  const { outTo, enqueue, dequeue, unknown } = elements;
  const sorted = deadlines(history, elements).sort((a, b) => (outTo[a.by] as number) - (outTo[b.by] as number));
  const missing = sorted.findIndex(({ by }, i) => unknown[i] === undefined || (history.inv[unknown[i]] as number) > (outTo[by] as number));
  const lost = sorted[missing];
  if (lost === undefined) return undefined;
  const { element, by } = lost;
  const [put, later, taken] = [enqueue[element], enqueue[by], dequeue[by]] as [number, number, number];
  const others = sorted.slice(0, missing);
  const spare = missing === 0 ? 'no dequeue can have taken it' : 'the dequeues of unknown result that can have taken it are needed for others';
  return invalid(
    'lost-element',
    `${nameOf(history, put)} is lost: ${told(history, put)} had ended before ${told(history, later)} began, which came out by ${told(history, taken)}; ${spare}.`,
    [put, later, taken, ...others.flatMap((other) => [enqueue[other.element], enqueue[other.by], dequeue[other.by]] as [number, number, number]), ...unknown.slice(0, missing)],
  );
}

/** Beginnings (inFrom) and certain ends (inTo) of going in, in order of time: twice the element, and one more for an end. */
function byTime({ positions }: ObjectHistory, { inFrom, inTo, size }: Elements): Int32Array {
  const at = new Int32Array(positions).fill(NONE);
  for (let element = 0; element < size; element++) {
    at[inFrom[element] as number] = 2 * element + BEGINS;
    at[inTo[element] as number] = 2 * element + ENDS;
  }
  return at.filter((entry) => entry !== NONE);
}

function nameOf(history: ObjectHistory, enqueue: number): string {
  return showValue(history.values.value(argumentId(history, enqueue)));
}
