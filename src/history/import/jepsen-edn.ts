import type { Op } from '../op.js';
import { assemble, opType, type ForeignEvent, type ImportOptions } from './assemble.js';
import { EdnName, readEdn, type EdnMap, type EdnValue } from './edn.js';
import { formatError, placeOf } from './text-error.js';

const HINT = 'An event is a map such as {:type :invoke, :f :write, :value 3, :process 0}.';

/**
 * Reads a Jepsen history in EDN: one vector or list of maps, or maps one after the other; or vectors [process type f value] one a line, as old Knossos has them. Porcupine's key-value logs are the same with a `:key`.
 * Keywords become strings, maps become objects. Throws FaultlineError `history-format` (usage) with line and column.
 */
export function readJepsenEdn(text: string, options: ImportOptions): readonly Op[] {
  const forms = readEdn(text, options.source);
  const only = forms[0];
  const items = forms.length === 1 && Array.isArray(only) && typeof only[0] !== 'number' ? (only as readonly EdnValue[]) : forms;
  const lines = lineCounter(text);
  return assemble(items.map((form, i) => (Array.isArray(form) ? tupleEvent(form as readonly EdnValue[], i + 1, options.source) : eventOf(form, text, options.source, lines))), options);
}

/** A form as plain JSON data: keywords as their names, maps as objects with their keys as text. */
export function plain(value: EdnValue): unknown {
  if (value instanceof EdnName) return value.text.replace(/^:/, '');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly EdnValue[]).map(plain);
  return Object.fromEntries((value as EdnMap).entries.map(([key, item]) => [keyText(plain(key)), plain(item)]));
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}

/** `[81 :invoke :read [8 nil]]` */
function tupleEvent(form: readonly EdnValue[], line: number, source: string): ForeignEvent {
  const [process, type, f, value] = form.map(plain);
  if (typeof process !== 'number' || typeof type !== 'string' || typeof f !== 'string') throw formatError(source, { line }, `${JSON.stringify(form.map(plain))} is not an event`, HINT);
  return { process, type: opType(type, source, line), f, value: value ?? null, line };
}

function eventOf(form: EdnValue, text: string, source: string, lineOf: (offset: number) => number): ForeignEvent {
  if (form === null || typeof form !== 'object' || form instanceof EdnName) {
    throw formatError(source, { line: 1 }, `${JSON.stringify(plain(form))} is not an event`, HINT);
  }
  const map = form as EdnMap;
  const event = plain(map) as Readonly<Record<string, unknown>>;
  const line = lineOf(map.offset);
  if (typeof event.type !== 'string') throw formatError(source, placeOf(text, map.offset), 'an event without :type', HINT);
  if (typeof event.process !== 'number' && typeof event.process !== 'string') throw formatError(source, placeOf(text, map.offset), 'an event without :process', HINT);
  return {
    type: opType(event.type, source, line),
    f: typeof event.f === 'string' ? event.f : 'txn',
    value: event.value ?? null,
    line,
    process: event.process,
    ...(typeof event.key === 'string' || typeof event.key === 'number' ? { key: event.key } : {}),
    ...(typeof event.time === 'number' ? { time: event.time } : {}),
    ...(event.error === undefined || event.error === null ? {} : { error: typeof event.error === 'string' ? event.error : JSON.stringify(event.error) }),
  };
}

/** Lines of ascending offsets, counted in one pass over the text. */
function lineCounter(text: string): (offset: number) => number {
  let [line, at] = [1, 0];
  return (offset) => {
    for (let next = text.indexOf('\n', at); next >= 0 && next < offset; next = text.indexOf('\n', at)) {
      line++;
      at = next + 1;
    }
    return line;
  };
}
