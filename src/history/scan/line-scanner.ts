import type { TableBuilder } from '../table/index.js';
import { OUTCOME } from '../table/op-table.js';
import { TextIds } from './text-ids.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LIST = 0x5b;
const LIST_END = 0x5d;
const SPACE = 0x20;
const RETURN = 0x0d;
const DELETE = 0x7f;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER = { e: 0x65, f: 0x66, i: 0x69, k: 0x6b, n: 0x6e, o: 0x6f, p: 0x70, t: 0x74, v: 0x76, y: 0x79 } as const;

/** Digits that a number may have to be exact. */
const EXACT_DIGITS = 15;
const NONE = -1;
const INVOKE = 3;

/**
 * Reads the ordinary lines of a history (one JSON object a line, numbers, plain texts, pairs of them) straight from bytes into columns. It never decides
 * that a line is wrong: whatever is not ordinary is left to the parser, which knows everything and says what is amiss.
 */
export class LineScanner {
  /** What the last line said of its place: -1 if nothing. */
  index = NONE;
  time = NONE;
  readonly #builder: TableBuilder;
  readonly #names: TextIds;
  readonly #textKeys: TextIds;
  readonly #texts: TextIds;
  readonly #numberKeys = new Map<number, number>();
  readonly #noKey: number;
  readonly #null: number;
  readonly #true: number;
  readonly #false: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Set by the readers below: the line is not ordinary. */
  #odd = false;

  constructor(builder: TableBuilder) {
    this.#builder = builder;
    this.#names = new TextIds((text) => builder.nameId(text));
    this.#textKeys = new TextIds((text) => builder.keyId(text));
    this.#texts = new TextIds((text) => builder.values.id(text));
    this.#noKey = builder.keyId(undefined);
    this.#null = builder.values.id(null);
    this.#true = builder.values.id(true);
    this.#false = builder.values.id(false);
  }

  /**
   * Reads the line at bytes[from, to), without its end; `index` is its place among the events. False: it is not ordinary, and nothing was
   * added. `lastIndex`, `lastTime`: what the line must not go back behind.
   */
  scan(bytes: Buffer, from: number, to: number, index: number, lastIndex: number, lastTime: number): boolean {
    this.#bytes = bytes;
    this.#at = from;
    this.#odd = false;
    this.index = this.time = NONE;
    let end = to;
    while (end > from && (bytes[end - 1] === RETURN || bytes[end - 1] === SPACE)) end--;
    if (bytes[from] !== OPEN || bytes[end - 1] !== CLOSE) return false;
    end--;
    this.#at++;
    let process = NONE;
    let client = true;
    let type = NONE;
    let name = NONE;
    let key = this.#noKey;
    let first = NONE;
    let second = NONE;
    let seen = 0;
    for (;;) {
      this.#blanks();
      if (this.#at >= end || bytes[this.#at] !== QUOTE) return false;
      const start = this.#at + 1;
      this.#text();
      const length = this.#at - 1 - start;
      this.#blanks();
      if (this.#odd || bytes[this.#at++] !== COLON) return false;
      this.#blanks();
      const letter = bytes[start];
      let field: number;
      if (letter === LETTER.f && length === 1) {
        field = 1;
        name = this.#textOf(this.#names);
      } else if (letter === LETTER.v && length === 5 && this.#is('value', start)) {
        field = 2;
        if (bytes[this.#at] === LIST) {
          this.#at++;
          this.#blanks();
          first = this.#scalar();
          this.#blanks();
          if (bytes[this.#at++] !== COMMA) return false;
          this.#blanks();
          second = this.#scalar();
          this.#blanks();
          if (bytes[this.#at++] !== LIST_END) return false;
        } else first = this.#scalar();
      } else if (letter === LETTER.t && length === 4 && this.#is('type', start)) {
        field = 4;
        type = this.#type();
      } else if (letter === LETTER.t && length === 4 && this.#is('time', start)) {
        field = 8;
        this.time = this.#natural();
      } else if (letter === LETTER.i && length === 5 && this.#is('index', start)) {
        field = 16;
        this.index = this.#natural();
      } else if (letter === LETTER.p && length === 7 && this.#is('process', start)) {
        field = 32;
        if (bytes[this.#at] === QUOTE) {
          client = false;
          this.#text();
        } else process = this.#natural();
      } else if (letter === LETTER.k && length === 3 && this.#is('key', start)) {
        field = 64;
        key = bytes[this.#at] === QUOTE ? this.#textOf(this.#textKeys) : this.#numberKey();
      } else if (letter === LETTER.n && length === 4 && this.#is('node', start)) {
        field = 128;
        this.#text();
      } else return false;
      if (this.#odd || (seen & field) !== 0) return false;
      seen |= field;
      this.#blanks();
      if (this.#at === end) break;
      if (bytes[this.#at++] !== COMMA) return false;
    }
    if (type === NONE || (client ? process === NONE || name === NONE : true) || (type === OUTCOME.ok && first === NONE)) return false;
    if ((this.index !== NONE && this.index <= lastIndex) || (this.time !== NONE && this.time < lastTime)) return false;
    if (first === NONE) first = this.#null;
    if (type === INVOKE) this.#builder.invoke(index, process, name, key, first, second);
    else this.#builder.complete(index, process, type, first, second);
    return true;
  }

  #blanks(): void {
    while (this.#bytes[this.#at] === SPACE) this.#at++;
  }

  #is(word: string, at: number): boolean {
    for (let i = 1; i < word.length; i++) if (this.#bytes[at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  /** Goes over a text in quotes. */
  #text(): void {
    const bytes = this.#bytes;
    if (bytes[this.#at++] !== QUOTE) this.#odd = true;
    for (; ; this.#at++) {
      const byte = bytes[this.#at] as number;
      if (byte === QUOTE) break;
      if (!(byte >= SPACE && byte < DELETE) || byte === BACKSLASH) {
        this.#odd = true;
        return;
      }
    }
    this.#at++;
  }

  #textOf(ids: TextIds): number {
    const start = this.#at + 1;
    this.#text();
    // An empty name is the parser's to refuse.
    if (this.#odd || (this.#at - 1 === start && ids === this.#names)) {
      this.#odd = true;
      return NONE;
    }
    return ids.of(this.#bytes, start, this.#at - 1);
  }

  /** A whole number from 0 up. */
  #natural(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let value = 0;
    for (; ; this.#at++) {
      const byte = bytes[this.#at] as number;
      if (!(byte >= ZERO && byte <= NINE)) break;
      value = value * 10 + (byte - ZERO);
    }
    const digits = this.#at - start;
    if (digits === 0 || digits > EXACT_DIGITS || (digits > 1 && bytes[start] === ZERO)) this.#odd = true;
    return value;
  }

  #integer(): number {
    if (this.#bytes[this.#at] !== MINUS) return this.#natural();
    this.#at++;
    return -this.#natural();
  }

  #numberKey(): number {
    const value = this.#integer();
    if (this.#odd) return NONE;
    let id = this.#numberKeys.get(value);
    if (id === undefined) this.#numberKeys.set(value, (id = this.#builder.keyId(value)));
    return id;
  }

  /** The number of a value that is no list and no object. */
  #scalar(): number {
    const byte = this.#bytes[this.#at] as number;
    if (byte === QUOTE) return this.#textOf(this.#texts);
    if (byte === LETTER.n) return this.#word('null', this.#null);
    if (byte === LETTER.t) return this.#word('true', this.#true);
    if (byte === LETTER.f) return this.#word('false', this.#false);
    const value = this.#integer();
    const next = this.#bytes[this.#at];
    // A fraction or an exponent follows, or it was no number at all.
    if (this.#odd || !(next === COMMA || next === CLOSE || next === LIST_END || next === SPACE)) {
      this.#odd = true;
      return NONE;
    }
    return this.#builder.values.ofNumber(value);
  }

  #word(word: string, id: number): number {
    if (!this.#is(word, this.#at)) this.#odd = true;
    this.#at += word.length;
    return id;
  }

  #type(): number {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    this.#text();
    const length = this.#at - 1 - start;
    if (length === 6 && bytes[start] === LETTER.i && this.#is('invoke', start)) return INVOKE;
    if (length === 2 && bytes[start] === LETTER.o && this.#is('ok', start)) return OUTCOME.ok;
    if (length === 4 && bytes[start] === LETTER.f && this.#is('fail', start)) return OUTCOME.fail;
    if (length === 4 && bytes[start] === LETTER.i && this.#is('info', start)) return OUTCOME.info;
    this.#odd = true;
    return NONE;
  }
}
