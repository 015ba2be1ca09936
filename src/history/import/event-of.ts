import type { OpError, OpType, ProcessId } from '../op.js';
import type { ForeignEvent } from './assemble.js';
import { formatError, type Place } from './text-error.js';

const HINT = 'An event has a type, a process, the name f of its operation and a value: {:type :invoke, :f :write, :value 3, :process 0} in EDN, {"type":"invoke","f":"write","value":3,"process":0} in JSON.';

/** An operation type's name. Throws FaultlineError `history-format` (usage). */
export function opType(name: string, source: string, place: Place): OpType {
  if (name === 'invoke' || name === 'ok' || name === 'fail' || name === 'info') return name;
  throw formatError(source, place, `"${name}" is not a type of event: expected invoke, ok, fail or info`, HINT);
}

/** A client's number or another's name; undefined if there is none. Throws FaultlineError `history-format` (usage). */
export function processOf(process: unknown, source: string, place: Place): ProcessId | undefined {
  if (process === undefined || process === null) return undefined;
  if (Number.isSafeInteger(process) && (process as number) >= 0) return process as number;
  if (typeof process === 'string' && /\D/.test(process)) return process;
  throw formatError(source, place, `process: expected a whole number from 0 up, or a name, found ${JSON.stringify(process)}`, HINT);
}

/** The event of a map's fields. Throws FaultlineError `history-format` (usage). */
export function eventOf(fields: Readonly<Record<string, unknown>>, source: string, place: Place): ForeignEvent {
  const { type, f, key, node, value } = fields;
  if (type === undefined) throw formatError(source, place, 'an event without a type', HINT);
  if (typeof type !== 'string') throw formatError(source, place, `type: expected invoke, ok, fail or info, found ${JSON.stringify(type)}`, HINT);
  if (!(f === undefined || f === null || (typeof f === 'string' && f !== ''))) throw formatError(source, place, `f: expected the name of an operation, found ${JSON.stringify(f)}`, HINT);
  const time = typeof fields.time === 'string' ? Number(fields.time) : fields.time;
  const error = errorOf(fields.error);
  return {
    type: opType(type, source, place),
    // Elle's histories leave the name out: all that they have are transactions.
    f: f ?? 'txn',
    value: value ?? null,
    process: processOf(fields.process, source, place),
    place,
    ...(typeof key === 'string' || typeof key === 'number' ? { key } : {}),
    ...(typeof time === 'number' && time >= 0 ? { time } : {}),
    ...(typeof node === 'string' ? { node } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

/** Jepsen's errors are keywords, texts, or vectors [:code "message"]; ours are {code, message}. What is neither is kept as text. */
export function errorOf(error: unknown): OpError | undefined {
  if (error === undefined || error === null) return undefined;
  if (typeof error === 'string') return { code: error };
  const fields = Array.isArray(error) ? (error.length === 2 ? { code: error[0] as unknown, message: error[1] as unknown } : {}) : (error as { readonly code?: unknown; readonly message?: unknown });
  const { code, message } = fields;
  if (typeof code === 'string' && typeof message === 'string') return { code, message };
  return { code: typeof code === 'string' && !Array.isArray(error) ? code : JSON.stringify(error) };
}
