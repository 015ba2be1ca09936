import { FaultlineError } from '../../errors.js';

/** A place in a text, from 1. Columns count UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column?: number;
}

/** A mistake in a text that was read, with its place: FaultlineError `history-format` (usage). */
export function formatError(source: string, place: Place, message: string, hint: string): FaultlineError {
  const where = place.column === undefined ? `${source}:${place.line}` : `${source}:${place.line}:${place.column}`;
  return new FaultlineError('history-format', `${where}: ${message}`, { kind: 'usage', hint });
}

/** Lines and columns of offsets in a text, or in a piece of one that begins elsewhere. Asking for offsets in ascending order costs one pass. */
export class Places {
  readonly #text: string;
  readonly #first: Required<Place>;
  #line: number;
  /** Offset at which the line begins; not positive if it began before this piece. */
  #start: number;

  constructor(text: string, first: Required<Place> = { line: 1, column: 1 }) {
    this.#text = text;
    this.#first = first;
    this.#line = first.line;
    this.#start = 1 - first.column;
  }

  of(offset: number): Required<Place> {
    if (offset < this.#start) {
      this.#line = this.#first.line;
      this.#start = 1 - this.#first.column;
    }
    for (;;) {
      const end = this.#text.indexOf('\n', Math.max(0, this.#start));
      if (end < 0 || end >= offset) return { line: this.#line, column: offset - this.#start + 1 };
      this.#line++;
      this.#start = end + 1;
    }
  }
}
