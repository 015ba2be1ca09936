import { usageError } from '../config/option-spec.js';

/** Looks a name up; an unknown one is a usage error that lists the known names and the nearest. */
export function lookUp<T>(what: string, name: string, table: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(table);
  const nearest = names.map((known) => ({ known, distance: editDistance(name, known) })).sort((a, b) => a.distance - b.distance)[0];
  const guess = nearest !== undefined && nearest.distance <= Math.max(2, name.length / 3) ? ` Did you mean ${nearest.known}?` : '';
  throw usageError(`unknown ${what} "${name}".${guess}`, `Known are: ${names.join(', ') || 'none'}.`);
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
