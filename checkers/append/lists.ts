import type { Operation } from '../../src/index.js';
import { Interner } from '../shared/canonical.js';

/** An append or a read of one list, with elements as small numbers. */
export interface ListRead {
  readonly operation: Operation;
  readonly elements: readonly number[];
  readonly inv: number;
  readonly ret: number;
}

export interface ListAppend {
  readonly operation: Operation;
  readonly element: number;
  readonly inv: number;
  /** Infinity: indeterminate. */
  readonly ret: number;
  /** The length it answered, if that is to be judged. */
  readonly length: number | undefined;
}

/** The history of one list. */
export interface ListHistory {
  readonly values: Interner;
  /** What the list held before the history. */
  readonly initial: readonly number[];
  readonly reads: readonly ListRead[];
  /** Appends that may have happened, by element. */
  readonly appends: ReadonlyMap<number, ListAppend>;
  /** Appends that certainly did not happen, by element. */
  readonly failed: ReadonlyMap<number, Operation>;
}

/** Sorts out the operations of one list, or says why its elements are not unique. Shapes must have been checked. */
export function listHistory(operations: readonly Operation[], initial: unknown, judgeLengths: boolean): ListHistory | { readonly repeated: string } {
  const values = new Interner();
  const start = (Array.isArray(initial) ? (initial as readonly unknown[]) : []).map((value) => values.id(value));
  const reads: ListRead[] = [];
  const appends = new Map<number, ListAppend>();
  const failed = new Map<number, Operation>();
  for (const operation of operations) {
    const { invoke, completion } = operation;
    const [inv, ret] = [invoke.index, completion?.type === 'ok' ? completion.index : Infinity];
    if (invoke.f === 'read') {
      if (completion?.type === 'ok') reads.push({ operation, elements: ((completion.value ?? []) as readonly unknown[]).map((value) => values.id(value)), inv, ret });
      continue;
    }
    const element = values.id(invoke.value);
    if (completion?.type === 'fail') failed.set(element, operation);
    else if (appends.has(element) || start.includes(element)) return { repeated: JSON.stringify(invoke.value) };
    else {
      const length = judgeLengths && completion?.type === 'ok' && typeof completion.value === 'number' ? completion.value : undefined;
      appends.set(element, { operation, element, inv, ret, length });
    }
  }
  return { values, initial: start, reads, appends, failed };
}
