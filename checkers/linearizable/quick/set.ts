import type { ObjectHistory, Quick } from '../object-history.js';
import { membersQuick } from './set-members.js';
import { readsQuick } from './set-reads.js';
import { nameOf, notApplicable, startsFilled } from './shared.js';

/**
 * Sets, in time linear in the operations and the sizes of whole reads. Without whole reads every element is an object of its own; with whole reads and nothing but
 * additions, the reads order everything. Anything else is left to a search.
 */
export function setQuick(history: ObjectHistory, initial: unknown): Quick {
  if (startsFilled(initial)) return notApplicable('it was filled at the start');
  const [read, remove, contains] = [nameOf(history, 'read'), nameOf(history, 'remove'), nameOf(history, 'contains')];
  let [reads, others] = [false, false];
  for (const f of history.f) {
    if (f === read) reads = true;
    else if (f === remove || f === contains) others = true;
  }
  if (!reads) return membersQuick(history);
  return others ? notApplicable('whole reads beside removals or questions for one element') : readsQuick(history);
}
