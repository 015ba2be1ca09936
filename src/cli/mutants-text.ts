import { median, type MutantScore } from '../search/mutants.js';
import { plural } from '../report/text.js';

/** Runs of a correct system. */
export interface Control {
  readonly system: string;
  readonly runs: number;
  readonly failures: readonly { readonly seed: number; readonly headline: string }[];
}

const WIDTHS = [34, 9, 9, 15, 22, 7, 9, 8] as const;
const TITLES = ['BUG', 'FOUND', 'SEEDS', 'CHECKER', 'ANOMALY', 'RUNS', 'SECONDS', 'SHRUNK TO'];

export const HEADER = line(TITLES);

/** A row of the table on a terminal. */
export function rowText(row: MutantScore): string {
  return line([row.name, verdictText(row), `${row.foundWith} of ${row.seeds}`, row.checker ?? '-', row.anomaly ?? '-', String(row.runs), row.seconds.toFixed(2), shrunkText(row)]);
}

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(' ').trimEnd();
}

function verdictText({ found, expected }: MutantScore): string {
  return found ? (expected === 'found' ? 'yes' : 'YES, BUT') : expected === 'found' ? 'NO' : 'survives';
}

function shrunkText({ shrunk }: MutantScore): string {
  return shrunk === null ? '-' : `${shrunk.operations} op, ${shrunk.faults} f, ${shrunk.nodes} n`;
}

/** The last lines: the score. */
export function scoreText(rows: readonly MutantScore[], controls: readonly Control[], seconds: number): string {
  const wanted = rows.filter(({ expected }) => expected === 'found');
  const missed = wanted.filter(({ found }) => !found);
  const survivors = rows.filter(({ expected }) => expected === 'survives');
  const accused = survivors.filter(({ found }) => found);
  const shrunk = rows.flatMap((row) => row.shrunk ?? []);
  return [
    '',
    `${wanted.length - missed.length} of ${plural(wanted.length, 'bug')} found${missed.length === 0 ? '' : `; not found: ${missed.map(({ name }) => name).join(', ')}`}.`,
    `${survivors.length - accused.length} of ${plural(survivors.length, 'honest control')} survived${accused.length === 0 ? '' : `; found all the same: ${accused.map(({ name }) => name).join(', ')}`}.`,
    ...(shrunk.length === 0 ? [] : [`Shrunk to a median of ${plural(median(shrunk.map(({ operations }) => operations)), 'client operation')} and ${plural(median(shrunk.map(({ faults }) => faults)), 'fault')} (${shrunk.length} finds).`]),
    ...controls.map(({ system, runs, failures }) => `The correct ${system}: ${plural(runs, 'run')}, ${failures.length === 0 ? 'none failed' : `${failures.length} FAILED: ${failures.slice(0, 5).map(({ seed, headline }) => `seed ${seed} (${headline})`).join('; ')}`}.`),
    `${seconds.toFixed(0)} s in all.`,
    '',
  ].join('\n');
}

/** The table of docs/mutants.md. */
export function mutantsMarkdown(rows: readonly MutantScore[], controls: readonly Control[]): string {
  const systems = [...new Set(rows.map(({ system }) => system))];
  return [
    ...systems.flatMap((system) => [
      `### ${system}`,
      '',
      '| bug | found | seeds | checker | anomaly | kind | runs | seconds | shrunk to |',
      '|---|---|---|---|---|---|---|---|---|',
      ...rows.filter((row) => row.system === system).map((row) => `| \`${row.name}\` | ${verdictText(row)} | ${row.foundWith} of ${row.seeds} | ${row.checker ?? '–'} | ${row.anomaly ?? '–'} | ${row.kind === 'liveness' ? 'safe but stuck' : (row.kind ?? '–')} | ${row.runs} | ${row.seconds.toFixed(2)} | ${row.shrunk === null ? '–' : `${row.shrunk.operations} operations, ${row.shrunk.faults} faults, ${row.shrunk.nodes} nodes`} |`),
      '',
    ]),
    ...controls.map(({ system, runs, failures }) => `The correct ${system} beside them: ${runs} runs, ${failures.length} failures.`),
    '',
    ...rows.flatMap(({ name, why }) => (why === undefined ? [] : [`- \`${name}\` is expected to survive: ${why}`])),
    '',
  ].join('\n');
}
