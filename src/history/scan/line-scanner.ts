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
const LETTER_X = 0x78;

/** Four letters as they are read by one load. */
const word = (text: string): number => Buffer.from(text, 'latin1').readInt32LE();
const WORD = {
  type: word('type'), time: word('time'), node: word('node'), valu: word('valu'), inde: word('inde'), proc: word('proc'), cess: word('cess'), key: word('key"'),
  fail: word('fail'), info: word('info'), invo: word('invo'), null: word('null'), true: word('true'), fals: word('fals'),
} as const;
const OK = 0x6b6f;
const FIELD = { f: 1, type: 2, value: 4, index: 8, time: 16, process: 32, key: 64, node: 128 } as const;
/** Names of operations that are told without a look into the table; a power of two. */
const RECENT = 32;
/** No line is shorter. Its last field is followed by a brace at least, so that loads of four bytes stay within the buffer, which is longer than any line. */
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
  /** Where a value is read, and afterwards what follows it. */
  #at = 0;
  readonly #recentHead = new Int32Array(RECENT);
  readonly #recentTail = new Int32Array(RECENT);
  readonly #recentLength = new Int32Array(RECENT);
  readonly #recentName = new Int32Array(RECENT);

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
   * added. `lastIndex`, `lastTime`: what the line must not go back behind. One long function: this is where a gigabyte spends its time.
   */
  scan(bytes: Uint8Array, from: number, to: number, index: number, lastIndex: number, lastTime: number): boolean {
    let end = to - 1;
    while (bytes[end] === RETURN || bytes[end] === SPACE) end--;
    if (bytes[from] !== OPEN || bytes[end] !== CLOSE || end - from < SHORTEST) return false;
    if (this.#bytes !== bytes) this.#look(bytes);
    const view = this.#view;
    let at = from + 1;
    let ownIndex = NONE;
    let ownTime = NONE;
    let process = NONE;
    let type = NONE;
    let name = NONE;
    let key = this.#noKey;
    let first = NONE;
    let second = NONE;
    let seen = 0;
    for (;;) {
      while (bytes[at] === SPACE) at++;
      if (bytes[at] !== QUOTE || at + 8 > end) return false;
      const start = at + 1;
      let field = 0;
      if (bytes[start + 1] === QUOTE) {
        field = bytes[start] === LETTER_F ? FIELD.f : 0;
        at = start + 1;
      } else {
        // Names are told by whole words of four bytes; one that is not known is the parser's.
        switch (view.getInt32(start, true)) {
          case WORD.type: field = FIELD.type; at = start + 4; break;
          case WORD.time: field = FIELD.time; at = start + 4; break;
          case WORD.node: field = FIELD.node; at = start + 4; break;
          case WORD.valu: field = bytes[start + 4] === LETTER_E ? FIELD.value : 0; at = start + 5; break;
          case WORD.inde: field = bytes[start + 4] === LETTER_X ? FIELD.index : 0; at = start + 5; break;
          case WORD.proc: field = view.getInt32(start + 3, true) === WORD.cess ? FIELD.process : 0; at = start + 7; break;
          case WORD.key: field = FIELD.key; at = start + 3; break;
        }
      }
      if (field === 0 || (seen & field) !== 0 || bytes[at++] !== QUOTE) return false;
      seen |= field;
      while (bytes[at] === SPACE) at++;
      if (bytes[at++] !== COLON) return false;
      while (bytes[at] === SPACE) at++;
      const head = bytes[at] as number;
      if (head >= ZERO && head <= NINE) {
        const digits = at++;
        let value = head - ZERO;
        for (let digit = (bytes[at] as number) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[++at] as number) - ZERO) value = value * 10 + digit;
        if (at - digits > EXACT_DIGITS || (head === ZERO && at - digits > 1)) return false;
        switch (field) {
          case FIELD.value: first = this.#builder.values.ofNumber(value); break;
          case FIELD.index: ownIndex = value; break;
          case FIELD.time: ownTime = value; break;
          case FIELD.process: process = value; break;
          case FIELD.key: key = this.#numberKey(value); break;
          default: return false;
        }
      } else if (head === QUOTE) {
        const text = ++at;
        for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) if (!(byte >= SPACE && byte < DELETE) || byte === BACKSLASH) return false;
        const length = at++ - text;
        switch (field) {
          case FIELD.type: type = length < 2 ? NONE : typeOf(view.getInt32(text, true), length, bytes[text + 4] as number, bytes[text + 5] as number); break;
          case FIELD.f: name = this.#nameAt(text, length); break;
          case FIELD.value: first = this.#texts.of(bytes, text, text + length); break;
          case FIELD.key: key = this.#textKeys.of(bytes, text, text + length); break;
          case FIELD.node: break;
          // A process with a name is no client.
          default: return false;
        }
      } else if (field === FIELD.value && head === LIST) {
        this.#at = at + 1;
        first = this.#scalar();
        if (first === NONE || bytes[this.#at++] !== COMMA) return false;
        second = this.#scalar();
        if (second === NONE || bytes[this.#at++] !== LIST_END) return false;
        at = this.#at;
      } else if (field === FIELD.value) {
        this.#at = at;
        first = this.#scalar();
        if (first === NONE) return false;
        at = this.#at;
      } else return false;
      while (bytes[at] === SPACE) at++;
      if (at === end) break;
      if (bytes[at++] !== COMMA) return false;
    }
    if (type === NONE || process === NONE || name === NONE || (type === OUTCOME.ok && first === NONE)) return false;
    if ((ownIndex !== NONE && ownIndex <= lastIndex) || (ownTime !== NONE && ownTime < lastTime)) return false;
    this.index = ownIndex;
    this.time = ownTime;
    if (type === INVOKE) this.#builder.invoke(index, process, name, key, first === NONE ? this.#null : first, second);
    else this.#builder.complete(index, process, type, first === NONE ? this.#null : first, second);
    return true;
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The name of an operation, not empty. The last few are told by their first and last four bytes, quotes included: short names have no others. */
  #nameAt(text: number, length: number): number {
    if (length === 0) return NONE;
    if (length < 2 || length > 6) return this.#names.of(this.#bytes, text, text + length);
    const head = this.#view.getInt32(text - 1, true);
    const tail = this.#view.getInt32(text + length - 3, true);
    const slot = (head ^ (head >>> 11) ^ tail ^ (tail >>> 17)) & (RECENT - 1);
    if (this.#recentHead[slot] === head && this.#recentTail[slot] === tail && this.#recentLength[slot] === length) return this.#recentName[slot] as number;
    const name = this.#names.of(this.#bytes, text, text + length);
    this.#recentHead[slot] = head;
    this.#recentTail[slot] = tail;
    this.#recentLength[slot] = length;
    this.#recentName[slot] = name;
    return name;
  }

  #numberKey(value: number): number {
    const known = this.#numberKeys.get(value);
    if (known !== undefined) return known;
    const id = this.#builder.keyId(value);
    this.#numberKeys.set(value, id);
    return id;
  }

  /** The number of a value that is no list and no object, with the blanks around it; -1: the parser must see to it. */
  #scalar(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (bytes[at] === SPACE) at++;
    const head = bytes[at] as number;
    let id: number;
    if (head === QUOTE) {
      const text = ++at;
      for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) if (!(byte >= SPACE && byte < DELETE) || byte === BACKSLASH) return NONE;
      id = this.#texts.of(bytes, text, at++);
    } else if (head === MINUS || (head >= ZERO && head <= NINE)) {
      if (head === MINUS) at++;
      const digits = at;
      let value = 0;
      for (let digit = (bytes[at] as number) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[++at] as number) - ZERO) value = value * 10 + digit;
      // A fraction or an exponent is left to the parser, as nothing that may follow a number follows this one.
      if (at === digits || at - digits > EXACT_DIGITS || (bytes[digits] === ZERO && at - digits > 1)) return NONE;
      id = this.#builder.values.ofNumber(head === MINUS ? -value : value);
    } else {
      if (at + 4 > bytes.length) return NONE;
      const word = this.#view.getInt32(at, true);
      if (word === WORD.null) id = this.#null;
      else if (word === WORD.true) id = this.#true;
      else if (word === WORD.fals && bytes[at + 4] === LETTER_E) {
        id = this.#false;
        at++;
      } else return NONE;
      at += 4;
    }
    while (bytes[at] === SPACE) at++;
    this.#at = at;
    return id;
  }
}

/** The type of an event by the first four bytes of its name, the length of that, and two more bytes; -1: none. */
function typeOf(word: number, length: number, fifth: number, sixth: number): number {
  if (length === 6) return word === WORD.invo && fifth === LETTER_K && sixth === LETTER_E ? INVOKE : NONE;
  if (length === 2) return (word & 0xffff) === OK ? OUTCOME.ok : NONE;
  if (length === 4) return word === WORD.fail ? OUTCOME.fail : word === WORD.info ? OUTCOME.info : NONE;
  return NONE;
}
