import { showOperation } from '../../shared/words.js';
import { operationOf, PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { ElementIds } from './element-ids.js';

/**
 * What a history of a container of unique elements says of each: bounds of the instants at which it came and went. Bounds are positions of the
 * history plus `start`: the initial elements came before, one after the other. What nothing is known to have taken goes after the last position.
 *
 * In every linearization an element comes before it goes, hence `cameBy` is made at most `goneBy`, and `goesFrom` at least `comesFrom`.
 * An insertion that is indeterminate is left out if no answer gave its element: it may not have happened, and if it did then the same order of
 * operations without it, and without an indeterminate removal that took its element, is as legal, as every answer finds the same elements but this one.
 * It happened before `goneBy` if an answer gave its element.
 */
export interface Lifetimes {
  readonly count: number;
  /** The operation that put the element there; -1: it was there from the beginning. */
  readonly insert: Int32Array;
  /** The operation that answered it; -1: none. */
  readonly remove: Int32Array;
  /** It came after this position, and before `cameBy`. */
  readonly comesFrom: Int32Array;
  readonly cameBy: Int32Array;
  /** It went after this position, and before `goneBy`. */
  readonly goesFrom: Int32Array;
  readonly goneBy: Int32Array;
  readonly start: number;
  /** The first position after the history. */
  readonly end: number;
  /** Removals that found nothing. */
  readonly empties: readonly number[];
  /** Removals that may have taken any element, or none. */
  readonly open: readonly number[];
}

/** How a container names its operations: `push` and `pushed`. */
export interface Words {
  readonly insert: string;
  readonly inserted: string;
  readonly remove: string;
  readonly removed: string;
}

/** A reason why an algorithm has nothing to say, or a violation. */
export type Refusal = Exclude<Quick, { kind: 'valid' }>;

/** Reads the lifetimes, unless elements repeat or an element alone is impossible: answered but never inserted, twice, or too early. */
export function lifetimesOf(history: ObjectHistory, initial: unknown, words: Words): Lifetimes | Refusal {
  const given = Array.isArray(initial) ? (initial as readonly unknown[]) : [];
  const ids = new ElementIds(history.values, history.size);
  const insert: number[] = given.map(() => -1);
  if (given.some((value) => value === null || value === undefined)) return notApplicable('null was there from the beginning');
  if (!given.every((value, element) => ids.setValue(value, element))) return notApplicable('an element was there twice from the beginning');
  const reason = readInsertions(history, words, ids, insert);
  if (reason !== undefined) return notApplicable(reason);
  const remove = new Int32Array(insert.length).fill(-1);
  const rest: Rest = { start: 2 * given.length, empties: [], open: [] };
  return readRemovals(history, words, ids, insert, remove, rest) ?? boundsOf(history, words, insert, remove, rest);
}

/** The parts of a container's name of kinds and sentences: `never-pushed`. */
export function violation(history: ObjectHistory, kind: string, operations: readonly number[], say: (texts: readonly string[]) => string): Refusal {
  const known = [...new Set(operations)].filter((op) => op >= 0).sort((a, b) => a - b);
  const texts = operations.map((op) => (op < 0 ? '' : showOperation(operationOf(history, op))));
  return { kind: 'invalid', violation: { kind, message: say(texts), operations: known } };
}

export function notApplicable(reason: string): Refusal {
  return { kind: 'not-applicable', reason };
}

interface Rest {
  readonly start: number;
  readonly empties: number[];
  readonly open: number[];
}

/** Numbers the elements that are inserted; gives the reason why not. */
function readInsertions({ size, names, f, argument, argument2, values }: ObjectHistory, words: Words, ids: ElementIds, insert: number[]): string | undefined {
  const nothing = values.find(null);
  for (let op = 0; op < size; op++) {
    const name = names[f[op] as number];
    if (name === words.remove) continue;
    if (name !== words.insert) return `there is an operation that is neither ${words.insert} nor ${words.remove}`;
    const [first, second] = [argument[op] as number, argument2[op] as number];
    if (first === nothing && second < 0) return `null was ${words.inserted}`;
    if (!ids.set(first, second, insert.length)) return `an element was ${words.inserted} twice`;
    insert.push(op);
  }
  return undefined;
}

/** Finds which removal answered which element. */
function readRemovals(history: ObjectHistory, words: Words, ids: ElementIds, insert: readonly number[], remove: Int32Array, { empties, open }: Rest): Refusal | undefined {
  const { size, names, f, ret, result, result2, values } = history;
  const nothing = values.find(null);
  for (let op = 0; op < size; op++) {
    if (names[f[op] as number] !== words.remove) continue;
    const [first, second] = [result[op] as number, result2[op] as number];
    if (ret[op] === PENDING) {
      open.push(op);
      continue;
    }
    if (first < 0 || (second < 0 && values.value(first) === undefined)) return notApplicable(`the answer of a ${words.remove} is not known`);
    if (first === nothing && second < 0) {
      empties.push(op);
      continue;
    }
    const element = ids.get(first, second);
    if (element < 0) return violation(history, `never-${words.inserted}`, [op], ([text]) => `${text} answered an element that was never ${words.inserted}.`);
    const before = remove[element] as number;
    if (before >= 0) {
      const by = insert[element] as number;
      return violation(history, `${words.removed}-twice`, [before, op, by], ([one, two, come]) => `${one} and ${two} both answered an element that was ${words.inserted} once${come === '' ? ', from the beginning' : `, by ${come}`}.`);
    }
    remove[element] = op;
  }
  return undefined;
}

function boundsOf(history: ObjectHistory, words: Words, insertOf: readonly number[], removeOf: Int32Array, rest: Rest): Lifetimes | Refusal {
  const { inv, ret } = history;
  const { start } = rest;
  const end = start + history.positions;
  const elements: number[] = [];
  for (let element = 0; element < removeOf.length; element++) {
    const insert = insertOf[element] as number;
    if ((removeOf[element] as number) >= 0 || insert < 0 || ret[insert] !== PENDING) elements.push(element);
  }
  const column = (): Int32Array => new Int32Array(elements.length);
  const made = { count: elements.length, insert: column(), remove: column(), comesFrom: column(), cameBy: column(), goesFrom: column(), goneBy: column(), end, ...rest };
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i] as number;
    const insert = (made.insert[i] = insertOf[element] as number);
    const remove = (made.remove[i] = removeOf[element] as number);
    const comesFrom = (made.comesFrom[i] = insert < 0 ? 2 * element : start + (inv[insert] as number));
    const goneBy = (made.goneBy[i] = remove < 0 ? end + 1 : start + (ret[remove] as number));
    if (goneBy < comesFrom) return violation(history, `${words.removed}-too-early`, [remove, insert], ([went, came]) => `${went} answered an element before ${came} began.`);
    const completed = insert < 0 ? comesFrom + 1 : ret[insert] === PENDING ? goneBy : start + (ret[insert] as number);
    made.cameBy[i] = Math.min(completed, goneBy);
    made.goesFrom[i] = Math.max(comesFrom, remove < 0 ? end : start + (inv[remove] as number));
  }
  return made;
}

/** The operations on some elements; and the first removal of unknown outcome, if it may have taken one of them. */
export function operationsOf({ insert, remove, open }: Lifetimes, elements: readonly number[]): readonly number[] {
  const known = elements.flatMap((element) => [insert[element] as number, remove[element] as number]).filter((op) => op >= 0);
  return elements.some((element) => (remove[element] as number) < 0) ? [...known, ...open.slice(0, 1)] : known;
}
