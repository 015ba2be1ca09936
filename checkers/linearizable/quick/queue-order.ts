import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import type { Elements } from './queue-elements.js';
import { argumentId, invalid, NONE, told } from './shared.js';

/** An element that must have been taken before another one's dequeue ended, though nobody is known to have taken it. */
export interface Deadline {
  readonly element: number;
  /** The element enqueued after it that was taken, of those the one whose dequeue ends first. */
  readonly by: number;
}

/** Two elements whose enqueues and dequeues are in opposite order for certain: inTo(a) < inFrom(b), but outTo(b) < outFrom(a), where a was taken too. One pass in order of time. */
export function outOfOrder(history: ObjectHistory, elements: Elements): Quick | undefined {
  const { inTo, outFrom, outTo, enqueue, dequeue } = elements;
  // Of the elements that went in for certain so far: the one that comes out last.
  let latest = NONE;
  for (const [element, first] of byTime(history, elements)) {
    if (!first) {
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
export function deadlines(history: ObjectHistory, elements: Elements): readonly Deadline[] {
  const { outTo } = elements;
  const found: Deadline[] = [];
  let by = NONE;
  for (const [element, first] of byTime(history, elements).toReversed()) {
    if (first) {
      if (outTo[element] !== PENDING && (by === NONE || (outTo[element] as number) < (outTo[by] as number))) by = element;
    } else if (outTo[element] === PENDING && by !== NONE) found.push({ element, by });
  }
  return found;
}

/** More elements that must have gone by some time than there are dequeues of unknown result that can have taken them by then. */
export function tooManyGone(history: ObjectHistory, elements: Elements, late: readonly Deadline[]): Quick | undefined {
  const { outTo, enqueue, dequeue, unknown } = elements;
  const sorted = [...late].sort((a, b) => (outTo[a.by] as number) - (outTo[b.by] as number));
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

/** Beginnings (true: inFrom) and certain ends (false: inTo) of going in, in order of time. */
function byTime({ positions }: ObjectHistory, { inFrom, inTo, size }: Elements): readonly (readonly [number, boolean])[] {
  const at = new Int32Array(positions);
  for (let element = 0; element < size; element++) {
    at[inFrom[element] as number] = element + 1;
    at[inTo[element] as number] = -element - 1;
  }
  const sequence: (readonly [number, boolean])[] = [];
  for (const entry of at) if (entry !== 0) sequence.push([Math.abs(entry) - 1, entry > 0]);
  return sequence;
}

function nameOf(history: ObjectHistory, enqueue: number): string {
  return showValue(history.values.value(argumentId(history, enqueue)));
}
