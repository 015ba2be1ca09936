import type { Op, OpType, ProcessId } from '../op.js';
import { Assembler, type ForeignEvent, type ImportOptions } from './assemble.js';
import { EdnReader, plain } from './edn.js';
import { errorOf, opType } from './event-of.js';
import { formatError, type Place } from './text-error.js';

/** `INFO  jepsen.util - 1 :invoke :cas [0 1]`: the console of an old Jepsen. */
const LOG_EVENT = /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*)$/;
/** `94  :fail :write  0 :conn-not-ready`, `1	:info	:txn	[[:append 9 2]]	:timeout`: Jepsen's history.txt, and Knossos's. */
const TEXT_EVENT = /^(\d+|:[^\s]+)\s+:([a-z]+)\s+:(\S+)\s*(.*)$/;
const REASON = /^:[a-z]/;

/** Reads histories of one event a line, line by line. */
export interface LineEvents {
  /** The event of a line, or undefined if it holds none. Throws FaultlineError `history-format` (usage) with its place. */
  read(line: string, number: number): Op | undefined;
  /** Throws FaultlineError `history-format` (usage) if there was no event at all. */
  end(): void;
}

/** Events among the lines of an old Jepsen's console, as in Porcupine's corpus of etcd runs; other lines (start-up, nemesis, the final report) are passed over. */
export function logEvents(options: ImportOptions): LineEvents {
  const assembler = new Assembler(options);
  let found = 0;
  return {
    read: (line, number) => {
      const text = line.trimEnd();
      const match = LOG_EVENT.exec(text);
      if (match === null) return undefined;
      found++;
      const [, process = '', type = '', f = '', rest = ''] = match;
      const place = { line: number, column: text.length - rest.length + 1 };
      // A reason stands in the place of the value.
      const { value, error } = REASON.test(rest) ? { value: null, error: rest.slice(1) } : valueAndReason(rest, options.source, place);
      return assembler.add(event(Number(process), opType(type, options.source, { line: number }), f, value, error, { line: number }));
    },
    end: () => {
      if (found === 0) throw formatError(options.source, { line: 1 }, 'no event line', 'Event lines look like "INFO  jepsen.util - 1 :invoke :cas [0 1]".');
    },
  };
}

/** Events of Jepsen's history.txt (fields apart by tabs) and of Knossos's own logs (by blanks): process, type, name, value, and perhaps a reason. */
export function textEvents(options: ImportOptions): LineEvents {
  const assembler = new Assembler(options);
  return {
    read: (line, number) => {
      const text = line.trimEnd();
      if (text === '' || text.startsWith(';')) return undefined;
      const match = TEXT_EVENT.exec(text);
      if (match === null) throw formatError(options.source, { line: number, column: 1 }, `expected "process :type :name value", found ${JSON.stringify(text.slice(0, 60))}`, 'An event line looks like "1  :invoke  :write  3".');
      const [, who = '', type = '', f = '', rest = ''] = match;
      const process: ProcessId = who.startsWith(':') ? who.slice(1) : Number(who);
      // What a nemesis says of itself is often no EDN.
      const { value, error } = typeof process === 'string' ? { value: rest === '' ? null : rest, error: undefined } : valueAndReason(rest, options.source, { line: number, column: text.length - rest.length + 1 });
      return assembler.add(event(process, opType(type, options.source, { line: number }), f, value, error, { line: number }));
    },
    end: () => undefined,
  };
}

function event(process: ProcessId, type: OpType, f: string, value: unknown, reason: unknown, place: Place): ForeignEvent {
  const error = errorOf(reason);
  return { process, type, f, value, place, ...(error === undefined ? {} : { error }) };
}

function valueAndReason(text: string, source: string, begins: Required<Place>): { readonly value: unknown; readonly error: unknown } {
  const reader = new EdnReader(text, { source, begins });
  const [value = null, error] = [take(reader), take(reader)];
  return { value, error };
}

function take(reader: EdnReader): unknown {
  return reader.peek() === undefined ? undefined : plain(reader.next());
}

/** Reads the console log of an old Jepsen. Throws FaultlineError `history-format` (usage) with the line. */
export function readJepsenLog(text: string, options: ImportOptions): readonly Op[] {
  const events = logEvents(options);
  const ops = text.split('\n').flatMap((line, i) => events.read(line, i + 1) ?? []);
  events.end();
  return ops;
}
