import type { Key, Op, OpError, OpType, ProcessId } from '../op.js';
import { Nameless } from './nameless.js';
import { formatError, type Place } from './text-error.js';

/** An event as a foreign history has it: what it lacks is filled in. */
export interface ForeignEvent {
  readonly type: OpType;
  readonly f: string;
  readonly value: unknown;
  /** Undefined: the history does not say. */
  readonly process: ProcessId | undefined;
  readonly key?: Key;
  /** Nanoseconds. */
  readonly time?: number;
  readonly node?: string;
  readonly error?: OpError;
  /** Where it stands, for errors. */
  readonly place: Place;
}

/** How values of a foreign history are to be read. */
export interface ImportOptions {
  /** For errors: the file's name. */
  readonly source: string;
  /** Values are pairs [key, value], as jepsen.independent writes them. EDN cannot tell such a pair from a list: one has to say so. */
  readonly keyed?: boolean;
}

interface Invoked {
  readonly value: unknown;
  readonly key: Key | undefined;
  readonly f: string;
}

/**
 * Makes a history of foreign events as they come: dense indices in the order of the text; `fail` and `info` get back the argument of their invocation;
 * times that go back are raised to the one before. A client completion without an invocation, a second open invocation of a client, and keyed values
 * that are no pairs, are errors (FaultlineError `history-format`, usage).
 */
export class Assembler {
  readonly #options: ImportOptions;
  readonly #open = new Map<ProcessId, Invoked>();
  readonly #nameless: Nameless;
  #count = 0;
  #lastTime = -1;

  constructor(options: ImportOptions) {
    this.#options = options;
    this.#nameless = new Nameless(options.source);
  }

  add(event: ForeignEvent): Op {
    const process = event.process ?? this.#nameless.processOf(event);
    if (typeof process === 'string') return this.#op(event, process, event.key, event.value);
    const invoked = this.#open.get(process);
    const { key, value } = this.#options.keyed === true ? splitKey(event, this.#options.source, invoked) : event;
    if (event.type === 'invoke') {
      if (invoked !== undefined) throw formatError(this.#options.source, event.place, `process ${process} invokes ${event.f} while its ${invoked.f} is still open`, 'A process has one open operation at a time.');
      this.#open.set(process, { value, key, f: event.f });
      return this.#op(event, process, key, value);
    }
    if (invoked === undefined) throw formatError(this.#options.source, event.place, `process ${process} completes ${event.f} (${event.type}) that it did not invoke`, 'Every completion needs an invocation of the same process before it.');
    this.#open.delete(process);
    return event.type === 'ok' ? this.#op(event, process, key ?? invoked.key, value) : this.#op(event, process, invoked.key, invoked.value);
  }

  #op(event: ForeignEvent, process: ProcessId, key: Key | undefined, value: unknown): Op {
    this.#lastTime = Math.max(event.time ?? this.#lastTime + 1, this.#lastTime, 0);
    return {
      index: this.#count++,
      time: this.#lastTime,
      process,
      type: event.type,
      f: event.f,
      value,
      ...(key === undefined ? undefined : { key }),
      ...(event.node === undefined ? undefined : { node: event.node }),
      ...(event.error === undefined ? undefined : { error: event.error }),
    };
  }
}

function splitKey(event: ForeignEvent, source: string, invoked: Invoked | undefined): { readonly key: Key | undefined; readonly value: unknown } {
  const { value } = event;
  if (Array.isArray(value) && value.length === 2) {
    const [key, inner] = value as readonly unknown[];
    if (typeof key === 'string' || typeof key === 'number') return { key, value: inner };
  }
  // An outcome that is not known often carries a reason in place of the pair.
  if (invoked !== undefined && (event.type === 'fail' || event.type === 'info')) return { key: invoked.key, value };
  throw formatError(source, event.place, `the value of ${event.f} is not a pair [key, value]`, 'Leave out --keyed if the values carry no keys.');
}
