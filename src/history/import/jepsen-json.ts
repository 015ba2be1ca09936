import { locateJsonError } from '../json-error.js';
import type { Op } from '../op.js';
import { Assembler, type ImportOptions } from './assemble.js';
import { eventOf } from './event-of.js';
import { formatError, type Place } from './text-error.js';

const HINT = 'An event is an object such as {"type":"invoke","f":"write","value":3,"process":0}.';

/** Reads the events of an array of JSON objects out of pieces of a text, holding no more of it than the object that the last piece cut off. */
export class JsonEvents {
  readonly #source: string;
  readonly #assembler: Assembler;
  #held = '';
  /** Of what is read next. */
  #place: Required<Place> = { line: 1, column: 1 };
  #opened = false;
  #closed = false;

  constructor(options: ImportOptions) {
    this.#source = options.source;
    this.#assembler = new Assembler(options);
  }

  /** Events that are complete now. `last`: nothing follows this piece. */
  *feed(piece: string, last: boolean): Generator<Op> {
    const text = this.#held + piece;
    let at = 0;
    for (; at < text.length; ) {
      const character = text[at] as string;
      if (/[\s\uFEFF]/.test(character) || (character === ',' && this.#opened)) {
        this.#pass(text, at, ++at);
        continue;
      }
      if (character === '{' && this.#opened && !this.#closed) {
        const end = endOfObject(text, at);
        if (end < 0) break;
        yield this.#event(text.slice(at, end));
        this.#pass(text, at, end);
        at = end;
        continue;
      }
      if (character === '[' && !this.#opened) this.#opened = true;
      else if (character === ']' && this.#opened && !this.#closed) this.#closed = true;
      else throw this.#error(`expected ${this.#closed ? 'nothing more' : this.#opened ? 'an event or "]"' : '"["'}, found ${JSON.stringify(character)}`);
      this.#pass(text, at, ++at);
    }
    this.#held = text.slice(at);
    if (last && (!this.#closed || this.#held.trim() !== '')) throw this.#error(this.#held === '' ? 'the list of events is not closed by "]"' : 'an event that does not end');
  }

  #event(text: string): Op {
    let raw: Readonly<Record<string, unknown>>;
    try {
      raw = JSON.parse(text) as Readonly<Record<string, unknown>>;
    } catch {
      const error = locateJsonError(text);
      this.#pass(text, 0, error?.offset ?? 0);
      throw this.#error(`not JSON: expected ${error?.expected ?? 'a value'}`);
    }
    return this.#assembler.add(eventOf(bare(raw), this.#source, this.#place));
  }

  /** Counts lines and columns over what was read. */
  #pass(text: string, from: number, to: number): void {
    let { line, column } = this.#place;
    let start = -1;
    for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) {
      line++;
      start = at;
    }
    column = start < 0 ? column + (to - from) : to - start;
    this.#place = { line, column };
  }

  #error(message: string): Error {
    return formatError(this.#source, this.#place, message, HINT);
  }
}

/** What JSON that was made of EDN has as ":ok" is meant as "ok". */
function bare(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, BARE.has(name) && typeof value === 'string' ? value.replace(/^:/, '') : value]));
}

const BARE: ReadonlySet<string> = new Set(['type', 'f', 'process']);

/** Where the object that begins at `start` ends; -1: not in this text. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
    } else if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at + 1;
  }
  return -1;
}
