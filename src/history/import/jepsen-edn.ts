import type { Op } from '../op.js';
import { Assembler, type ForeignEvent, type ImportOptions } from './assemble.js';
import { EdnIncomplete, EdnName, EdnReader, plain, type EdnValue } from './edn.js';
import { OrdinaryForms } from './edn-ordinary.js';
import { eventOf, opType, processOf } from './event-of.js';
import { formatError, type Place } from './text-error.js';

const HINT = 'Events are maps {:type :invoke, :f :write, :value 3, :process 0}, in one vector or one after the other; or tuples [0 :invoke :write 3].';

/**
 * Reads a Jepsen history in EDN: one vector or list of maps, or maps one after the other; or vectors [process type f value] one a line, as old Knossos has them. Porcupine's key-value logs are the same with a `:key`.
 * Keywords become strings, maps become objects. Throws FaultlineError `history-format` (usage) with line and column.
 */
export function readJepsenEdn(text: string, options: ImportOptions): readonly Op[] {
  const stream = new EdnEvents(options);
  return [...stream.feed(text, true)];
}

/** Reads events out of pieces of a text, holding no more of it than the form that the last piece cut off. */
export class EdnEvents {
  readonly #source: string;
  readonly #assembler: Assembler;
  readonly #ordinary = new OrdinaryForms();
  #held = '';
  #begins: Required<Place> = { line: 1, column: 1 };
  /** The bracket that closes the list that all events stand in, once it is known; none: they stand by themselves. */
  #close: ']' | ')' | 'none' | undefined;
  #closed = false;

  constructor(options: ImportOptions) {
    this.#source = options.source;
    this.#assembler = new Assembler(options);
  }

  /** Events that are complete now. `last`: nothing follows this piece. */
  *feed(piece: string, last: boolean): Generator<Op> {
    const text = this.#held + piece;
    const reader = new EdnReader(text, { source: this.#source, more: !last, begins: this.#begins });
    let from = 0;
    try {
      if (this.#close === undefined) {
        const found = containerOf(reader, text, last);
        if (found !== undefined) this.#close = found;
        from = reader.at;
      }
      while (this.#close !== undefined) {
        const next = reader.peek();
        from = reader.at;
        if (next === undefined) break;
        if (this.#closed) throw reader.error('nothing more was expected: the list of events is closed');
        if (next === this.#close) {
          this.#closed = true;
          from = ++reader.at;
          continue;
        }
        const begun = from;
        const data = this.#ordinary.event(text, begun);
        if (data !== undefined) {
          from = reader.at = this.#ordinary.end;
          yield this.#assembler.add(this.#eventOfData(data, reader.placeAt(begun)));
          continue;
        }
        const form = reader.next();
        from = reader.at;
        yield this.#assembler.add(this.#eventOf(form, reader.placeAt(begun)));
      }
      if (last && (this.#close === ']' || this.#close === ')') && !this.#closed) throw reader.error(`the list of events is not closed by "${this.#close}"`);
    } catch (error) {
      if (!(error instanceof EdnIncomplete)) throw error;
    }
    this.#begins = reader.placeAt(from);
    this.#held = text.slice(from);
  }

  #eventOf(form: EdnValue, place: Place): ForeignEvent {
    if (form === null || typeof form !== 'object' || form instanceof EdnName) throw formatError(this.#source, place, `expected an event, found ${JSON.stringify(plain(form))}`, HINT);
    return this.#eventOfData(plain(form) as object, place);
  }

  #eventOfData(data: object, place: Place): ForeignEvent {
    return Array.isArray(data) ? tupleEvent(data, this.#source, place) : eventOf(data as Readonly<Record<string, unknown>>, this.#source, place);
  }
}

/** Whether the events stand in a list: told by what its first bracket holds. Undefined: the text does not say yet. */
function containerOf(reader: EdnReader, text: string, last: boolean): ']' | ')' | 'none' | undefined {
  const first = reader.peek();
  if (first === undefined) return last ? 'none' : undefined;
  if (first !== '[' && first !== '(') return 'none';
  const start = reader.at++;
  let inner: string | undefined;
  try {
    inner = reader.peek();
  } catch (error) {
    reader.at = start;
    throw error;
  }
  const isEvent = inner !== undefined && /[\d:a-z-]/i.test(inner);
  if (inner === undefined && !last) reader.at = start;
  if (inner === undefined) return last ? (text[start] === '[' ? ']' : ')') : undefined;
  if (isEvent) reader.at = start;
  return isEvent ? 'none' : first === '[' ? ']' : ')';
}

/** `[81 :invoke :read [8 nil]]` */
function tupleEvent(form: readonly unknown[], source: string, place: Place): ForeignEvent {
  const [process, type, f, value] = form;
  if ((typeof process !== 'number' && typeof process !== 'string') || typeof type !== 'string' || typeof f !== 'string') {
    throw formatError(source, place, `${JSON.stringify(form)} is not an event: expected [process type f value]`, HINT);
  }
  return { process: processOf(process, source, place), type: opType(type, source, place), f, value: value ?? null, place };
}
