import type { FaultlineError } from '../../errors.js';
import { formatError, placeOf } from './text-error.js';

/** A keyword or a symbol, apart from strings: `:ok` has the text `:ok`. */
export class EdnName {
  constructor(readonly text: string) {}
}

export interface EdnMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [EdnValue, EdnValue])[];
  /** Where it begins in the text. */
  readonly offset: number;
}

/** A value of an EDN text (https://github.com/edn-format/edn). Vectors, lists and sets are arrays; a tagged form is the form without its tag. */
export type EdnValue = null | boolean | number | string | EdnName | EdnMap | readonly EdnValue[];

const HINT = 'The text must be EDN as Jepsen writes it: a vector of maps, or one map after the other.';
const DELIMITER = /[\s,;"()[\]{}]/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\' };
const CHARACTERS: Readonly<Record<string, string>> = { newline: '\n', space: ' ', tab: '\t', return: '\r' };

/** Deepest nesting that is read. */
const MAX_DEPTH = 200;

/** Reads all forms of an EDN text. Throws FaultlineError `history-format` (usage) with line and column. */
export function readEdn(text: string, source: string): readonly EdnValue[] {
  const reader = new EdnReader(text, source);
  const forms: EdnValue[] = [];
  for (let form = reader.next(); form !== undefined; form = reader.next()) forms.push(form.value);
  return forms;
}

class EdnReader {
  #at = 0;
  #depth = 0;

  constructor(
    private readonly text: string,
    private readonly source: string,
  ) {}

  /** The next form; undefined at the end of the text or before a closing bracket. */
  next(): { readonly value: EdnValue } | undefined {
    this.#skip();
    const character = this.text[this.#at];
    if (character === undefined) return undefined;
    if (character === ')' || character === ']' || character === '}') {
      if (this.#depth === 0) throw this.#error(`unexpected "${character}"`);
      return undefined;
    }
    return { value: this.#form(character) };
  }

  #form(character: string): EdnValue {
    if (character === '"') return this.#string();
    if (character === '[') return this.#sequence(']');
    if (character === '(') return this.#sequence(')');
    if (character === '{') return this.#map();
    if (character === '\\') return this.#character();
    if (character !== '#') return this.#atom();
    if (this.text[this.#at + 1] === '{') {
      this.#at++;
      return this.#sequence('}');
    }
    this.#token();
    return this.#required('a form after the tag');
  }

  #sequence(close: string): readonly EdnValue[] {
    const start = this.#at++;
    if (++this.#depth > MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH}`);
    const items: EdnValue[] = [];
    for (let item = this.next(); item !== undefined; item = this.next()) items.push(item.value);
    if (this.text[this.#at] !== close) throw this.#error(`not closed by "${close}"`, this.text[this.#at] === undefined ? start : this.#at);
    this.#at++;
    this.#depth--;
    return items;
  }

  #map(): EdnMap {
    const offset = this.#at;
    const items = this.#sequence('}');
    if (items.length % 2 === 1) throw this.#error('a map with a key but no value', offset);
    const entries = Array.from({ length: items.length / 2 }, (_, i) => [items[2 * i] ?? null, items[2 * i + 1] ?? null] as const);
    return { kind: 'map', entries, offset };
  }

  #string(): string {
    const start = this.#at++;
    let out = '';
    for (;;) {
      const character = this.text[this.#at++];
      if (character === undefined) throw this.#error('a string that does not end', start);
      if (character === '"') return out;
      if (character !== '\\') { out += character; continue; }
      const escape = this.text[this.#at++] ?? '';
      const hex = escape === 'u' ? /^[0-9a-fA-F]{4}/.exec(this.text.slice(this.#at, this.#at + 4))?.[0] : undefined;
      const meant = hex === undefined ? ESCAPES[escape] : String.fromCharCode(parseInt(hex, 16));
      if (meant === undefined) throw this.#error(`unknown escape "\\${escape}" in a string`, this.#at - 2);
      if (hex !== undefined) this.#at += 4;
      out += meant;
    }
  }

  #character(): string {
    const start = this.#at++;
    const first = this.text[this.#at++] ?? '';
    const name = first + (DELIMITER.test(first) ? '' : this.#token());
    const meant = name.length === 1 ? name : CHARACTERS[name];
    if (meant === undefined) throw this.#error(`unknown character "\\${name}"`, start);
    return meant;
  }

  #atom(): EdnValue {
    const start = this.#at;
    const token = this.#token();
    if (token === 'nil') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    if (!/^[+-]?\d/.test(token)) return new EdnName(token);
    const number = /^[+-]?\d+[NM]?$|^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?M?$/.test(token) ? Number(token.replace(/[NM]$/, '')) : NaN;
    if (Number.isNaN(number)) throw this.#error(`"${token}" is not a number`, start);
    return number;
  }

  #token(): string {
    const start = this.#at;
    while (this.#at < this.text.length && !DELIMITER.test(this.text[this.#at] ?? '')) this.#at++;
    return this.text.slice(start, this.#at);
  }

  /** Goes over blanks, commas, comments and discarded forms. */
  #skip(): void {
    for (;;) {
      const character = this.text[this.#at];
      if (character === undefined) return;
      if (character === ',' || /\s/.test(character)) this.#at++;
      else if (character === ';') {
        const end = this.text.indexOf('\n', this.#at);
        this.#at = end < 0 ? this.text.length : end + 1;
      } else if (character === '#' && this.text[this.#at + 1] === '_') {
        this.#at += 2;
        this.#required('a form after #_');
      } else return;
    }
  }

  #required(what: string): EdnValue {
    const form = this.next();
    if (form === undefined) throw this.#error(`${what} is missing`);
    return form.value;
  }

  #error(message: string, offset = this.#at): FaultlineError {
    return formatError(this.source, placeOf(this.text, offset), message, HINT);
  }
}
