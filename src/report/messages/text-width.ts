/** Widths of characters of a usual sans-serif face, in ems: narrow, wide, and all others. */
const NARROW = /[ijlI.,:;'|!()[\]\s/ftr-]/;
const WIDE = /[mwMWQGO@%#=+<>→…]/;

/** About how many pixels a text takes in the system's sans-serif face; somewhat too many rather than too few. */
export function widthOf(text: string, fontSize: number): number {
  let ems = 0;
  for (const char of text) ems += NARROW.test(char) ? 0.34 : WIDE.test(char) ? 0.86 : char > '\u2fff' ? 1.05 : 0.56;
  return ems * fontSize;
}

/** Breaks a text into two lines of a width in pixels, the second cut if need be; the second is empty if one is enough. */
export function twoLines(text: string, width: number, fontSize: number): readonly [string, string] {
  const first = fit(text, width, fontSize);
  if (first === text) return [text, ''];
  const space = first.lastIndexOf(' ');
  const end = space > first.length / 3 ? space : first.length - 1;
  return end < 1 ? [first, ''] : [first.slice(0, end), fit(text.slice(end).trimStart(), width, fontSize)];
}

/** Cuts a text to a width in pixels, with an ellipsis if something is cut; empty where not even two characters have room. */
export function fit(text: string, width: number, fontSize: number): string {
  if (widthOf(text, fontSize) <= width) return text;
  let room = width - widthOf('…', fontSize);
  let fitting = '';
  for (const char of text) {
    room -= widthOf(char, fontSize);
    if (room < 0) break;
    fitting += char;
  }
  return fitting.length < 2 ? '' : `${fitting.trimEnd()}…`;
}
