import { listOf, showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import type { Elements } from './queue-elements.js';
import { argumentId, invalid, NONE, told } from './shared.js';

/**
 * Finds a dequeue that answered "empty" though at no moment between its ends everything can have been out. At a moment g
 *
 *   - no element that somebody is known to have taken may be in for certain: inTo < g < outFrom;
 *   - of the others, those with inTo < g must have been taken by dequeues of unknown result that began before g: there must be as many of these.
 *
 * That suffices, for any number of such moments at once. Put each element with inTo < g wholly before g (its outFrom is before g as well, if its dequeue is one that began before g) and all
 * others wholly behind. It agrees with any order demanded of elements: if a is put behind g and b before, inFrom(b) <= inTo(b) < g < inTo(a) <= outTo(a) and outFrom(b) < g < outTo(a), so that a need
 * not go in first, nor come out first. As elements are split by one number, inTo, splits at several moments agree. And at each moment as many dequeues as elements are enough,
 * since those who must be gone by an earlier moment are among those who must be gone by a later one, and the same holds of the dequeues that can have taken them (Hall).
 */
export function emptyWhileFilled(history: ObjectHistory, elements: Elements): Quick | undefined {
  if (elements.empties.length === 0) return undefined;
  const { positions, inv, ret } = history;
  const { inTo, outFrom, outTo, size, unknown } = elements;
  // Moment m lies between positions m and m + 1. Changes of how many are in for certain, and of how many need a dequeue of unknown result.
  const inside = new Int32Array(positions + 1);
  const owed = new Int32Array(positions + 1);
  for (let element = 0; element < size; element++) {
    const [from, to] = [inTo[element] as number, outFrom[element] as number];
    if (outTo[element] === PENDING) owed[from] = (owed[from] as number) + 1;
    else if (from < to) {
      inside[from] = (inside[from] as number) + 1;
      inside[to] = (inside[to] as number) - 1;
    }
  }
  for (const op of unknown) owed[inv[op] as number] = (owed[inv[op] as number] as number) - 1;
  const free = new Int32Array(positions + 1);
  for (let moment = 0, filled = 0, debt = 0; moment < positions; moment++) {
    filled += inside[moment] as number;
    debt += owed[moment] as number;
    free[moment + 1] = (free[moment] as number) + (filled === 0 && debt <= 0 ? 1 : 0);
  }
  const wrong = elements.empties.find((op) => free[ret[op] as number] === free[inv[op] as number]);
  return wrong === undefined ? undefined : explain(history, elements, wrong);
}

/** Names few elements that keep it filled for the whole of an operation: at each moment one that is in for certain and stays longest, or more than can have been taken. */
function explain(history: ObjectHistory, elements: Elements, empty: number): Quick {
  const { inTo, outFrom, outTo, enqueue, dequeue, unknown } = elements;
  const byStart = Array.from({ length: elements.size }, (_, element) => element).sort((a, b) => (inTo[a] as number) - (inTo[b] as number));
  const taken = byStart.filter((element) => outTo[element] !== PENDING);
  const left = byStart.filter((element) => outTo[element] === PENDING);
  const chosen: number[] = [];
  // Of those left, how many are chosen: the first ones; of the dequeues that can have taken them, how many had begun.
  let [stays, begun] = [0, 0];
  let [next, best, covered] = [0, NONE, NONE];
  for (let moment = history.inv[empty] as number; moment < (history.ret[empty] as number); moment++) {
    while (begun < unknown.length && (history.inv[unknown[begun] as number] as number) <= moment) begun++;
    for (; next < taken.length && (inTo[taken[next] as number] as number) <= moment; next++) {
      const element = taken[next] as number;
      if (best === NONE || (outFrom[element] as number) > (outFrom[best] as number)) best = element;
    }
    if (covered > moment || stays > begun) continue;
    const more = left[begun];
    const enough = more !== undefined && (inTo[more] as number) <= moment;
    if (best !== NONE && (outFrom[best] as number) > moment && !(enough && begun === 0)) {
      chosen.push(best);
      covered = outFrom[best] as number;
    } else stays = begun + 1;
  }
  const named = [...left.slice(0, stays), ...chosen];
  const names = listOf(named.map((element) => showValue(history.values.value(argumentId(history, enqueue[element] as number)))));
  const takers = stays > 1 ? ', more than dequeues of unknown result can have taken' : '';
  const operations = named.flatMap((element) => [enqueue[element] as number, dequeue[element] as number]);
  return invalid(
    'false-empty',
    `${told(history, empty)} found nothing, but at every moment of it something was in: ${names}${takers}.`,
    [...operations, ...unknown.slice(0, Math.max(0, stays - 1)), empty],
  );
}
