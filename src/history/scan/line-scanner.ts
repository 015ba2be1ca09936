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
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_K = 0x6b;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const LETTER_X = 0x78;

/** Four letters as they are read by one load. */
const word = (text: string): number => Buffer.from(text, 'latin1').readInt32LE();
const WORD = {
  type: word('type'), time: word('time'), node: word('node'), valu: word('valu'), inde: word('inde'), proc: word('proc'), cess: word('cess'), key: word('key"'),
  fail: word('fail'), info: word('info'), invo: word('invo'), okQuote: word('ok",'), okQuoteEnd: word('ok"}'),
} as const;
const FIELD = { f: 1, type: 2, value: 4, index: 8, time: 16, process: 32, key: 64, node: 128 } as const;
/** Names of operations that are told without a look into the table; a power of two. */
const RECENT = 32;
/** No line is shorter: loads of four bytes stay within it. */
const SHORTEST = 12;

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
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  // The fields of the line at hand; -1: not there.
  #process = NONE;
  #client = true;
  #kind = NONE;
  #name = NONE;
  #key = NONE;
  #first = NONE;
  #second = NONE;
  readonly #recentHead = new Int32Array(RECENT);
  readonly #recentTail = new Int32Array(RECENT);
  readonly #recentLength = new Int32Array(RECENT);
  readonly #recentName = new Int32Array(RECENT);
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
  scan(bytes: Uint8Array, from: number, to: number, index: number, lastIndex: number, lastTime: number): boolean {
    let end = to - 1;
    while (bytes[end] === RETURN || bytes[end] === SPACE) end--;
    if (bytes[from] !== OPEN || bytes[end] !== CLOSE || end - from < SHORTEST) return false;
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#at = from + 1;
    this.#end = end;
    this.#odd = false;
    this.index = this.time = this.#process = this.#kind = this.#name = this.#first = this.#second = NONE;
    this.#key = this.#noKey;
    this.#client = true;
    return this.#fields() && this.#add(index, lastIndex, lastTime);
  }

  /** Reads names and values up to the closing brace. */
  #fields(): boolean {
    const bytes = this.#bytes;
    let seen = 0;
    for (;;) {
      if (bytes[this.#at] === SPACE) this.#blanks();
      if (this.#at >= this.#end || bytes[this.#at] !== QUOTE) return false;
      const field = this.#fieldName(this.#at + 1);
      // A field twice, or one that is not known: the parser knows what to make of it.
      if (field === 0 || (seen & field) !== 0) return false;
      seen |= field;
      if (bytes[this.#at] === SPACE) this.#blanks();
      if (bytes[this.#at++] !== COLON) return false;
      if (bytes[this.#at] === SPACE) this.#blanks();
      this.#fieldValue(field);
      if (this.#odd) return false;
      if (bytes[this.#at] === SPACE) this.#blanks();
      if (this.#at === this.#end) return true;
      if (bytes[this.#at++] !== COMMA) return false;
    }
  }

  /** Which field the name that begins at `start` is of; 0: none that is known. Names are told by whole words of four bytes. */
  #fieldName(start: number): number {
    const bytes = this.#bytes;
    if (bytes[start + 1] === QUOTE) {
      this.#at = start + 2;
      return bytes[start] === LETTER_F ? FIELD.f : 0;
    }
    switch (this.#view.getInt32(start, true)) {
      case WORD.type: return this.#named(start + 4, FIELD.type);
      case WORD.time: return this.#named(start + 4, FIELD.time);
      case WORD.node: return this.#named(start + 4, FIELD.node);
      case WORD.valu: return bytes[start + 4] === LETTER_E ? this.#named(start + 5, FIELD.value) : 0;
      case WORD.inde: return bytes[start + 4] === LETTER_X ? this.#named(start + 5, FIELD.index) : 0;
      case WORD.proc: return this.#view.getInt32(start + 3, true) === WORD.cess ? this.#named(start + 7, FIELD.process) : 0;
      case WORD.key: return this.#named(start + 3, FIELD.key);
      default: return 0;
    }
  }

  #named(quote: number, field: number): number {
    this.#at = quote + 1;
    return this.#bytes[quote] === QUOTE ? field : 0;
  }

  #fieldValue(field: number): void {
    const quoted = this.#bytes[this.#at] === QUOTE;
    switch (field) {
      case FIELD.f: this.#name = this.#nameAt(); break;
      case FIELD.type: this.#kind = this.#type(); break;
      case FIELD.value: this.#value(); break;
      case FIELD.index: this.index = this.#natural(); break;
      case FIELD.time: this.time = this.#natural(); break;
      case FIELD.key: this.#key = quoted ? this.#textOf(this.#textKeys) : this.#numberKey(); break;
      case FIELD.node: this.#text(); break;
      default:
        if (quoted) {
          this.#client = false;
          this.#text();
        } else this.#process = this.#natural();
    }
  }

  #value(): void {
    if (this.#bytes[this.#at] !== LIST) {
      this.#first = this.#scalar();
      return;
    }
    this.#at++;
    this.#blanks();
    this.#first = this.#scalar();
    this.#blanks();
    if (this.#bytes[this.#at++] !== COMMA) this.#odd = true;
    this.#blanks();
    this.#second = this.#scalar();
    this.#blanks();
    if (this.#bytes[this.#at++] !== LIST_END) this.#odd = true;
  }

  #add(index: number, lastIndex: number, lastTime: number): boolean {
    if (!this.#client || this.#kind === NONE || this.#process === NONE || this.#name === NONE || (this.#kind === OUTCOME.ok && this.#first === NONE)) return false;
    if ((this.index !== NONE && this.index <= lastIndex) || (this.time !== NONE && this.time < lastTime)) return false;
    const first = this.#first === NONE ? this.#null : this.#first;
    if (this.#kind === INVOKE) this.#builder.invoke(index, this.#process, this.#name, this.#key, first, this.#second);
    else this.#builder.complete(index, this.#process, this.#kind, first, this.#second);
    return true;
  }

  #blanks(): void {
    while (this.#bytes[this.#at] === SPACE) this.#at++;
  }

  #is(word: string, at: number): boolean {
    for (let i = 1; i < word.length; i++) if (this.#bytes[at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  /** The name of an operation. The last few are told by their first and last four bytes, quotes included: short names have no others. */
  #nameAt(): number {
    const start = this.#at;
    this.#text();
    const length = this.#at - start;
    if (this.#odd || length < 4 || length > 8) {
      this.#at = start;
      return this.#textOf(this.#names);
    }
    const head = this.#view.getInt32(start, true);
    const tail = this.#view.getInt32(this.#at - 4, true);
    const slot = (head ^ (head >>> 11) ^ tail ^ (tail >>> 17)) & (RECENT - 1);
    if (this.#recentHead[slot] === head && this.#recentTail[slot] === tail && this.#recentLength[slot] === length) return this.#recentName[slot] as number;
    this.#at = start;
    const name = this.#textOf(this.#names);
    this.#recentHead[slot] = head;
    this.#recentTail[slot] = tail;
    this.#recentLength[slot] = length;
    this.#recentName[slot] = name;
    return name;
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
    if (byte === LETTER_N) return this.#word('null', this.#null);
    if (byte === LETTER_T) return this.#word('true', this.#true);
    if (byte === LETTER_F) return this.#word('false', this.#false);
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
    if (bytes[this.#at] === QUOTE) {
      switch (this.#view.getInt32(start, true)) {
        case WORD.okQuote:
        case WORD.okQuoteEnd:
          this.#at = start + 3;
          return OUTCOME.ok;
        case WORD.fail: return this.#typed(start + 4, OUTCOME.fail);
        case WORD.info: return this.#typed(start + 4, OUTCOME.info);
        case WORD.invo: if (bytes[start + 4] === LETTER_K && bytes[start + 5] === LETTER_E) return this.#typed(start + 6, INVOKE);
      }
    }
    this.#odd = true;
    return NONE;
  }

  #typed(quote: number, type: number): number {
    this.#at = quote + 1;
    if (this.#bytes[quote] !== QUOTE) this.#odd = true;
    return type;
  }
}
