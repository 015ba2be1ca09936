import { clip } from '../text.js';

/** Aligned rows of plain text. The first row is the head; columns named in `right` (by index) are right-aligned; rows are clipped to `width`. */
export function table(rows: readonly (readonly string[])[], options: { readonly right?: readonly number[]; readonly width: number }): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) => (options.right?.includes(column) === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)));
    return clip(cells.join('  ').trimEnd(), options.width);
  });
}
