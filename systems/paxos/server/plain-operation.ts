import { READ_MODES, type Operation, type ReadMode, type Request } from '../core/index.js';
import { MAX_KEY_LENGTH } from './wire.js';

/** What a body may hold that is understood here. */
interface Body {
  readonly f?: unknown;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly session?: unknown;
  readonly seq?: unknown;
  readonly firstUnacked?: unknown;
  readonly via?: unknown;
}

const MEMBERS: ReadonlySet<string> = new Set<keyof Body>(['f', 'key', 'value', 'from', 'to', 'session', 'seq', 'firstUnacked', 'via']);
const MODES: ReadonlySet<unknown> = new Set(READ_MODES);

/**
 * The request that a body states, if it is one of those that nearly all are: an operation with a scalar value, all of whose members are as they should be. Undefined: the schemas have to look
 * at it, which take twenty times as long.
 */
export function plainOperation(input: unknown): Request | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  let members = 0;
  for (const name in input) {
    if (!MEMBERS.has(name)) return undefined;
    members++;
  }
  const body = input as Body;
  const { session: id, seq, firstUnacked = 1, via } = body;
  const op = operationOf(body);
  if (op === undefined) return undefined;
  let used = op.f === 'read' ? 2 : op.f === 'cas' ? 4 : 3;
  if (via !== undefined) used++;
  if (id === undefined && seq === undefined && body.firstUnacked === undefined) {
    if (members !== used || (via !== undefined && (op.f !== 'read' || !MODES.has(via)))) return undefined;
    return via === undefined ? { kind: 'operation', op } : { kind: 'operation', op, via: via as ReadMode };
  }
  used += body.firstUnacked === undefined ? 2 : 3;
  if (members !== used || via !== undefined || !isCount(id) || !isCount(seq) || !isCount(firstUnacked)) return undefined;
  return { kind: 'operation', op, session: { id, seq, firstUnacked } };
}

function operationOf({ f, key, value, from, to }: Body): Operation | undefined {
  if (typeof key !== 'string' || key.length > MAX_KEY_LENGTH) return undefined;
  switch (f) {
    case 'read':
      return { f, key };
    case 'write':
    case 'append':
      return isScalar(value) ? { f, key, value } : undefined;
    case 'add':
      return typeof value === 'number' && Number.isFinite(value) ? { f, key, value } : undefined;
    case 'cas':
      return isScalar(from) && isScalar(to) ? { f, key, from, to } : undefined;
    default:
      return undefined;
  }
}

function isScalar(value: unknown): value is null | boolean | number | string {
  return typeof value === 'number' ? Number.isFinite(value) : value === null || typeof value === 'string' || typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
