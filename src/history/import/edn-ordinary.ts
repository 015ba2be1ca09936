import { endsToken, isBlank } from './edn-atoms.js';

const [QUOTE, BACKSLASH, COLON, MINUS, SLASH] = [0x22, 0x5c, 0x3a, 0x2d, 0x2f];
const [LIST, LIST_END, ROUND, ROUND_END, MAP, MAP_END] = [0x5b, 0x5d, 0x28, 0x29, 0x7b, 0x7d];
/** Digits that a number may have to be exact. */
const EXACT_DIGITS = 15;
const MAX_DEPTH = 20;
/** Names that are told without a look at every letter; a power of two. */
const RECENT = 256;

/** Given up: the general reader must say what it is, or what is wrong with it. */
const OTHER = Symbol('not ordinary');

/**
 * Reads the ordinary forms of EDN (maps with keywords for keys, lists, keywords, whole numbers, strings without escapes) straight into plain data, as `plain` of the
 * general reader gives it, without a tree of forms between. It never decides that a text is wrong or cut off: whatever is not ordinary is left to the general reader.
 */
export class OrdinaryForms {
  /** Where the form that was read ends. */
  end = 0;
  readonly #names: string[] = new Array<string>(RECENT).fill('');
  #text = '';

  /** The map or list that begins at an offset; undefined: it is not ordinary. */
  read(text: string, at: number): object | undefined {
    this.#text = text;
    this.end = at;
    const form = this.#form(0);
    return form !== OTHER && form !== null && typeof form === 'object' ? form : undefined;
  }

  /** The same for an event: of a map, only the fields that an event has. */
  event(text: string, at: number): object | undefined {
    if (text.charCodeAt(at) !== MAP) return this.read(text, at);
    this.#text = text;
    this.end = at;
    return this.#event();
  }

  /** Fields in variables: nearly all maps of a history are events, and a field set by its name costs more than to read it. */
  #event(): object | undefined {
    let type: unknown, f: unknown, value: unknown, process: unknown, time: unknown, key: unknown, node: unknown, error: unknown;
    this.end++;
    for (;;) {
      const code = this.#next();
      if (code === MAP_END) break;
      if (code !== COLON) return undefined;
      const name = this.#keyword();
      this.#next();
      const item = this.#form(1);
      if (name === OTHER || item === OTHER) return undefined;
      switch (name) {
        case 'type': type = item; break;
        case 'f': f = item; break;
        case 'value': value = item; break;
        case 'process': process = item; break;
        case 'time': time = item; break;
        case 'key': key = item; break;
        case 'node': node = item; break;
        case 'error': error = item; break;
      }
    }
    this.end++;
    return { type, f, value, process, time, key, node, error };
  }

  #form(depth: number): unknown {
    const code = this.#text.charCodeAt(this.end);
    if (code === MAP && depth < MAX_DEPTH) return this.#map(depth + 1);
    if (code === LIST && depth < MAX_DEPTH) return this.#list(LIST_END, depth + 1);
    if (code === ROUND && depth < MAX_DEPTH) return this.#list(ROUND_END, depth + 1);
    if (code === COLON) return this.#keyword();
    if (code === QUOTE) return this.#string();
    if (code === MINUS || isDigit(code)) return this.#number();
    return this.#word('nil') ? null : this.#word('true') ? true : this.#word('false') ? false : OTHER;
  }

  #map(depth: number): unknown {
    const fields: Record<string, unknown> = {};
    this.end++;
    for (;;) {
      const code = this.#next();
      if (code === MAP_END) break;
      if (code !== COLON) return OTHER;
      const name = this.#keyword();
      this.#next();
      const value = name === '__proto__' ? OTHER : this.#form(depth);
      if (name === OTHER || value === OTHER) return OTHER;
      fields[name as string] = value;
    }
    this.end++;
    return fields;
  }

  #list(close: number, depth: number): unknown {
    const items: unknown[] = [];
    this.end++;
    while (this.#next() !== close) {
      const item = this.#form(depth);
      if (item === OTHER) return OTHER;
      items.push(item);
    }
    this.end++;
    return items;
  }

  /** Goes over blanks. */
  #next(): number {
    const text = this.#text;
    let code = text.charCodeAt(this.end);
    while (isBlank(code)) code = text.charCodeAt(++this.end);
    return code;
  }

  #keyword(): unknown {
    const text = this.#text;
    const start = this.end + 1;
    let at = start;
    for (let code = text.charCodeAt(at); at < text.length && !endsToken(code); code = text.charCodeAt(++at));
    // A token at the end of a piece may go on.
    if (at === text.length || at === start) return OTHER;
    this.end = at;
    const slot = (text.charCodeAt(start) + text.charCodeAt(start + 1) * 5 + text.charCodeAt(at - 1) * 13 + (at - start)) & (RECENT - 1);
    const recent = this.#names[slot] as string;
    if (recent.length === at - start && text.startsWith(recent, start)) return recent;
    return (this.#names[slot] = asName(text.slice(start, at)));
  }

  #string(): unknown {
    const text = this.#text;
    const start = this.end + 1;
    let at = start;
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(++at)) if (code === BACKSLASH || at >= text.length) return OTHER;
    this.end = at + 1;
    return text.slice(start, at);
  }

  #number(): unknown {
    const text = this.#text;
    const negative = text.charCodeAt(this.end) === MINUS;
    const start = negative ? this.end + 1 : this.end;
    let at = start;
    let number = 0;
    for (let code = text.charCodeAt(at); isDigit(code); code = text.charCodeAt(++at)) number = number * 10 + (code - 0x30);
    if (at === start || at - start > EXACT_DIGITS || at === text.length || !endsToken(text.charCodeAt(at))) return OTHER;
    this.end = at;
    return negative ? -number : number;
  }

  #word(word: string): boolean {
    const at = this.end + word.length;
    if (!this.#text.startsWith(word, this.end) || at >= this.#text.length || !endsToken(this.#text.charCodeAt(at))) return false;
    this.end = at;
    return true;
  }
}

/** The text as the engine keeps names of fields: to set a field by it takes no look into the table of all names. */
function asName(text: string): string {
  return Object.keys({ [text]: 0 })[0] as string;
}

function isDigit(code: number): boolean {
  return code > SLASH && code < COLON;
}
