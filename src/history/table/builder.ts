import { FaultlineError } from '../../errors.js';
import type { Key, Op, OpType, ProcessId } from '../op.js';
import { OUTCOME, valueOf, type OpTable } from './op-table.js';
import { ValueTable } from './values.js';

/** Most names of operations that a history may have. */
const MAX_NAMES = 255;
/** Processes below this find their open operation in an array. */
const DENSE_PROCESSES = 1 << 20;

const OUTCOMES: Readonly<Record<Exclude<OpType, 'invoke'>, number>> = { ok: OUTCOME.ok, fail: OUTCOME.fail, info: OUTCOME.info };

/** Makes columns of events as they come, and pairs completions with invocations on the way. */
export class TableBuilder {
  readonly values = new ValueTable();
  readonly names: string[] = [];
  readonly keys: (Key | undefined)[] = [];
  readonly #nameIds = new Map<string, number>();
  readonly #keyIds = new Map<Key | undefined, number>();
  readonly #openMany = new Map<number, number>();
  /** Process -> its open row + 1. */
  #open = new Int32Array(256);
  #rows: number;
  #size = 0;
  #eventCount = 0;
  #f: Uint8Array;
  #outcome: Uint8Array;
  #key: Int32Array;
  #process: Int32Array;
  #argument: Int32Array;
  #argument2: Int32Array;
  #result: Int32Array;
  #result2: Int32Array;
  #invoked: Int32Array;
  #completed: Int32Array;
  #events: Int32Array;

  /** `expected`: a guess of how many operations there will be. */
  constructor(expected = 1024) {
    const rows = (this.#rows = Math.max(16, expected));
    this.#f = new Uint8Array(rows);
    this.#outcome = new Uint8Array(rows);
    this.#key = new Int32Array(rows);
    this.#process = new Int32Array(rows);
    this.#argument = new Int32Array(rows);
    this.#argument2 = new Int32Array(rows);
    this.#result = new Int32Array(rows);
    this.#result2 = new Int32Array(rows);
    this.#invoked = new Int32Array(rows);
    this.#completed = new Int32Array(rows);
    this.#events = new Int32Array(2 * rows);
  }

  get size(): number {
    return this.#size;
  }

  /** The number of a name of an operation. Throws FaultlineError `history-names` (usage) past 255 of them. */
  nameId(f: string): number {
    const known = this.#nameIds.get(f);
    if (known !== undefined) return known;
    if (this.names.length === MAX_NAMES) throw new FaultlineError('history-names', `more than ${MAX_NAMES} names of operations, the last is "${f}"`, { kind: 'usage', hint: 'The name (f) says what was done, such as "read"; what it was done with belongs into value.' });
    this.#nameIds.set(f, this.names.length);
    return this.names.push(f) - 1;
  }

  keyId(key: Key | undefined): number {
    const known = this.#keyIds.get(key);
    if (known !== undefined) return known;
    this.#keyIds.set(key, this.keys.length);
    return this.keys.push(key) - 1;
  }

  /** Adds an event; those of non-clients are passed over. Throws FaultlineError `history-pairing` (usage). */
  add(op: Op): void {
    const { process, type } = op;
    if (typeof process !== 'number') return;
    const counts = type === 'invoke' || type === 'ok';
    const pair = counts && Array.isArray(op.value) && op.value.length === 2 ? (op.value as readonly unknown[]) : undefined;
    const first = !counts ? -1 : this.values.id(pair === undefined ? op.value : pair[0]);
    const second = pair === undefined ? -1 : this.values.id(pair[1]);
    if (type === 'invoke') this.invoke(op.index, process, this.nameId(op.f), this.keyId(op.key), first, second);
    else this.complete(op.index, process, OUTCOMES[type], first, second);
  }

  invoke(index: number, process: number, f: number, key: number, first: number, second: number): void {
    const open = this.#openRow(process);
    if (open >= 0) throw pairingError(index, `process ${process} invokes ${this.names[f] ?? ''} while its ${this.names[this.#f[open] ?? 0] ?? ''} (#${this.#invoked[open]}) is still open`);
    const row = this.#size++;
    if (row === this.#rows) this.#grow();
    this.#setOpen(process, row);
    this.#f[row] = f;
    this.#outcome[row] = OUTCOME.info;
    this.#key[row] = key;
    this.#process[row] = process;
    this.#argument[row] = first;
    this.#argument2[row] = second;
    this.#result[row] = -1;
    this.#result2[row] = -1;
    this.#invoked[row] = index;
    this.#completed[row] = -1;
    this.#events[this.#eventCount++] = 2 * row;
  }

  /** `first` and `second` are the result of an `ok`. */
  complete(index: number, process: number, outcome: number, first: number, second: number): void {
    const row = this.#openRow(process);
    if (row < 0) throw pairingError(index, `completion of process ${process} without an invocation`);
    this.#setOpen(process, -1);
    this.#outcome[row] = outcome;
    this.#completed[row] = index;
    if (outcome === OUTCOME.ok) {
      this.#result[row] = first;
      this.#result2[row] = second;
    }
    this.#events[this.#eventCount++] = 2 * row + 1;
  }

  /** The columns, cut to size. The builder is done then. */
  build(): OpTable {
    const size = this.#size;
    const { values, names, keys } = this;
    const table: Omit<OpTable, 'operation'> = {
      size, values, names, keys,
      f: this.#f.subarray(0, size),
      key: this.#key.subarray(0, size),
      process: this.#process.subarray(0, size),
      outcome: this.#outcome.subarray(0, size),
      argument: this.#argument.subarray(0, size),
      argument2: this.#argument2.subarray(0, size),
      result: this.#result.subarray(0, size),
      result2: this.#result2.subarray(0, size),
      invoked: this.#invoked.subarray(0, size),
      completed: this.#completed.subarray(0, size),
      events: this.#events.subarray(0, this.#eventCount),
    };
    return tableFrom(table);
  }

  #openRow(process: number): number {
    if (process < this.#open.length) return (this.#open[process] as number) - 1;
    return this.#openMany.get(process) ?? -1;
  }

  #setOpen(process: number, row: number): void {
    if (process >= this.#open.length && process < DENSE_PROCESSES) {
      const open = new Int32Array(Math.max(process + 1, 2 * this.#open.length));
      open.set(this.#open);
      this.#open = open;
    }
    if (process < this.#open.length) this.#open[process] = row + 1;
    else if (row < 0) this.#openMany.delete(process);
    else this.#openMany.set(process, row);
  }

  #grow(): void {
    const rows = (this.#rows *= 2);
    const wider = (old: Int32Array): Int32Array => {
      const made = new Int32Array(2 * old.length);
      made.set(old);
      return made;
    };
    const bytes = (old: Uint8Array): Uint8Array => {
      const made = new Uint8Array(rows);
      made.set(old);
      return made;
    };
    this.#f = bytes(this.#f);
    this.#outcome = bytes(this.#outcome);
    this.#key = wider(this.#key);
    this.#process = wider(this.#process);
    this.#argument = wider(this.#argument);
    this.#argument2 = wider(this.#argument2);
    this.#result = wider(this.#result);
    this.#result2 = wider(this.#result2);
    this.#invoked = wider(this.#invoked);
    this.#completed = wider(this.#completed);
    this.#events = wider(this.#events);
  }
}

/** A table of columns: its operations are what these know of them. */
export function tableFrom(columns: Omit<OpTable, 'operation'>): OpTable {
  return { ...columns, operation: (row) => rowAsOperation(columns, row) };
}

/** What columns know of an operation; its times are the indices of its events. */
function rowAsOperation(table: Omit<OpTable, 'operation'>, row: number): { readonly invoke: Op; readonly completion?: Op } {
  const { values } = table;
  const key = table.keys[table.key[row] ?? 0];
  const f = table.names[table.f[row] ?? 0] ?? '';
  const process: ProcessId = table.process[row] ?? 0;
  const common = { process, f, ...(key === undefined ? {} : { key }) };
  const value = valueOf(values, table.argument[row] ?? 0, table.argument2[row] ?? -1);
  const at = table.invoked[row] ?? 0;
  const invoke: Op = { index: at, time: at, type: 'invoke', value, ...common };
  const end = table.completed[row] ?? -1;
  if (end < 0) return { invoke };
  const outcome = table.outcome[row];
  const ok = outcome === OUTCOME.ok;
  const type: OpType = ok ? 'ok' : outcome === OUTCOME.fail ? 'fail' : 'info';
  return { invoke, completion: { index: end, time: end, type, value: ok ? valueOf(values, table.result[row] ?? 0, table.result2[row] ?? -1) : value, ...common } };
}

function pairingError(index: number, message: string): FaultlineError {
  return new FaultlineError('history-pairing', `event ${index}: ${message}`, {
    kind: 'usage',
    hint: 'A completion follows the invocation of the same process; a process has one open operation at a time.',
  });
}
