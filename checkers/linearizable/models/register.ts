import { canonical } from '../../shared/canonical.js';
import type { Model, ModelOp } from '../model.js';

const OPERATIONS = {
  read: 'null -> the value; the initial value if never written',
  write: 'a value -> anything',
};

const CAS = { cas: '[from, to] -> anything; ok only if the value was `from`' };

/** A register: the last value written is read. */
export const register: Model<unknown> = registerModel('register', 'A register: reads give the last value written.', OPERATIONS);

/** A register with compare-and-set. A cas that failed constrains nothing. */
export const casRegister: Model<unknown> = registerModel('cas-register', 'A register with compare-and-set.', { ...OPERATIONS, ...CAS });

function registerModel(name: string, description: string, operations: Readonly<Record<string, string>>): Model<unknown> {
  return {
    name,
    description,
    operations,
    init: (initial = null) => initial,
    complaint: (op) => (op.f === 'cas' && pairOf(op) === undefined ? 'the value of a cas is a pair [from, to]' : undefined),
    step: (state, op) => {
      if (op.f === 'write') return op.argument;
      const [expected, next] = op.f === 'read' ? [op.result ?? null, state] : (pairOf(op) ?? []);
      return canonical(state) === canonical(expected) ? next : undefined;
    },
    key: canonical,
    observes: (op) => op.f === 'read',
    overwrites: (op) => op.f === 'write',
    silent: ['write', 'cas'],
    register: { read: 'read', write: 'write', cas: 'cas' },
    representatives: (ops) => [...new Map(ops.flatMap((op) => needed(op)).map((value) => [canonical(value), value])).values(), OTHER],
  };
}

/** A value that no operation has: every state that none of some operations looks for behaves like it. */
const OTHER = '\0another value';

function needed(op: ModelOp): readonly unknown[] {
  if (op.f === 'read') return op.known ? [op.result ?? null] : [];
  return op.f === 'cas' ? [pairOf(op)?.[0]] : [];
}

function pairOf(op: ModelOp): readonly [unknown, unknown] | undefined {
  const pair: unknown = op.argument;
  return Array.isArray(pair) && pair.length === 2 ? [pair[0] as unknown, pair[1] as unknown] : undefined;
}
