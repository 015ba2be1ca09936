import { canonical } from '../../shared/canonical.js';
import type { Model } from '../model.js';
import { multiRegisterQuick } from '../quick/multi-register.js';
import { answersWhatWasAsked, isRead, microOpsOf, type MicroOp } from './micro-ops.js';

/** Registers by the text of their key; texts of values. Those that hold the value that all begin with are left out. */
export interface Registers {
  readonly first: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Many registers, read and written by transactions that take effect at once (strict serializability). Initial state: an object by key, or one value for all. */
export const multiRegister: Model<Registers> = {
  name: 'multi-register',
  description: 'Many registers: a transaction reads and writes some of them at once.',
  operations: { txn: 'a list of ["read" or "r", key, null] and ["write" or "w", key, value] -> the same with the values read' },
  init: (initial) => {
    const byKey = initial !== null && typeof initial === 'object' && !Array.isArray(initial);
    const first = canonical(byKey ? null : initial);
    // Fields of objects are strings; a register may be named by a number.
    const names = (key: string): readonly string[] => (canonical(Number(key)) === key ? [canonical(key), key] : [canonical(key)]);
    const values = byKey ? Object.entries(initial).flatMap(([key, value]) => names(key).map((name) => [name, canonical(value)] as const)) : [];
    return { first, values: Object.fromEntries(values.filter(([, value]) => value !== first)) };
  },
  complaint: ({ argument, result }) => {
    if (microOpsOf(argument) === undefined) return 'the value of a txn is a list of ["read", key, null] and ["write", key, value]';
    return result === undefined || answersWhatWasAsked(argument, result) ? undefined : 'a txn answers the list that it was given, with the values read';
  },
  step: ({ first, values }, op) => {
    const known = op.result !== undefined;
    let next = values;
    for (const [f, name, value] of (known ? op.result : op.argument) as readonly MicroOp[]) {
      const key = canonical(name);
      if (!isRead(f)) next = { ...next, [key]: canonical(value) };
      else if (known && (next[key] ?? first) !== canonical(value)) return undefined;
    }
    return { first, values: next === values ? values : Object.fromEntries(Object.entries(next).filter(([, value]) => value !== first)) };
  },
  key: ({ values }) => canonical(values),
  show: ({ values }) => `{${Object.entries(values).map(([key, value]) => `${key}: ${value}`).join(', ')}}`,
  observes: (op) => (microOpsOf(op.argument) ?? []).every(([f]) => isRead(f)),
  quick: multiRegisterQuick,
};
