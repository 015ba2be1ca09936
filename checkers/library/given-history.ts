import { FaultlineError, History, type Key, type Op, type OpType, type Operation } from '../../src/index.js';
import { notData } from './data.js';

/** An event of a history: an invocation, or the completion of the open invocation of its process. The order of the array is the order in real time. */
export interface HistoryEvent {
  /** A client: a whole number from 0. Events of others (a name, such as `nemesis`) are passed over. */
  readonly process: number | string;
  /** `invoke`; `ok`: it took effect; `fail`: it certainly did not; `info`: nobody knows. */
  readonly type: OpType;
  /** What is done: one of the model's operations. */
  readonly f: string;
  /** Of an invocation the argument, of `ok` the result, as JSON data. Default: null. */
  readonly value?: unknown;
  /** The object it is done to, if there are several of them: each key is one of its own. */
  readonly key?: Key | undefined;
  /** For explanations only. Default: the position in the array. */
  readonly time?: number | undefined;
  readonly node?: string | undefined;
}

/** An operation from its invocation to its completion. The order of the array does not matter. */
export interface HistoryOperation {
  /** What was done: one of the model's operations. */
  readonly f: string;
  /** The argument, as JSON data. Default: null. */
  readonly value?: unknown;
  /** What it answered, as JSON data. Default: null. */
  readonly result?: unknown;
  /** When it was invoked and completed, on one clock of any unit. Equal times count as concurrent. No `end`: nobody knows whether it took effect, or will. */
  readonly start: number;
  readonly end?: number | undefined;
  /** `fail`: it certainly took no effect; `info`: nobody knows. Default: `ok`, and `info` for one without an end. */
  readonly type?: 'ok' | 'fail' | 'info' | undefined;
  /** The client. All operations have one, or none has. */
  readonly process?: number | undefined;
  readonly key?: Key | undefined;
}

/** A history as it is given: all events, or all operations. */
export type GivenHistory = readonly HistoryEvent[] | readonly HistoryOperation[];

/** A history that was found to be one. */
export interface Accepted {
  /** What the given array is made of. */
  readonly noun: 'event' | 'operation';
  /** Of clients, in order of invocation. */
  readonly operations: readonly Operation[];
  /** Positions in the given array of what events, by index, stand for. */
  at(events: readonly number[]): readonly number[];
  /** Whether it says which client did what. */
  readonly hasProcesses: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const TYPES: readonly unknown[] = ['invoke', 'ok', 'fail', 'info'];
const EVENT = "An event is {process: 0, type: 'invoke', f: 'write', value: 3}, and later {process: 0, type: 'ok', f: 'write', value: null}.";
const OPERATION = "An operation is {f: 'write', value: 3, result: null, start: 10, end: 12}, without end if nobody knows whether it took effect.";

/** Reads a history of either form. Throws FaultlineError (usage) `history-input` or `history-pairing` with the position of what is wrong. */
export function acceptHistory(history: GivenHistory): Accepted {
  if (!Array.isArray(history)) throw inputError('history', `expected an array of events or of operations, found ${nameOf(history)}`, `${EVENT} ${OPERATION}`);
  const items = history as readonly unknown[];
  const first = items[0];
  return first !== null && typeof first === 'object' && 'start' in first ? acceptOperations(items) : acceptEvents(items);
}

function acceptEvents(items: readonly unknown[]): Accepted {
  const ops = items.map((item, i) => eventOf(fieldsOf(item, `event ${i}`, EVENT), i));
  if (ops.length > 0 && ops.every(({ process }) => typeof process === 'string')) {
    throw inputError('event 0', `process: ${JSON.stringify(ops[0]?.process)} is a name, and so are all others; only numbers are clients`, 'Give every client a whole number. Names are for those that are not judged, such as a nemesis.');
  }
  const { operations } = History.from(ops);
  for (const { invoke, completion } of operations) {
    if (completion !== undefined && completion.f !== invoke.f) throw inputError(`event ${completion.index}`, `process ${completion.process} completes ${completion.f}, but it invoked ${invoke.f} (event ${invoke.index})`, 'A completion has the name f of its invocation.');
  }
  return { noun: 'event', operations: operations.filter(({ invoke }) => typeof invoke.process === 'number'), at: (events) => events, hasProcesses: true };
}

function eventOf(fields: Fields, index: number): Op {
  const where = `event ${index}`;
  const { process, type, node } = fields;
  if ('start' in fields) throw inputError(where, 'has a start, but event 0 has none', 'Give all events, or all operations.');
  if (!TYPES.includes(type)) throw inputError(where, `type: expected invoke, ok, fail or info, found ${shown(type)}`, EVENT);
  if (typeof process !== 'string' && !isNumber(process)) throw inputError(where, `process: expected a whole number from 0 up, found ${shown(process)}`, EVENT);
  const time = fields.time ?? index;
  if (typeof time !== 'number' || !Number.isFinite(time)) throw inputError(where, `time: expected a number, found ${shown(time)}`, 'Leave it out: the order of the array counts.');
  return { index, time, process, type: type as OpType, f: nameIn(fields, where), value: dataIn(fields, 'value', where), ...keyIn(fields, where), ...(typeof node === 'string' ? { node } : {}) };
}

/** An event that is still to be put in its place. */
interface Draft {
  readonly item: number;
  readonly event: Omit<Op, 'index'>;
}

function acceptOperations(items: readonly unknown[]): Accepted {
  const drafts = items.flatMap((item, i) => draftsOf(fieldsOf(item, `operation ${i}`, OPERATION), i));
  const named = items.filter((item) => (item as Fields).process !== undefined).length;
  if (named > 0 && named < items.length) {
    const without = items.findIndex((item) => (item as Fields).process === undefined);
    throw inputError(`operation ${without}`, `has no process, but ${named} of ${items.length} operations have one`, 'Give all operations a process, or none.');
  }
  // Intervals are closed: what completes when another begins is concurrent with it, for a clock that cannot tell two times apart proves no order.
  drafts.sort((a, b) => a.event.time - b.event.time || Number(a.event.type !== 'invoke') - Number(b.event.type !== 'invoke') || a.item - b.item);
  const made: { invoke: Op; completion?: Op }[] = [];
  const byItem = new Map<number, { invoke: Op; completion?: Op }>();
  for (const [index, { item, event }] of drafts.entries()) {
    const op: Op = { index, ...event };
    const operation = byItem.get(item);
    if (operation !== undefined) operation.completion = op;
    else {
      const begun = { invoke: op };
      byItem.set(item, begun);
      made.push(begun);
    }
  }
  const at = (events: readonly number[]): readonly number[] => [...new Set(events.flatMap((event) => drafts[event]?.item ?? []))];
  return { noun: 'operation', operations: made, at, hasProcesses: named > 0 || items.length === 0 };
}

function draftsOf(fields: Fields, item: number): readonly Draft[] {
  const where = `operation ${item}`;
  const { start, end, process = item } = fields;
  if (!isTime(start)) throw inputError(where, `start: expected a number, found ${shown(start)}`, `${OPERATION} Times are numbers of one clock, as performance.now gives them.`);
  if (end !== undefined && !isTime(end)) throw inputError(where, `end: expected a number, or nothing, found ${shown(end)}`, OPERATION);
  if (end !== undefined && end < start) throw inputError(where, `it ends (${end}) before it starts (${start})`, 'Take both times from one monotonic clock, such as performance.now.');
  if (!isNumber(process)) throw inputError(where, `process: expected a whole number from 0 up, or nothing, found ${shown(process)}`, OPERATION);
  const type = fields.type ?? (end === undefined ? 'info' : 'ok');
  if (type !== 'ok' && type !== 'fail' && type !== 'info') throw inputError(where, `type: expected ok, fail or info, found ${shown(type)}`, OPERATION);
  if (end === undefined && type !== 'info') throw inputError(where, `it is ${type}, but has no end`, 'Give the time at which its answer came.');
  if (end === undefined && (fields.result ?? null) !== null) throw inputError(where, 'it has a result, but no end', 'Give the time at which the result came; leave both out if none came.');
  const common = { process, f: nameIn(fields, where), ...keyIn(fields, where) };
  const value = dataIn(fields, 'value', where);
  const invoke = { item, event: { time: start, type: 'invoke' as const, value, ...common } };
  return end === undefined ? [invoke] : [invoke, { item, event: { time: end, type, value: type === 'ok' ? dataIn(fields, 'result', where) : value, ...common } }];
}

function fieldsOf(item: unknown, where: string, form: string): Fields {
  if (item === null || typeof item !== 'object' || Array.isArray(item)) throw inputError(where, `expected an object, found ${nameOf(item)}`, form);
  return item as Fields;
}

function nameIn({ f }: Fields, where: string): string {
  if (typeof f === 'string' && f !== '') return f;
  throw inputError(where, `f: expected the name of an operation, found ${shown(f)}`, 'f says what is done, such as "read".');
}

function keyIn({ key }: Fields, where: string): { readonly key?: Key } {
  if (key === undefined) return {};
  if (typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key))) return { key };
  throw inputError(where, `key: expected a string or a number, found ${shown(key)}`, 'Leave it out if there is only one object.');
}

function dataIn(fields: Fields, name: 'value' | 'result', where: string): unknown {
  const data = fields[name];
  const wrong = notData(data);
  if (wrong === undefined) return data ?? null;
  throw inputError(where, `${name}: ${wrong}`, 'Give what tells one value from another as null, true, false, numbers, strings, arrays and plain objects of them: [...set], Object.fromEntries(map), String(bigint).');
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : shown(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return `the bigint ${value}`;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? `a ${typeof value}`);
}

function inputError(where: string, message: string, hint: string): FaultlineError {
  return new FaultlineError('history-input', `${where}: ${message}`, { kind: 'usage', hint });
}
