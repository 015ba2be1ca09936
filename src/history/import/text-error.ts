import { FaultlineError } from '../../errors.js';

/** A mistake in a text that was read, with its place: FaultlineError `history-format` (usage). */
export function formatError(source: string, place: { readonly line: number; readonly column?: number }, message: string, hint: string): FaultlineError {
  const where = place.column === undefined ? `${source}:${place.line}` : `${source}:${place.line}:${place.column}`;
  return new FaultlineError('history-format', `${where}: ${message}`, { kind: 'usage', hint });
}

/** Line and column, from 1, of an offset in a text. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (const character of before) if (character === '\n') line++;
  return { line, column: offset - lineStart + 1 };
}
