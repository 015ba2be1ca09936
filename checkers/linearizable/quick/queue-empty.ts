import { listOf, showValue } from '../../shared/words.js';
import type { ObjectHistory, Quick } from '../object-history.js';
import type { Elements } from './queue-elements.js';
import { argumentId, invalid, NONE, told } from './shared.js';

/**
 * Finds a dequeue that answered "empty" though at every moment between its ends some element was in for certain: from inTo to outFrom. Otherwise there is a moment g in each of them, in no such
 * stretch of any element. Then put each element with inTo < g wholly before g (its outFrom is before g as well) and all others wholly behind. That agrees with
 * any order that is demanded of elements: if a is put behind g and b before, inFrom(b) <= inTo(b) < g < inTo(a) <= outTo(a) and outFrom(b) < g < outTo(a), so a need not go in first, nor come out first.
 * As elements are split by one number, inTo, splits at several moments agree with each other. Counting what is in at each moment takes linear time.
 */
export function emptyWhileFilled(history: ObjectHistory, elements: Elements): Quick | undefined {
  if (elements.empties.length === 0) return undefined;
  const { positions, inv, ret } = history;
  // Moment m lies between positions m and m + 1.
  const change = new Int32Array(positions + 1);
  for (let element = 0; element < elements.size; element++) {
    const from = elements.inTo[element] as number;
    const to = Math.min(elements.outFrom[element] as number, positions);
    if (from >= to) continue;
    change[from] = (change[from] as number) + 1;
    change[to] = (change[to] as number) - 1;
  }
  const free = new Int32Array(positions + 1);
  for (let moment = 0, inside = 0; moment < positions; moment++) {
    inside += change[moment] as number;
    free[moment + 1] = (free[moment] as number) + (inside === 0 ? 1 : 0);
  }
  const wrong = elements.empties.find((op) => free[ret[op] as number] === free[inv[op] as number]);
  return wrong === undefined ? undefined : explain(history, elements, wrong);
}

/** Names few elements that cover the whole of an operation: each time the one that is in for the longest from where the last one may have gone. */
function explain(history: ObjectHistory, elements: Elements, empty: number): Quick {
  const byStart = Array.from({ length: elements.size }, (_, element) => element).sort((a, b) => (elements.inTo[a] as number) - (elements.inTo[b] as number));
  const chosen: number[] = [];
  let at = history.inv[empty] as number;
  for (let next = 0, best = NONE; at < (history.ret[empty] as number); ) {
    for (; next < byStart.length && (elements.inTo[byStart[next] as number] as number) <= at; next++) {
      const element = byStart[next] as number;
      if (best === NONE || (elements.outFrom[element] as number) > (elements.outFrom[best] as number)) best = element;
    }
    if (best === NONE || (elements.outFrom[best] as number) <= at) break;
    chosen.push(best);
    at = elements.outFrom[best] as number;
  }
  const names = listOf(chosen.map((element) => showValue(history.values.value(argumentId(history, elements.enqueue[element] as number)))));
  const operations = chosen.flatMap((element) => [elements.enqueue[element] as number, elements.dequeue[element] as number]);
  return invalid(
    'false-empty',
    `${told(history, empty)} found nothing, but at every moment of it something was in: ${names}.`,
    [...operations, empty],
  );
}
