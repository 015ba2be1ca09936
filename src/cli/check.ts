import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { duration, flag, text, usageError, type OptionSpec, type OptionValues } from '../config/option-spec.js';
import { parseSize } from '../config/size.js';
import { EXIT, FaultlineError } from '../errors.js';
import { readHistory, type ReadResult } from '../history/journal.js';
import { detectFormat, openHistory, SAMPLE_BYTES, type HistoryFormat } from '../history/import/index.js';
import type { Op } from '../history/op.js';
import { scanHistory } from '../history/scan/scan-history.js';
import { TableBuilder, type OpTable } from '../history/table/index.js';
import { summaryText } from '../report/console/index.js';
import { checkHistory, judgeLevel, models, operationsIn, PROMISES, workloads, type AnyModel, type Level } from '../registry.js';
import type { CheckResult } from '../runner/checker.js';
import { FILES, RunFolder } from '../store/run-folder.js';
import { NS_PER_MS, realClock } from '../time/clock.js';
import type { CliContext } from './context.js';
import { DEFAULT_LIMITS, exitCodeOf, judgeRun, type JudgeLimits } from '../judge/judge-run.js';
import { explainOptionsOf, explainTarget, writeExplanation } from './explain-file.js';
import { formatNamed, formatOption, keyedOption } from './history-options.js';
import { commandWith } from './options.js';
import { readProgress } from './read-progress.js';
import { lookUp } from '../judge/suggest.js';
import { wrap } from './text.js';

function option<T>(spec: OptionSpec<T>): OptionSpec<T> {
  return spec;
}

const OPTIONS = {
  model: option({ flag: '--model <name>', help: `for a bare history: what each key must be a linearizable ${Object.keys(models).join(', ')}`, parse: text }),
  level: option({ flag: '--promise <name>', help: `judge registers by a weaker promise: ${Object.keys(PROMISES).join(', ')}`, parse: text }),
  init: option({ flag: '--init <json>', help: 'state of a key that was never written', defaultText: 'the model\'s own', parse: jsonValue }),
  format: formatOption,
  keyed: keyedOption,
  timeLimit: option({ flag: '--time-limit <duration>', help: 'then the verdict is unknown', defaultText: '60s', parse: duration(1) }),
  memoryLimit: option({ flag: '--memory-limit <size>', help: 'then the verdict is unknown', defaultText: '2g', parse: (value: string, source: string) => parseSize(source, value) }),
  explain: option({ flag: '--explain <file.html>', help: 'of an invalid history: a page that shows why, to step through', parse: text }),
  json: option({ flag: '--json', help: 'one JSON document on standard output', parse: flag }),
} as const;

type CheckOptions = OptionValues<typeof OPTIONS>;

/** `faultline check`: judges a stored run again, or a bare history by a model. */
export function checkCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('check', 'judges a stored run again, or a history file (- for standard input) by a model', OPTIONS)
    .argument('<run or file>', 'a folder below results/ (results/latest), a history file, or -')
    .action(async (source: string, flags: Record<string, unknown>) => {
      const options = parseFlags(OPTIONS, flags);
      const limits = { timeLimitMs: options.timeLimit ?? DEFAULT_LIMITS.timeLimitMs, memoryLimitBytes: options.memoryLimit ?? DEFAULT_LIMITS.memoryLimitBytes };
      if (source !== '-' && !existsSync(source)) throw usageError(`${source}: there is no such file or folder`, 'Give the folder of a stored run (results/latest), a history file, or - for standard input.');
      if (options.explain !== undefined) explainTarget(options.explain);
      const isRun = source !== '-' && statSync(source).isDirectory();
      done(await (isRun && options.model === undefined ? checkRun(source, options, limits, context) : checkFile(isRun ? RunFolder.open(source).path(FILES.history) : source, options, limits, context)));
    });
}

/** A stored run gets the verdict that it got when it was performed: the same checkers see the same history. Nothing in it is changed. */
async function checkRun(path: string, options: CheckOptions, limits: JudgeLimits, context: CliContext): Promise<number> {
  const folder = RunFolder.open(path);
  const plan = folder.plan();
  const workload = lookUp('workload', plan.workload, workloads);
  const { ops, torn } = await readHistory(folder.path(FILES.history));
  tellTorn(torn, context);
  const clock = realClock();
  const before = folder.has(FILES.results) ? folder.results() : undefined;
  const outcome = { nodes: before?.nodes.map(({ name, unexpectedExits }) => ({ name, unexpectedExits })) ?? [], troubles: [], interrupted: before?.interrupted ?? false, ...(before?.exercised === undefined ? {} : { exercised: before.exercised }) };
  const results = await judgeRun(plan, workload, ops, { runId: folder.run().id, outcome, durationMs: before?.durationMs ?? 0, now: () => clock.now() / NS_PER_MS }, limits);
  if (options.json === true) context.out(`${JSON.stringify(results, null, 2)}\n`);
  else context.out(summaryText(results, plan, { columns: context.columns, color: false, reportPath: folder.path(FILES.report), runDir: folder.dir }));
  if (options.explain !== undefined) await writeExplanation(options.explain, results, explainOptionsOf(plan), context);
  return exitCodeOf(results);
}

async function checkFile(source: string, options: CheckOptions, limits: JudgeLimits, context: CliContext): Promise<number> {
  if (options.model === undefined) throw usageError(`${source}: a bare history needs --model`, `Known are: ${Object.keys(models).join(', ')}.`);
  const model = lookUp('model', options.model, models);
  const level = options.level === undefined ? undefined : levelNamed(options.level);
  if (level !== undefined && model.register === undefined) throw usageError(`--promise ${level}: weaker promises are judged of registers, and ${options.model} is none`, `Give --model ${Object.values(models).filter(({ register }) => register !== undefined).map(({ name }) => name).join(' or ')}, or leave out --promise.`);
  const clock = realClock();
  const { table, torn } = await readTable(source, options, model, context);
  tellTorn(torn, context);
  const initial = options.init === undefined ? {} : { initial: options.init.value };
  const result = table.size === 0 ? NOTHING : level === undefined ? await checkHistory(table, model, { ...limits, ...initial }) : judgeLevel(level, operationsIn(table), { ...limits, ...initial });
  const ms = Math.round(clock.now() / NS_PER_MS);
  if (options.json === true) context.out(`${JSON.stringify({ source, model: options.model, ...(level === undefined ? {} : { level }), operations: table.size, ms, ...result }, null, 2)}\n`);
  else context.out(resultText(source, table.size, result, ms, context.columns));
  if (options.explain !== undefined) await writeExplanation(options.explain, result, { title: source === '-' ? 'standard input' : source }, context, source === '-' ? undefined : { file: source, format: formatOf(options) });
  return result.valid === true ? EXIT.valid : result.valid === false ? EXIT.invalid : EXIT.unknown;
}

/** What a history without an operation of a client proves. */
const NOTHING: CheckResult = { valid: 'unknown', summary: 'the history holds no operation of a client, which proves nothing', anomalies: [] };

function levelNamed(name: string): Level {
  lookUp('promise', name, PROMISES);
  return name as Level;
}

/** The operations of a file as columns. Lines of JSON are scanned without an object for each; other formats go by way of events. */
async function readTable(source: string, options: CheckOptions, model: AnyModel, context: CliContext): Promise<{ readonly table: OpTable; readonly torn: ReadResult['torn'] }> {
  const name = source === '-' ? 'standard input' : source;
  const format = formatOf(options);
  const progress = readProgress(name, context);
  if (source !== '-' && (format.format ?? detectFormat(beginningOf(source), name)) === 'ndjson') return scanHistory(source, progress);
  const history = await openHistory(source === '-' ? (context.stdin as AsyncIterable<Uint8Array>) : source, {
    name,
    ...format,
    ...(progress === undefined ? {} : { onProgress: progress }),
  });
  const builder = new TableBuilder();
  for await (const batch of history.batches) {
    for (const op of batch) {
      if (history.format !== 'ndjson' && options.keyed !== true) assertUnkeyed(op, model, name);
      builder.add(op);
    }
  }
  return { table: builder.build(), torn: history.torn() };
}

/** A register is read without an argument: one that is read with [8 nil] is many, as jepsen.independent writes them, and would be judged wrongly as one. */
function assertUnkeyed({ type, f, value, key, index }: Op, { register }: AnyModel, name: string): void {
  if (type !== 'invoke' || register?.[f] !== 'read' || key !== undefined || !Array.isArray(value) || value.length !== 2 || value[1] !== null) return;
  throw usageError(`${name}: event ${index} reads ${JSON.stringify(value)}, which is a [key value] tuple`, 'Give --keyed, so that each key is judged as a register of its own.');
}

function formatOf({ format, keyed }: CheckOptions): { readonly format?: HistoryFormat; readonly keyed?: boolean } {
  return { ...(format === undefined ? {} : { format: formatNamed(format) }), ...(keyed === undefined ? {} : { keyed }) };
}

function beginningOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const sample = Buffer.alloc(SAMPLE_BYTES);
    return sample.subarray(0, readSync(file, sample, 0, SAMPLE_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function resultText(source: string, operations: number, result: CheckResult, ms: number, width: number): string {
  const verdict = result.valid === true ? 'VALID' : result.valid === false ? 'INVALID' : 'UNKNOWN';
  const anomalies = result.anomalies.flatMap((anomaly) => ['', ...wrap(`${anomaly.key === undefined ? '' : `key ${anomaly.key}: `}${anomaly.message}`, width - 2).map((line) => `  ${line}`)]);
  return [`${verdict}  ${source}: ${operations} operations in ${ms} ms`, ...wrap(result.summary, width - 2).map((line) => `  ${line}`), ...anomalies, ''].join('\n');
}

function tellTorn(torn: ReadResult['torn'], context: CliContext): void {
  if (torn !== undefined) context.err(`faultline: line ${torn.line} was cut off while it was written; judging what comes before it\n`);
}

/** Wrapped, so that a given null is told from nothing given. */
function jsonValue(value: string, source: string): { readonly value: unknown } {
  try {
    return { value: JSON.parse(value) as unknown };
  } catch (error) {
    throw new FaultlineError('bad-option', `${source}: ${value} is not JSON`, { kind: 'usage', cause: error, hint: 'Write null, 0, "text" (with its quotes) or [1,2].' });
  }
}
