import type { Key, Op, OpType, ProcessId } from '../op.js';
import { formatError } from './text-error.js';

/** An event as a foreign history has it: what it lacks is filled in. */
export interface ForeignEvent {
  readonly type: OpType;
  readonly f: string;
  readonly value: unknown;
  readonly process: ProcessId;
  readonly key?: Key;
  /** Nanoseconds. */
  readonly time?: number;
  readonly error?: string;
  /** Where it stands, for errors. */
  readonly line: number;
}

/** How values of a foreign history are to be read. */
export interface ImportOptions {
  /** For errors: the file's name. */
  readonly source: string;
  /** Values are pairs [key, value], as jepsen.independent writes them. EDN cannot tell such a pair from a list: one has to say so. */
  readonly keyed?: boolean;
}

/**
 * Makes a history of foreign events: dense indices in the order of the text; `fail` and `info` get back the argument of their invocation;
 * a client completion without an invocation, and keyed values that are no pairs, are errors (FaultlineError `history-format`, usage).
 */
export function assemble(events: readonly ForeignEvent[], options: ImportOptions): readonly Op[] {
  const open = new Map<ProcessId, { readonly value: unknown; readonly key: Key | undefined }>();
  return events.map((event, index): Op => {
    const { process } = event;
    const client = typeof process === 'number';
    const { key, value } = options.keyed === true && client ? splitKey(event, options.source, open.get(process)) : { key: event.key, value: event.value };
    const invoked = open.get(process);
    if (client && event.type === 'invoke') open.set(process, { value, key });
    else if (client) {
      if (invoked === undefined) throw formatError(options.source, event, `process ${process} completes ${event.f} (${event.type}) that it did not invoke`, 'Every completion needs an invocation of the same process before it.');
      open.delete(process);
    }
    const lost = client && invoked !== undefined && (event.type === 'fail' || event.type === 'info');
    const of = lost ? invoked.key : (key ?? (event.type === 'ok' ? invoked?.key : undefined));
    return {
      index,
      time: event.time ?? index,
      process,
      type: event.type,
      f: event.f,
      value: lost ? invoked.value : value,
      ...(of === undefined ? {} : { key: of }),
      ...(event.error === undefined ? {} : { error: { code: event.error } }),
    };
  });
}

/** An operation type's name. Throws FaultlineError `history-format` (usage). */
export function opType(name: string, source: string, line: number): OpType {
  if (name === 'invoke' || name === 'ok' || name === 'fail' || name === 'info') return name;
  throw formatError(source, { line }, `"${name}" is not a type of event`, 'Types are invoke, ok, fail and info.');
}

function splitKey(event: ForeignEvent, source: string, invoked: { readonly key: Key | undefined } | undefined): { readonly key: Key | undefined; readonly value: unknown } {
  const { value } = event;
  if (Array.isArray(value) && value.length === 2) {
    const [key, inner] = value as readonly unknown[];
    if (typeof key === 'string' || typeof key === 'number') return { key, value: inner };
  }
  // An outcome that is not known often carries a reason in place of the pair.
  if (invoked !== undefined && (event.type === 'fail' || event.type === 'info')) return { key: invoked.key, value };
  throw formatError(source, event, `the value of ${event.f} is not a pair [key, value]`, 'Leave out --keyed if the values carry no keys.');
}
