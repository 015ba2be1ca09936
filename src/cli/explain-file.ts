import { existsSync, writeFileSync } from 'node:fs';
import { usageError } from '../config/option-spec.js';
import { messageOf } from '../errors.js';
import { explainHtml, parseExplained, type ExplainOptions } from '../report/explain/index.js';
import type { StoredPlan } from '../store/schema.js';
import type { CliContext } from './context.js';

/** What the page says about a run. */
export function explainOptionsOf({ workload, seed, system, nodes, bugs }: StoredPlan): ExplainOptions {
  return { title: `${workload}, seed ${seed}`, system: `${system} on ${nodes} nodes${bugs.length === 0 ? '' : `, bugs switched on: ${bugs.join(', ')}`}` };
}

/** Throws a usage error if there is something of that name: no file is ever overwritten. Asked before judging, which may take long. */
export function explainTarget(path: string): void {
  if (existsSync(path)) throw usageError(`--explain: ${path} exists already and is never overwritten`, 'Give another name, or remove it first.');
}

/** Writes the page that explains an invalid verdict, or says why there is none. Throws a usage error if it cannot be written. */
export function writeExplanation(path: string, results: unknown, options: ExplainOptions, context: CliContext): void {
  const explained = parseExplained(results);
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

function isValid(results: unknown): boolean {
  if (typeof results !== 'object' || results === null) return false;
  return ('valid' in results && results.valid === true) || ('verdict' in results && results.verdict === 'valid');
}
