import type { FaultlineError } from '../../errors.js';
import { atomOf, characterOf, endsToken, isBlank } from './edn-atoms.js';
import { EdnName, inNamespace, type EdnMap, type EdnValue } from './edn-value.js';
import { formatError, Places, type Place } from './text-error.js';

export { EdnName, plain, type EdnMap, type EdnValue } from './edn-value.js';

const HINT = 'The text must be EDN as Jepsen writes it: a vector of maps, or one map after the other.';
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\' };
const SYMBOLIC: readonly string[] = ['Inf', '-Inf', 'NaN'];
const [SEMICOLON, HASH, UNDERSCORE, QUOTE, BACKSLASH] = [0x3b, 0x23, 0x5f, 0x22, 0x5c];

/** Deepest nesting that is read. */
const MAX_DEPTH = 200;

/** The text ends within a form, and more of it may come. */
export class EdnIncomplete extends Error {}

/** What is known of a text that is read in pieces. */
export interface Piece {
  /** What errors call the text. */
  readonly source: string;
  /** More of the text follows this piece. */
  readonly more?: boolean;
  /** Where the piece begins. */
  readonly begins?: Required<Place>;
}

/** Reads all forms of an EDN text. Throws FaultlineError `history-format` (usage) with line and column. */
export function readEdn(text: string, source: string): readonly EdnValue[] {
  const reader = new EdnReader(text, { source });
  const forms: EdnValue[] = [];
  while (reader.peek() !== undefined) forms.push(reader.next());
  return forms;
}

/** Reads the forms of a text, or of a piece of one, one by one: a form that the end of a piece cuts off is an EdnIncomplete. */
export class EdnReader {
  /** Where the next form begins, or blanks before it. */
  at = 0;
  readonly #text: string;
  readonly #source: string;
  readonly #more: boolean;
  readonly #places: Places;
  #depth = 0;

  constructor(text: string, { source, more = false, begins = { line: 1, column: 1 } }: Piece) {
    this.#text = text;
    this.#source = source;
    this.#more = more;
    this.#places = new Places(text, begins);
  }

  /** Goes over blanks, commas, comments and discarded forms; gives the character that follows, undefined at the end. */
  peek(): string | undefined {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (isBlank(code)) this.at++;
      else if (code === SEMICOLON) {
        const end = text.indexOf('\n', this.at);
        if (end < 0 && this.#more) throw this.#cut();
        this.at = end < 0 ? text.length : end + 1;
      } else if (code === HASH && text.charCodeAt(this.at + 1) === UNDERSCORE) {
        this.at += 2;
        this.#required('a form after #_');
      } else if (code === HASH && this.#more && this.at + 1 === text.length) throw this.#cut();
      else return text[this.at];
    }
  }

  /** The next form. There must be one: peek first. */
  next(): EdnValue {
    return this.#form(this.peek() ?? '');
  }

  /** A mistake at an offset of the text: FaultlineError `history-format` (usage). */
  error(message: string, offset = this.at, hint = HINT): FaultlineError {
    return formatError(this.#source, this.placeAt(offset), message, hint);
  }

  /** Line and column of an offset. */
  placeAt(offset: number): Required<Place> {
    return this.#places.of(offset);
  }

  /** What is thrown when the text ends within a form. */
  #cut(error?: () => FaultlineError): Error {
    if (this.#more) return new EdnIncomplete('the text goes on');
    return error?.() ?? this.error('the text ends within a form', this.#text.length);
  }

  #form(character: string): EdnValue {
    switch (character) {
      case '{': return this.#map();
      case '[': return this.#sequence(']');
      case '(': return this.#sequence(')');
      case '"': return this.#string();
      case '\\': return this.#character();
      case '#': return this.#dispatch();
      case ']': case ')': case '}': throw this.error(`unexpected "${character}"`);
      case '^':
        this.at++;
        this.#required('a form of metadata after ^');
        return this.#required('a form after its metadata');
      default: return this.#atom();
    }
  }

  #dispatch(): EdnValue {
    const start = this.at;
    const next = this.#text[++this.at];
    if (next === undefined) throw this.#cut();
    if (next === '{') return this.#sequence('}');
    if (next === '"') return this.#string();
    if (next === '#') {
      this.at++;
      const name = this.#token();
      if (!SYMBOLIC.includes(name)) throw this.error(`"##${name}" is not a number: expected ##Inf, ##-Inf or ##NaN`, start);
      return new EdnName(`##${name}`);
    }
    const tag = this.#token();
    const form = this.#required('a form after the tag');
    return tag.startsWith(':') && isMap(form) ? inNamespace(form, tag.replace(/^:+/, '')) : form;
  }

  #sequence(close: string): readonly EdnValue[] {
    const start = this.at++;
    if (++this.#depth > MAX_DEPTH) throw this.error(`nested deeper than ${MAX_DEPTH}`);
    const items: EdnValue[] = [];
    for (;;) {
      const character = this.peek();
      if (character === undefined) throw this.#cut(() => this.error(`not closed by "${close}"`, start));
      if (character === close) break;
      if (character === ')' || character === ']' || character === '}') throw this.error(`not closed by "${close}", found "${character}"`);
      items.push(this.#form(character));
    }
    this.at++;
    this.#depth--;
    return items;
  }

  #map(): EdnMap {
    const start = this.at;
    const items = this.#sequence('}');
    if (items.length % 2 === 1) throw this.error('a map with a key but no value', start);
    const entries: (readonly [EdnValue, EdnValue])[] = [];
    for (let i = 0; i < items.length; i += 2) entries.push([items[i] ?? null, items[i + 1] ?? null]);
    return { kind: 'map', entries };
  }

  #string(): string {
    const text = this.#text;
    const start = this.at++;
    let out = '';
    for (let from = this.at; ; ) {
      const code = text.charCodeAt(this.at);
      if (Number.isNaN(code)) throw this.#cut(() => this.error('a string that does not end', start));
      if (code === QUOTE) return out + text.slice(from, this.at++);
      if (code !== BACKSLASH) {
        this.at++;
        continue;
      }
      out += text.slice(from, this.at) + this.#escape();
      from = this.at;
    }
  }

  #escape(): string {
    const start = this.at;
    const escape = this.#text[start + 1];
    if (escape === undefined || (escape === 'u' && this.#more && start + 6 > this.#text.length)) throw this.#cut();
    const hex = escape === 'u' ? /^[0-9a-fA-F]{4}/.exec(this.#text.slice(start + 2, start + 6))?.[0] : undefined;
    const meant = hex === undefined ? ESCAPES[escape] : String.fromCharCode(parseInt(hex, 16));
    if (meant === undefined) throw this.error(`unknown escape "\\${escape}" in a string`, start);
    this.at += hex === undefined ? 2 : 6;
    return meant;
  }

  #character(): string {
    const start = this.at++;
    const first = this.#text[this.at];
    if (first === undefined) throw this.#cut();
    this.at++;
    const name = first + (endsToken(first.charCodeAt(0)) ? '' : this.#token());
    const meant = characterOf(name);
    if (meant === undefined) throw this.error(`unknown character "\\${name}"`, start);
    return meant;
  }

  #atom(): EdnValue {
    const start = this.at;
    const token = this.#token();
    const value = atomOf(token);
    if (value === undefined) throw this.error(`"${token}" is not a number`, start);
    return value;
  }

  #token(): string {
    const text = this.#text;
    const start = this.at;
    let at = start;
    while (at < text.length && !endsToken(text.charCodeAt(at))) at++;
    this.at = at;
    // The rest of the token may still come.
    if (at === text.length && this.#more) throw this.#cut();
    return text.slice(start, at);
  }

  #required(what: string): EdnValue {
    const character = this.peek();
    if (character === undefined) throw this.#cut(() => this.error(`${what} is missing`));
    if (character === ')' || character === ']' || character === '}') throw this.error(`${what} is missing`);
    return this.#form(character);
  }
}

function isMap(form: EdnValue): form is EdnMap {
  return typeof form === 'object' && form !== null && !Array.isArray(form) && !(form instanceof EdnName);
}
