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
    register: (op, values) => {
      if (op.f === 'read') return { kind: 'read', value: values.id(op.result ?? null) };
      if (op.f === 'write') return { kind: 'write', value: values.id(op.argument) };
      const [from, to] = pairOf(op) ?? [];
      return { kind: 'cas', from: values.id(from), to: values.id(to) };
    },
  };
}

function pairOf(op: ModelOp): readonly [unknown, unknown] | undefined {
  const pair: unknown = op.argument;
  return Array.isArray(pair) && pair.length === 2 ? [pair[0] as unknown, pair[1] as unknown] : undefined;
}
