import { EdnName, type EdnValue } from './edn-value.js';

const CHARACTERS: Readonly<Record<string, string>> = { newline: '\n', space: ' ', tab: '\t', return: '\r', formfeed: '\f', backspace: '\b' };

const BLANK = 1;
const ENDS_TOKEN = 2;
/** What a character is, by its code. A comma is a blank. */
const CLASSES = new Uint8Array(128);
for (const character of ' \t\n\r\f\v,') CLASSES[character.charCodeAt(0)] = BLANK | ENDS_TOKEN;
for (const character of ';"()[]{}') CLASSES[character.charCodeAt(0)] = ENDS_TOKEN;

/** Whether a character code is a blank of EDN. */
export function isBlank(code: number): boolean {
  return code < 128 && ((CLASSES[code] as number) & BLANK) !== 0;
}

/** Whether a character code ends a token. */
export function endsToken(code: number): boolean {
  return code < 128 && ((CLASSES[code] as number) & ENDS_TOKEN) !== 0;
}

/** What a token without brackets and quotes means; undefined for what looks like a number and is none. */
export function atomOf(token: string): EdnValue | undefined {
  if (token === 'nil') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  const first = token.charCodeAt(0);
  const digit = first === 0x2b || first === 0x2d ? token.charCodeAt(1) : first;
  return digit >= 0x30 && digit <= 0x39 ? numberOf(token) : new EdnName(token);
}

/** What `\name` means; undefined if nothing. */
export function characterOf(name: string): string | undefined {
  if (name.length === 1) return name;
  if (/^u[0-9a-fA-F]{4}$/.test(name)) return String.fromCharCode(parseInt(name.slice(1), 16));
  return CHARACTERS[name];
}

/** Whole numbers that a double cannot hold stay text: two of them must not become equal. */
function numberOf(token: string): EdnValue | undefined {
  if (/^[+-]?\d+N?$/.test(token)) {
    const digits = token.endsWith('N') ? token.slice(0, -1) : token;
    const number = Number(digits);
    return Number.isSafeInteger(number) ? number : digits.replace(/^\+/, '');
  }
  const ratio = /^([+-]?\d+)\/(\d+)$/.exec(token);
  const number = ratio !== null ? Number(ratio[1]) / Number(ratio[2]) : /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?M?$/.test(token) ? Number(token.replace(/M$/, '')) : NaN;
  return Number.isFinite(number) ? number : undefined;
}
