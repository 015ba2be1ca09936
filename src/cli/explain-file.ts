import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { usageError } from '../config/option-spec.js';
import { messageOf } from '../errors.js';
import { openHistory, type OpenOptions } from '../history/import/index.js';
import type { Op } from '../history/op.js';
import type { Explained, ExplainOptions } from '../report/explain/index.js';
import type { StoredPlan } from '../store/schema.js';
import type { CliContext } from './context.js';

/** What the page says about a run. */
export function explainOptionsOf({ workload, seed, system, nodes, bugs }: StoredPlan): ExplainOptions {
  return { title: `${workload}, seed ${seed}`, system: `${system} on ${nodes} nodes${bugs.length === 0 ? '' : `, bugs switched on: ${bugs.join(', ')}`}` };
}

/** Throws a usage error if there is something of that name, as no file is ever overwritten, or no folder to write it to. Asked before judging, which may take long. */
export function explainTarget(path: string): void {
  if (existsSync(path)) throw usageError(`--explain: ${path} exists already and is never overwritten`, 'Give another name, or remove it first.');
  if (!existsSync(dirname(path))) throw usageError(`--explain: there is no folder ${dirname(path)}`, 'Make it first, or give another place.');
}

/**
 * Writes the page that explains an invalid verdict, or says why there is none. `history`: the file from which to take the times and nodes of the operations, if they are to be had
 * from there: a check of a file keeps none of them. Throws a usage error if the page cannot be written.
 */
export async function writeExplanation(path: string, results: unknown, options: ExplainOptions, context: CliContext, history?: { readonly file: string; readonly format: Omit<OpenOptions, 'name'> }): Promise<void> {
  // Loaded when wanted: most checks explain nothing.
  const { explainHtml, parseExplained } = await import('../report/explain/index.js');
  const found = parseExplained(results);
  const explained = history === undefined || found.length === 0 ? found : await timed(found, history.file, history.format);
  if (explained.length === 0) {
    context.err(`faultline: ${isValid(results) ? 'the history is valid, so there is nothing to explain' : 'no order of operations is at fault that could be drawn'}; ${path} was not written\n`);
    return;
  }
  try {
    writeFileSync(path, explainHtml(explained, options), { flag: 'wx' });
  } catch (error) {
    throw usageError(`--explain: cannot write ${path}: ${messageOf(error)}`);
  }
  context.err(`explained in ${path}\n`);
}

/** The same with the times and nodes that the file has for their events. */
async function timed(explained: readonly Explained[], file: string, format: Omit<OpenOptions, 'name'>): Promise<readonly Explained[]> {
  const wanted = new Set(explained.flatMap(({ operations }) => operations.flatMap(({ begin, end }) => (end === undefined ? [begin] : [begin, end]))));
  const events = new Map<number, Op>();
  const { batches } = await openHistory(file, { name: file, ...format });
  for await (const batch of batches) {
    for (const op of batch) if (wanted.has(op.index)) events.set(op.index, op);
    if (events.size === wanted.size) break;
  }
  const timeOf = (index: number): number => events.get(index)?.time ?? index;
  return explained.map((one) => ({
    ...one,
    operations: one.operations.map((operation) => {
      const node = events.get(operation.begin)?.node;
      return { ...operation, beginTime: timeOf(operation.begin), ...(operation.end === undefined ? {} : { endTime: timeOf(operation.end) }), ...(node === undefined ? {} : { node }) };
    }),
  }));
}

function isValid(results: unknown): boolean {
  if (typeof results !== 'object' || results === null) return false;
  return ('valid' in results && results.valid === true) || ('verdict' in results && results.verdict === 'valid');
}
