import type { Key, Operation } from '../op.js';
import type { ValueTable } from './values.js';

/** What became of an operation: `info` also if it never completed. */
export const OUTCOME = { ok: 0, fail: 1, info: 2 } as const;

/**
 * The client operations of a history as columns: one row an operation, in order of invocation. Nothing here costs an object per operation, so that
 * ten million of them fit and are judged at the speed of arrays.
 *
 * A value is an id in `values`; an array of two is a pair of ids, so that a compare-and-set or a keyed value needs no object either: its
 * second column is not -1. A result of -1 is not known.
 */
export interface OpTable {
  readonly size: number;
  readonly values: ValueTable;
  readonly names: readonly string[];
  readonly keys: readonly (Key | undefined)[];
  /** Index into names. */
  readonly f: Uint8Array;
  /** Index into keys. */
  readonly key: Int32Array;
  readonly process: Int32Array;
  readonly outcome: Uint8Array;
  readonly argument: Int32Array;
  readonly argument2: Int32Array;
  readonly result: Int32Array;
  readonly result2: Int32Array;
  /** Index of the event of invocation, and of completion (-1: none), in the history. */
  readonly invoked: Int32Array;
  readonly completed: Int32Array;
  /** Events in the order of the history: twice the row for an invocation, one more for a completion. */
  readonly events: Int32Array;
  /** A row as an operation, for people. */
  operation(row: number): Operation;
}

/** The value of two columns. */
export function valueOf(values: ValueTable, first: number, second: number): unknown {
  return second < 0 ? values.value(first) : [values.value(first), values.value(second)];
}
