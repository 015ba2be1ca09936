/** Where a text stops being JSON, and what would have been possible there. */
export interface JsonError {
  /** Offset in UTF-16 units, from 0. */
  readonly offset: number;
  readonly expected: string;
}

/** Nesting deeper than this is refused: a reader must not run out of stack. */
const MAX_DEPTH = 500;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const BACKSLASH = 0x5c;
const SPACE = /[ \t\r\n]*/y;
const WORD = /true|false|null/y;

/**
 * The first error of a text that JSON.parse refused, the same on every version of Node (whose messages differ and often
 * name no position); undefined if there is none. Grammar: RFC 8259.
 */
export function locateJsonError(text: string): JsonError | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.value(0);
    scanner.space();
    if (scanner.at < text.length) scanner.fail('the end of the line');
    return undefined;
  } catch (error) {
    if (error instanceof Stop) return { offset: error.offset, expected: error.expected };
    throw error;
  }
}

class Stop extends Error {
  constructor(
    readonly offset: number,
    readonly expected: string,
  ) {
    super(expected);
  }
}

class Scanner {
  at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): void {
    this.space();
    if (depth > MAX_DEPTH) this.fail(`nesting of at most ${MAX_DEPTH} levels`);
    switch (this.text[this.at]) {
      case '{':
        return this.items('}', () => this.member(depth));
      case '[':
        return this.items(']', () => this.value(depth + 1));
      case '"':
        return this.string('a string');
      default:
        if (!this.skip(NUMBER) && !this.skip(WORD)) this.fail('a value');
    }
  }

  space(): void {
    this.skip(SPACE);
  }

  fail(expected: string): never {
    throw new Stop(this.at, expected);
  }

  /** What stands between brackets. */
  private items(close: string, item: () => void): void {
    this.at++;
    this.space();
    if (this.take(close)) return;
    do item();
    while ((this.space(), this.take(',')));
    if (!this.take(close)) this.fail(`"," or "${close}"`);
  }

  private member(depth: number): void {
    this.space();
    this.string('a name in double quotes');
    this.space();
    if (!this.take(':')) this.fail('":"');
    this.value(depth + 1);
  }

  private string(expected: string): void {
    if (!this.take('"')) this.fail(expected);
    while (!this.take('"')) {
      const unit = this.text.charCodeAt(this.at);
      if (Number.isNaN(unit)) this.fail('the closing quote of a string');
      if (unit < 0x20) this.fail('no control character in a string');
      if (unit !== BACKSLASH) this.at++;
      else if (!this.skip(ESCAPE)) this.fail('an escape such as \\n or \\u00e9');
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.test(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}
