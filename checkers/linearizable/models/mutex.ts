import type { Model, ModelOp } from '../model.js';
import { fencedQuick } from '../quick/fenced.js';
import { mutexQuick } from '../quick/mutex.js';

/** A lock without owners, as Knossos has it: nobody acquires it while it is held, nobody releases it while it is free. Initial state: `true` is held. */
export const mutex: Model<boolean> = {
  name: 'mutex',
  description: 'A lock: grants and releases alternate.',
  operations: {
    acquire: 'anything -> anything; ok only if it was granted',
    release: 'anything -> anything',
  },
  init: (initial) => initial === true,
  step: (held, op) => (held === (op.f === 'acquire') ? undefined : !held),
  key: (held) => (held ? 'held' : 'free'),
  silent: ['acquire', 'release'],
  representatives: () => [false, true],
  quick: mutexQuick,
};

/** A lock that knows its holder: only the owner that acquired it can release it, and it is not reentrant. Initial state: its holder. */
export const ownerMutex: Model<string> = {
  name: 'owner-mutex',
  description: 'A lock with owners: only the holder releases it.',
  operations: {
    acquire: 'an owner (string or number) -> anything; ok only if it was granted',
    release: 'an owner (string or number) -> anything',
  },
  init: (initial) => (isOwner(initial) ? JSON.stringify(initial) : ''),
  complaint: (op) => (isOwner(op.argument) ? undefined : `the value of ${op.f} is an owner, a string or a number`),
  step: (holder, op) => {
    const owner = JSON.stringify(op.argument);
    if (op.f === 'acquire') return holder === '' ? owner : undefined;
    return holder === owner ? '' : undefined;
  },
  key: (holder) => holder,
  show: (holder) => (holder === '' ? 'free' : `held by ${holder}`),
  silent: ['acquire', 'release'],
  representatives: (ops) => ['', ...new Set(ops.map((op) => JSON.stringify(op.argument))), '?'],
};

/** A lock that grants fencing tokens. */
export interface Fenced {
  /** The holder's token; null: free; undefined: held, by a grant whose token is not known but at least `last`. */
  readonly token: number | null | undefined;
  /** The greatest token granted, or the least that it can be. */
  readonly last: number;
}

/**
 * A lock whose grants carry strictly increasing tokens. A grant whose token is not known gets the least one possible: every later demand on
 * it is "greater than", so no other choice allows more, until a release says which it was. Initial state: a token already used.
 */
export const fencedMutex: Model<Fenced> = {
  name: 'fenced-mutex',
  description: 'A lock whose grants carry strictly increasing fencing tokens.',
  operations: {
    acquire: 'anything -> the token, an integer greater than all before; null: it is not known',
    release: 'the token, [token] or null -> anything',
  },
  init: (initial) => ({ token: null, last: typeof initial === 'number' ? initial : -Infinity }),
  complaint: (op) => {
    if (op.f === 'acquire') return (op.result ?? null) === null || Number.isSafeInteger(op.result) ? undefined : 'a granted acquire answers its token, an integer, or null';
    const token = tokenOf(op);
    return token === null || Number.isSafeInteger(token) ? undefined : 'the value of a release is a token, [token] or null';
  },
  step: ({ token, last }, op) => {
    if (op.f === 'acquire') {
      if (token !== null) return undefined;
      if ((op.result ?? null) === null) return { token: undefined, last: last + 1 };
      return (op.result as number) > last ? { token: op.result as number, last: op.result as number } : undefined;
    }
    if (token === null) return undefined;
    const given = tokenOf(op);
    if (given === null || given === token) return { token: null, last };
    return token === undefined && given >= last ? { token: null, last: given } : undefined;
  },
  key: ({ token, last }) => `${token === undefined ? '?' : String(token)} ${last}`,
  show: ({ token, last }) => (token === null ? `free, last token ${last}` : `held with token ${token ?? 'unknown'}`),
  silent: ['release'],
  quick: fencedQuick,
};

function tokenOf(op: ModelOp): number | null {
  const value: unknown = Array.isArray(op.argument) && op.argument.length === 1 ? op.argument[0] : op.argument;
  return value === undefined ? null : (value as number | null);
}

function isOwner(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
