import { OUTCOME, type Anomaly, type Operation } from '../../src/index.js';
import { canonical } from '../shared/canonical.js';
import { eventsOf, listOf, showCall, showOperation, showValue } from '../shared/words.js';
import { entryOf, same, type Entry } from './entries.js';
import type { RegisterRole } from './model.js';
import type { ObjectHistory } from './object-history.js';
import type { BlockEnds as BlockEndNumbers, UniqueChecker, UniqueFault as FaultNumbers } from './unique.js';

/** What is wrong, in words, and the operations it takes to see it: they alone are impossible. */
export interface Explanation {
  readonly anomaly: Omit<Anomaly, 'key'>;
  readonly operations: readonly Operation[];
}

/** The faults of unique.ts with their operations and values in place of numbers. */
type UniqueFault =
  | { readonly kind: 'never-written'; readonly seen: Entry; readonly value: unknown }
  | { readonly kind: 'consumed-twice'; readonly first: Entry; readonly second: Entry; readonly value: unknown; readonly writer: Entry | undefined }
  | { readonly kind: 'cas-cycle'; readonly cas: readonly Entry[] }
  | { readonly kind: 'too-early'; readonly earlier: Entry; readonly later: Entry; readonly chain: readonly Entry[] }
  | { readonly kind: 'crossed'; readonly a: BlockEnds; readonly b: BlockEnds };

interface BlockEnds {
  readonly firstEnd: Entry | undefined;
  readonly lastBegin: Entry;
  readonly firstValue: unknown;
  readonly lastValue: unknown;
  readonly chain: readonly Entry[];
}

/** Explains a fault of a register with unique values that `checker` has just found in a history. */
export function explainUnique(fault: FaultNumbers, checker: UniqueChecker, history: ObjectHistory, roles: Readonly<Record<string, RegisterRole>>): Explanation {
  const entries = new Map<number, Entry>();
  const numbers = new Map<Operation, number>();
  const entry = (op: number): Entry => {
    const known = entries.get(op);
    if (known !== undefined) return known;
    const made = entryOf(history, op);
    entries.set(op, made);
    numbers.set(made.operation, op);
    return made;
  };
  const told = tell(resolved(fault, checker, entry), () => failedOperations(history), roles);
  const operations = new Set(told.operations);
  const reasons: string[] = [];
  // A Set hands out what is added during the iteration too: what proves an operation may need a proof itself.
  for (const operation of operations) {
    const by = checker.proofOf(numbers.get(operation) ?? -1);
    if (by === undefined || operations.has(entry(by).operation)) continue;
    operations.add(entry(by).operation);
    reasons.push(`${showCall(operation)}, whose outcome is unknown, must have happened, as ${showOperation(entry(by).operation)} saw its value`);
  }
  const message = reasons.length === 0 ? told.anomaly.message : `${told.anomaly.message} (${listOf(reasons, 4)}.)`;
  return explanation(told.anomaly.kind, message, [...operations].sort((a, b) => a.invoke.index - b.invoke.index));
}

function resolved(fault: FaultNumbers, checker: UniqueChecker, entry: (op: number) => Entry): UniqueFault {
  const ends = (block: BlockEndNumbers): BlockEnds => ({
    firstEnd: block.firstEnd < 0 ? undefined : entry(block.firstEnd),
    lastBegin: entry(block.lastBegin),
    firstValue: checker.value(block.firstValue),
    lastValue: checker.value(block.lastValue),
    chain: block.chain.map(entry),
  });
  switch (fault.kind) {
    case 'never-written': return { kind: fault.kind, seen: entry(fault.seen), value: checker.value(fault.value) };
    case 'consumed-twice': return { kind: fault.kind, first: entry(fault.first), second: entry(fault.second), value: checker.value(fault.value), writer: fault.writer < 0 ? undefined : entry(fault.writer) };
    case 'cas-cycle': return { kind: fault.kind, cas: fault.cas.map(entry) };
    case 'too-early': return { kind: fault.kind, earlier: entry(fault.earlier), later: entry(fault.later), chain: fault.chain.map(entry) };
    case 'crossed': return { kind: fault.kind, a: ends(fault.a), b: ends(fault.b) };
  }
}

/** Operations on the object that certainly had no effect. */
function failedOperations({ table, key }: ObjectHistory): readonly Operation[] {
  const failed: Operation[] = [];
  for (let row = 0; row < table.size; row++) {
    if (table.outcome[row] === OUTCOME.fail && table.keys[table.key[row] as number] === key) failed.push(table.operation(row));
  }
  return failed;
}

function tell(fault: UniqueFault, failed: () => readonly Operation[], roles: Readonly<Record<string, RegisterRole>>): Explanation {
  switch (fault.kind) {
    case 'never-written': return neverWritten(fault, failed(), roles);
    case 'consumed-twice': return consumedTwice(fault);
    case 'cas-cycle': return casCycle(fault);
    case 'too-early': return tooEarly(fault);
    case 'crossed': return crossed(fault);
  }
}

function neverWritten({ seen, value }: Extract<UniqueFault, { kind: 'never-written' }>, failed: readonly Operation[], roles: Readonly<Record<string, RegisterRole>>): Explanation {
  const aborted = failed.find(({ invoke }) => same(written(roles[invoke.f], invoke.value), value));
  if (aborted === undefined) return explanation('phantom-value', `${name(seen)} saw ${showValue(value)}, which nobody ever wrote.`, [seen.operation]);
  return explanation(
    'aborted-write-seen',
    `${name(seen)} saw ${showValue(value)}, whose only writer, ${showOperation(aborted)}, had answered that it certainly took no effect.`,
    [aborted, seen.operation],
  );
}

function written(role: RegisterRole | undefined, value: unknown): unknown {
  if (role === 'write') return value;
  return role === 'cas' && Array.isArray(value) ? value[1] : undefined;
}

function consumedTwice({ first, second, value, writer }: Extract<UniqueFault, { kind: 'consumed-twice' }>): Explanation {
  return explanation(
    'lost-update',
    `${name(first)} and ${name(second)} both replaced the value ${showValue(value)}, which was there only once: ${origin(writer)}. After the first of them it was gone.`,
    [...(writer === undefined ? [] : [writer.operation]), first.operation, second.operation],
  );
}

function casCycle({ cas }: Extract<UniqueFault, { kind: 'cas-cycle' }>): Explanation {
  return explanation(
    'cyclic-cas',
    `${listOf(cas.map(name))} need each other's values in a circle: none of them can have been the first.`,
    cas.map((entry) => entry.operation),
  );
}

function tooEarly({ earlier, later, chain }: Extract<UniqueFault, { kind: 'too-early' }>): Explanation {
  const forced = chain.filter((entry) => entry !== later).map((entry) => showCall(entry.operation));
  const operations = [earlier, ...chain.filter((entry) => entry !== later), later].map((entry) => entry.operation);
  const ended = `had ended at #${later.ret}, before ${name(earlier)} began`;
  if (earlier.op.f === 'read') {
    const by = forced.length === 0 ? showCall(later.operation) : forced[0];
    return explanation('stale-read', `${name(earlier)} saw a value that ${by ?? ''} had replaced: ${name(later)} ${ended}.`, operations);
  }
  const link = forced.length === 0 ? `the value of ${name(earlier)}` : `a value that came only after ${name(earlier)} (by ${forced.join(', ')})`;
  return explanation('future-read', `${name(later)} built on ${link}, but it ${ended}.`, operations);
}

/** Two blocks that must each come first: told as the value that comes back. */
function crossed({ a, b }: Extract<UniqueFault, { kind: 'crossed' }>): Explanation {
  const [old, other] = a.lastBegin.inv > b.lastBegin.inv ? [a, b] : [b, a];
  const late = old.lastBegin;
  const was = firstEvidence(old, other);
  const gone = `${nameOf(other.firstEnd)} had ended at #${other.firstEnd?.ret ?? 0} before that began`;
  const kind = late.op.f === 'read' ? 'stale-read' : late.op.f === 'cas' ? 'stale-cas' : 'write-order';
  const operations = [...old.chain, old.firstEnd, ...other.chain, other.lastBegin, other.firstEnd, late].flatMap((entry) => (entry === undefined ? [] : [entry.operation]));
  return explanation(
    kind,
    `${name(late)} ${late.op.f === 'write' ? 'put' : 'found'} ${showValue(needed(late, old))} in place, but ${gone}, with ${showValue(other.firstValue)} in place, which came after ${showValue(old.firstValue)}: ${was}. ${runs([old, other])}A value that was overwritten does not come back, as each was written once.`,
    [...new Set(operations)].sort((x, y) => x.invoke.index - y.invoke.index),
  );
}

/** Values of one block are not the same value: what ties them together is a run of cas. */
function runs(blocks: readonly BlockEnds[]): string {
  return blocks
    .filter(({ firstValue, lastValue }) => canonical(firstValue) !== canonical(lastValue))
    .map(({ firstValue, lastValue, chain }) => {
      const cas = chain.filter((entry) => entry.op.f === 'cas').map((entry) => showCall(entry.operation));
      return `${showValue(firstValue)} and ${showValue(lastValue)} belong to one run of cas (${listOf(cas, 4)}), which no write can enter. `;
    })
    .join('');
}

function firstEvidence(old: BlockEnds, other: BlockEnds): string {
  if (old.firstEnd === undefined) return `${showValue(old.firstValue)} is the initial value`;
  return `${name(old.firstEnd)} had ended at #${old.firstEnd.ret} before ${name(other.lastBegin)} began`;
}

function needed(late: Entry, block: BlockEnds): unknown {
  return late.op.f === 'cas' && Array.isArray(late.op.argument) ? (late.op.argument as readonly unknown[])[0] : block.lastValue;
}

function origin(writer: Entry | undefined): string {
  return writer === undefined ? 'it is the initial value and nobody wrote it again' : `written by ${name(writer)}`;
}

function nameOf(entry: Entry | undefined): string {
  return entry === undefined ? 'the initial value' : name(entry);
}

function name(entry: Entry): string {
  return showOperation(entry.operation);
}

function explanation(kind: string, message: string, operations: readonly Operation[]): Explanation {
  const unique = [...new Set(operations)];
  return { anomaly: { kind, message, ops: eventsOf(unique) }, operations: unique };
}
