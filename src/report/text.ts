/** Control, format and line-separating characters: what could move a terminal's cursor, hide text, or turn its direction. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from outside on one line, without characters that a terminal would obey; each becomes its code, such as `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

/** Cuts to `width` characters, with an ellipsis if something is cut. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? '…'.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
}

/** Breaks into lines of at most `width` characters, at spaces where it can. Lines are never empty; no words: no lines. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length <= room) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    for (; line.length > room; line = line.slice(room)) lines.push(line.slice(0, room));
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** A value as people read it in a history: JSON, at most `limit` characters. */
export function showValue(value: unknown, limit = 60): string {
  return clip(value === undefined ? '' : (JSON.stringify(value) ?? ''), limit);
}

/** 12345.6 -> `12,346`. */
export function showCount(count: number): string {
  return Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Milliseconds with three significant digits at most: `0.42 ms`, `12.3 ms`, `1.24 s`. Null: a dash. */
export function showMs(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 0.9995) return `${ms.toFixed(2)} ms`;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return ms < 9_995 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 1000).toFixed(1)} s`;
}

/** `1 fault`, `2 faults`. */
export function plural(count: number, noun: string): string {
  return `${showCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A word for a shell: in quotes if it needs them. */
export function shellWord(text: string): string {
  return /^[\w./@:=+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
