import { OUTCOME, valueOf, type Key, type Operation, type OpTable, type ValueTable } from '../../src/index.js';
import type { ModelOp } from './model.js';

/** Position of a completion that is not known: after everything. */
export const PENDING = 2 ** 31 - 1;

/** How the `ok` values of the model's `echoes` are taken. */
export type Results = 'judge' | 'ignore';

/**
 * The operations on one object as columns, numbered from 0 in order of invocation. Those that failed are not among them: they constrain nothing.
 * Positions are those of the object's own events, dense from 0: operation a precedes b in real time exactly if ret[a] < inv[b].
 */
export interface ObjectHistory {
  readonly key: Key | undefined;
  readonly size: number;
  /** Number of positions. */
  readonly positions: number;
  readonly inv: Int32Array;
  /** PENDING: the operation is indeterminate, it may take effect at any time after its invocation, or never. */
  readonly ret: Int32Array;
  /** By position: twice the operation for an invocation, one more for a completion. */
  readonly events: Int32Array;
  /** Index into names. */
  readonly f: Uint8Array;
  readonly names: readonly string[];
  /** Ids of values; argument2 is not -1 for an array of two. */
  readonly argument: Int32Array;
  readonly argument2: Int32Array;
  /** -1: not known, or not to be judged. */
  readonly result: Int32Array;
  readonly result2: Int32Array;
  readonly values: ValueTable;
  /** Row of the operation in the table. */
  readonly row: Int32Array;
  readonly table: OpTable;
  /** How results of `echoes` were taken. */
  readonly results: Results;
}

/** What is wrong, in words, and the operations it takes to see it. */
export interface Violation {
  /** Kebab-case and stable. */
  readonly kind: string;
  /** Plain words; operations as showOperation gives them. */
  readonly message: string;
  /** Operations that are impossible together, as numbers. */
  readonly operations: readonly number[];
}

/** What a quick algorithm says: it may not apply, for example as a value was written twice. */
export type Quick =
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly violation: Violation };

/** An operation for a model. */
export function modelOp(history: ObjectHistory, op: number): ModelOp {
  const { values } = history;
  const known = history.ret[op] !== PENDING;
  const result = history.result[op] ?? -1;
  return {
    f: history.names[history.f[op] ?? 0] ?? '',
    argument: valueOf(values, history.argument[op] ?? 0, history.argument2[op] ?? -1),
    known,
    result: result < 0 ? undefined : valueOf(values, result, history.result2[op] ?? -1),
  };
}

/** An operation as it was recorded, for people. */
export function operationOf(history: ObjectHistory, op: number): Operation {
  return history.table.operation(history.row[op] ?? 0);
}

/** Splits a table by object. `ignored`: names of operations whose results are not to be judged. */
export function objectsOf(table: OpTable, results: Results, ignored: readonly string[]): readonly ObjectHistory[] {
  const { keys, key, outcome, size } = table;
  const sizes = new Int32Array(keys.length);
  const positions = new Int32Array(keys.length);
  for (let row = 0; row < size; row++) {
    if (outcome[row] === OUTCOME.fail) continue;
    const of = key[row] as number;
    sizes[of] = (sizes[of] as number) + 1;
    positions[of] = (positions[of] as number) + (outcome[row] === OUTCOME.ok ? 2 : 1);
  }
  const silent = Uint8Array.from(table.names, (name) => (ignored.includes(name) ? 1 : 0));
  const objects = keys.map((name, of) => emptyObject(table, name, sizes[of] ?? 0, positions[of] ?? 0, results));
  fill(table, objects, silent);
  // Objects of which every operation failed are linearizable, and are counted; a key of which there is no operation at all is none.
  const seen = new Uint8Array(keys.length);
  for (let row = 0; row < size; row++) seen[key[row] as number] = 1;
  return seen.includes(0) ? objects.filter((_object, of) => seen[of] === 1) : objects;
}

function emptyObject(table: OpTable, key: Key | undefined, size: number, positions: number, results: Results): ObjectHistory {
  const column = (): Int32Array => new Int32Array(size);
  return {
    key, size, positions, table, results,
    names: table.names,
    values: table.values,
    inv: column(), ret: column().fill(PENDING), argument: column(), argument2: column(), result: column().fill(-1), result2: column().fill(-1), row: column(),
    f: new Uint8Array(size),
    events: new Int32Array(positions),
  };
}

function fill(table: OpTable, objects: readonly ObjectHistory[], silent: Uint8Array): void {
  const { events, outcome, key } = table;
  const numbers = new Int32Array(table.size);
  const nextOp = new Int32Array(objects.length);
  const nextPosition = new Int32Array(objects.length);
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as number;
    const row = event >> 1;
    const ended = (event & 1) === 1;
    const how = outcome[row] as number;
    if (how === OUTCOME.fail || (ended && how !== OUTCOME.ok)) continue;
    const of = key[row] as number;
    const object = objects[of] as ObjectHistory;
    const position = nextPosition[of] as number;
    nextPosition[of] = position + 1;
    if (ended) {
      const op = numbers[row] as number;
      object.ret[op] = position;
      object.events[position] = 2 * op + 1;
      if (silent[table.f[row] as number] === 0) {
        object.result[op] = table.result[row] as number;
        object.result2[op] = table.result2[row] as number;
      }
      continue;
    }
    const op = nextOp[of] as number;
    nextOp[of] = op + 1;
    numbers[row] = op;
    object.row[op] = row;
    object.inv[op] = position;
    object.events[position] = 2 * op;
    object.f[op] = table.f[row] as number;
    object.argument[op] = table.argument[row] as number;
    object.argument2[op] = table.argument2[row] as number;
  }
}
