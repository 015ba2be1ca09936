import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { flag, text, type OptionSpec } from '../config/option-spec.js';
import { EXIT } from '../errors.js';
import { FILES, listRuns, type RunFolder } from '../store/run-folder.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';
import { columns } from './text.js';

const OPTIONS = {
  results: { flag: '--results <dir>', help: 'folder of stored runs', defaultText: 'results', parse: text } satisfies OptionSpec<string>,
  json: { flag: '--json', help: 'one JSON object a run on standard output', parse: flag } satisfies OptionSpec<boolean>,
} as const;

/** `faultline list`: the stored runs, oldest first. */
export function listCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('list', 'lists the stored runs', OPTIONS).action((flags: Record<string, unknown>) => {
    const options = parseFlags(OPTIONS, flags);
    const rows = listRuns(options.results ?? 'results').map(rowOf);
    if (options.json === true) for (const row of rows) context.out(`${JSON.stringify(row)}\n`);
    else if (rows.length === 0) context.out('No stored runs.\n');
    else for (const line of columns([['VERDICT', 'SEED', 'WORKLOAD', 'NEMESES', 'BUGS', 'FOLDER'], ...rows.map((row) => [row.verdict, String(row.seed), row.workload, row.nemeses.join(',') || 'none', row.bugs.join(',') || '-', row.dir])])) context.out(`${line}\n`);
    done(EXIT.valid);
  });
}

interface Row {
  readonly verdict: string;
  readonly seed: number;
  readonly workload: string;
  readonly nemeses: readonly string[];
  readonly bugs: readonly string[];
  readonly dir: string;
}

function rowOf(folder: RunFolder): Row {
  const { seed, workload, nemeses, bugs } = folder.plan();
  const results = folder.has(FILES.results) ? folder.results() : undefined;
  const verdict = results === undefined ? 'unfinished' : results.verdict === 'invalid' && results.kind === 'liveness' ? 'stuck' : results.verdict;
  return { verdict, seed, workload, nemeses, bugs, dir: folder.dir };
}
