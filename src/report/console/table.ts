import { clip } from '../text.js';

/** The first column is clipped to no less than this, characters. */
const FIRST_LEAST = 8;

/**
 * Aligned rows of plain text. The first row is the head; columns named in `right` (by index) are right-aligned. What is wider than `width`
 * gets narrower gaps, then a clipped first column; figures are cut last.
 */
export function table(rows: readonly (readonly string[])[], options: { readonly right?: readonly number[]; readonly width: number }): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const sum = widths.reduce((total, width) => total + width, 0);
  const gap = sum + 2 * (widths.length - 1) <= options.width ? 2 : 1;
  const excess = Math.max(0, sum + gap * (widths.length - 1) - options.width);
  if (widths[0] !== undefined) widths[0] = Math.max(Math.min(FIRST_LEAST, widths[0]), widths[0] - excess);
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return options.right?.includes(column) === true ? cell.padStart(width) : clip(cell, width).padEnd(width);
    });
    return clip(cells.join(' '.repeat(gap)).trimEnd(), options.width);
  });
}
