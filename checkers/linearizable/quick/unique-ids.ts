import { showValue } from '../../shared/words.js';
import type { ObjectHistory, Quick } from '../object-history.js';
import { invalid, LocalIds, NONE, notApplicable, resultId, startsFilled, told } from './shared.js';

/**
 * Identifiers, exactly, in linear time: valid if and only if no two answers are equal. If they all differ, any order will do; one that is not known may
 * have been another one still.
 */
export function uniqueIdsQuick(history: ObjectHistory, initial: unknown): Quick {
  if (startsFilled(initial)) return notApplicable('identifiers had been given before');
  const ids = new LocalIds(history);
  const given: number[] = [];
  for (let op = 0; op < history.size; op++) {
    const id = resultId(history, op);
    if (id === NONE) continue;
    const first = given[ids.find(id)];
    if (first !== undefined) {
      return invalid('duplicate-id', `${showValue(history.values.value(id))} was given twice: ${told(history, first)} and ${told(history, op)}.`, [first, op]);
    }
    given[ids.of(id)] = op;
  }
  return { kind: 'valid' };
}
