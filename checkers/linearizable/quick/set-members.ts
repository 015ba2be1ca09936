import { showValue } from '../../shared/words.js';
import { PENDING, type ObjectHistory, type Quick } from '../object-history.js';
import { argumentId, invalid, LocalIds, nameOf, NONE, notApplicable, resultId, told } from './shared.js';

/** What is known of one element; operations or NONE. */
interface Member {
  readonly value: number;
  adds: number;
  removes: number;
  add: number;
  remove: number;
  /** Of the questions that found it: the one that ended first and the one that began last. */
  firstFound: number;
  lastFound: number;
  /** The questions that did not. */
  readonly missed: number[];
}

/**
 * A set without whole reads is a product of its elements, each with its own operations, so it is linearizable if each element is (Herlihy & Wing). An element that is added and
 * removed at most once each is decided exactly, in linear time. It starts absent, so with A its addition, R its removal, and questions that found it (F) or missed it (M), an order is one of
 *
 *   1. no A: nothing found it, and R did not;
 *   2. A, but no R behind it: M and R in any order, then A, then F;
 *   3. A before R: some of M, A, F, R, the rest of M.
 *
 * Within the parts of one line any order will do, and order of parts agrees with real time if no operation ended before one of an earlier part began. In 3, put an m of M in front if
 * nothing of A, F, R ended before it began, else behind. A pair of M at odds with that, m2 behind and ended before m1 in front began, cannot be: m1 began before anything of A, F, R had ended,
 * so m2 did too and would be in front. What is indeterminate ends never, and may be left out: A in 1, R in 2. An addition answers true in 2 and 3, as it was absent;
 * R answers true in 3 only, false in 1 and 2 only. An element with more additions or removals is left to a search; but any element for which there is no order makes the set invalid.
 */
export function membersQuick(history: ObjectHistory): Quick {
  let skipped: string | undefined;
  for (const member of membersOf(history)) {
    if (member.adds > 1 || member.removes > 1) skipped ??= `${showValue(history.values.value(member.value))} is added or removed more than once`;
    else if (!possible(history, member)) return explain(history, member);
  }
  return skipped === undefined ? { kind: 'valid' } : notApplicable(skipped);
}

function membersOf(history: ObjectHistory): readonly Member[] {
  const [add, remove] = [nameOf(history, 'add'), nameOf(history, 'remove')];
  const yes = history.values.find(true);
  const ids = new LocalIds(history);
  const members: Member[] = [];
  for (let op = 0; op < history.size; op++) {
    const value = argumentId(history, op);
    const member = (members[ids.of(value)] ??= { value, adds: 0, removes: 0, add: NONE, remove: NONE, firstFound: NONE, lastFound: NONE, missed: [] });
    if (history.f[op] === add) {
      member.adds++;
      member.add = op;
    } else if (history.f[op] === remove) {
      member.removes++;
      member.remove = op;
    } else if (history.ret[op] !== PENDING && resultId(history, op) !== NONE) {
      if (resultId(history, op) === yes) found(history, member, op);
      else member.missed.push(op);
    }
  }
  return members;
}

function found({ ret }: ObjectHistory, member: Member, op: number): void {
  if (member.firstFound === NONE || (ret[op] as number) < (ret[member.firstFound] as number)) member.firstFound = op;
  // Operations come in order of invocation.
  member.lastFound = op;
}

function possible(history: ObjectHistory, member: Member): boolean {
  const [added, removed] = [answer(history, member.add), answer(history, member.remove)];
  const optional = (op: number): boolean => op === NONE || history.ret[op] === PENDING;
  if (optional(member.add) && member.firstFound === NONE && removed !== true) return true;
  if (member.add === NONE || added === false) return false;
  return (removed !== true && staysIn(history, member, optional(member.remove))) || (member.remove !== NONE && removed !== false && comesAndGoes(history, member));
}

/** Line 2: misses and the removal, unless it may be left out, then the addition, then the finds. */
function staysIn({ inv, ret }: ObjectHistory, { add, remove, firstFound, missed }: Member, withoutRemoval: boolean): boolean {
  const lastMissed = Math.max(inv[missed.at(-1) ?? NONE] ?? -1, withoutRemoval ? -1 : (inv[remove] as number));
  const firstFoundEnd = ret[firstFound] ?? PENDING;
  return lastMissed < Math.min(ret[add] as number, firstFoundEnd) && (inv[add] as number) < firstFoundEnd;
}

/** Line 3: some misses, the addition, the finds, the removal, the other misses. */
function comesAndGoes({ inv, ret }: ObjectHistory, { add, remove, firstFound, lastFound, missed }: Member): boolean {
  const firstFoundEnd = ret[firstFound] ?? PENDING;
  const lastFoundBegin = inv[lastFound] ?? -1;
  if ((inv[add] as number) > Math.min(firstFoundEnd, ret[remove] as number) || lastFoundBegin > (ret[remove] as number)) return false;
  const firstEnd = Math.min(ret[add] as number, firstFoundEnd, ret[remove] as number);
  const lastBegin = Math.max(inv[add] as number, lastFoundBegin, inv[remove] as number);
  return missed.every((op) => (inv[op] as number) < firstEnd || (ret[op] as number) > lastBegin);
}

/** What an operation answered, if it is to be judged. */
function answer(history: ObjectHistory, op: number): unknown {
  const result = op === NONE ? NONE : resultId(history, op);
  const value = result === NONE ? undefined : history.values.value(result);
  return typeof value === 'boolean' ? value : undefined;
}

/** Names the fewest operations of the element that are impossible, trying them in turn; questions that missed it are tried one by one and in pairs. */
function explain(history: ObjectHistory, member: Member): Quick {
  const { add, remove, firstFound, lastFound, missed } = member;
  const name = showValue(history.values.value(member.value));
  const kind = add === NONE && (firstFound !== NONE || remove !== NONE) ? 'never-added' : firstFound === NONE && missed.length === 0 ? 'wrong-answer' : missed.length > 0 ? 'lost-element' : 'stale-read';
  const culprits = missed.length <= 2 ? missed : fewestMissed(history, member);
  const operations = [add, remove, firstFound, lastFound, ...culprits].filter((op, i, all) => op !== NONE && all.indexOf(op) === i);
  const words = operations.map((op) => told(history, op)).join('; ');
  const why = kind === 'never-added' ? 'nobody added it' : 'there is no order of its addition, its removal and the questions for it that real time allows';
  return invalid(kind, `Element ${name}: ${why}: ${words}.`, operations);
}

/** Of the questions that missed the element, at most two that are impossible with the rest: the one that began last, one that must be in the middle, and so on. */
function fewestMissed(history: ObjectHistory, member: Member): readonly number[] {
  const impossible = (missed: number[]): boolean => !possible(history, { ...member, missed });
  const last = member.missed.at(-1) as number;
  if (impossible([])) return [];
  const alone = member.missed.find((op) => impossible([op]));
  if (alone !== undefined) return [alone];
  const other = member.missed.find((op) => impossible(op === last ? [op] : [op, last]));
  return other === undefined ? member.missed : [other, last];
}
