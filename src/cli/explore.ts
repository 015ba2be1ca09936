import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { duration, flag, integer, optionKey, text, usageError, type OptionSpec, type OptionTable, type OptionValues } from '../config/option-spec.js';
import { parseSize } from '../config/size.js';
import { EXIT } from '../errors.js';
import type { Exploration, ExplorationRun, ExploreLimits, ExploreProgress, ExploreResult, ExploreSettings } from '../explore/index.js';
import { explorations } from '../registry.js';
import { NS_PER_MS, realClock } from '../time/clock.js';
import type { CliContext } from './context.js';
import { explorationsText, exploreJson, exploreText, progressText } from './explore-text.js';
import { commandWith } from './options.js';
import { lookUp } from '../judge/suggest.js';

const DEFAULT_MEMORY_BYTES = 3 * 1024 ** 3;

const OPTIONS = {
  bug: { flag: '--bug <name>', help: 'switches a bug of the model on', parse: text } satisfies OptionSpec<string>,
  maxStates: { flag: '--max-states <n>', help: 'stops when there are more distinct states', defaultText: 'none', parse: integer(1, 2 ** 30) } satisfies OptionSpec<number>,
  timeLimit: { flag: '--time-limit <duration>', help: 'then it stops', defaultText: 'none', parse: duration(1) } satisfies OptionSpec<number>,
  memoryLimit: { flag: '--memory-limit <size>', help: 'then it stops', defaultText: '3g', parse: (value: string, source: string) => parseSize(source, value) } satisfies OptionSpec<number>,
  json: { flag: '--json', help: 'one JSON document on standard output', parse: flag } satisfies OptionSpec<boolean>,
} as const;

/** `faultline explore`: explores a model exhaustively, or lists the models. */
export function exploreCommand(context: CliContext, done: (code: number) => void): Command {
  const scope = scopeOptions(Object.values(explorations));
  return commandWith('explore', 'explores every state of a model within bounds, or lists the models', { ...scope, ...OPTIONS })
    .argument('[model]', `what to explore: ${Object.keys(explorations).join(', ')}`)
    .action(async (name: string | undefined, flags: Record<string, unknown>) => {
      const options = parseFlags(OPTIONS, flags);
      if (name === undefined) {
        done(listModels(options.json === true, context));
        return;
      }
      const model = lookUp('model', name, explorations);
      const settings = settingsOf(model, scope, flags, options.bug);
      const run = model.begin(settings);
      const result = await carryOut(run, limitsOf(options), context);
      const about = { model: model.name, scope: run.scope, bug: options.bug };
      context.out(options.json === true ? exploreJson(about, result) : exploreText(about, result, context.columns));
      done({ complete: EXIT.valid, violated: EXIT.invalid, limited: EXIT.unknown }[result.outcome]);
    });
}

/** An option for every name that a model declares, a model's switches without value. */
function scopeOptions(models: readonly Exploration[]): OptionTable {
  const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const numbers = models.flatMap(({ name: model, numbers }) => Object.entries(numbers).map(([name, spec]) => ({ name, text: `${model}: ${spec.help} (default: ${spec.defaultText})`, flag: `--${kebab(name)} <n>`, parse: integer(0) })));
  const switches = models.flatMap(({ name: model, switches }) => Object.entries(switches).map(([name, help]) => ({ name, text: `${model}: ${help}`, flag: `--${kebab(name)}`, parse: flag })));
  const table: Record<string, OptionSpec<unknown>> = {};
  for (const { name, text: help, flag: spelling, parse } of [...numbers, ...switches]) {
    const known = table[name];
    table[name] = { flag: spelling, help: known === undefined ? help : `${known.help}; ${help}`, parse };
  }
  return table;
}

function settingsOf(model: Exploration, scope: OptionTable, flags: Readonly<Record<string, unknown>>, bug: string | undefined): ExploreSettings {
  const values = parseFlags(scope, flags);
  const numbers: Record<string, number> = {};
  const switches = new Set<string>();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === false) continue;
    const spelling = (scope[name]?.flag ?? name).split(' ')[0] ?? name;
    if (typeof value === 'number' && Object.hasOwn(model.numbers, name)) numbers[name] = bounded(model, name, spelling, value);
    else if (value === true && Object.hasOwn(model.switches, name)) switches.add(name);
    else throw usageError(`${spelling}: the model ${model.name} has no such option`, `It has: ${optionsOf(model, scope).join(', ')}.`);
  }
  if (bug !== undefined) lookUp(`bug of ${model.name}`, bug, Object.fromEntries(model.bugs.map((known) => [known.name, known])));
  return { numbers, switches, ...(bug === undefined ? {} : { bug }) };
}

function bounded(model: Exploration, name: string, spelling: string, value: number): number {
  const { min, max } = model.numbers[name] ?? { min: 0, max: Infinity };
  if (value < min || value > max) throw usageError(`${spelling}: ${value} is not from ${min} to ${max}`, `It is the ${model.numbers[name]?.help ?? name} of the model ${model.name}.`);
  return value;
}

function optionsOf(model: Exploration, scope: OptionTable): readonly string[] {
  return Object.values(scope).filter((spec) => [...Object.keys(model.numbers), ...Object.keys(model.switches)].includes(optionKey(spec))).map((spec) => spec.flag.split(' ')[0] ?? spec.flag);
}

function listModels(json: boolean, context: CliContext): number {
  const models = Object.values(explorations);
  context.out(json ? `${JSON.stringify(models.map(({ name, description, numbers, switches, bugs }) => ({ name, description, numbers, switches, bugs })), null, 2)}\n` : explorationsText(models, context.columns));
  return EXIT.valid;
}

function limitsOf({ maxStates, timeLimit, memoryLimit }: OptionValues<typeof OPTIONS>): ExploreLimits {
  return { memoryBytes: memoryLimit ?? DEFAULT_MEMORY_BYTES, ...(maxStates === undefined ? {} : { maxStates }), ...(timeLimit === undefined ? {} : { timeMs: timeLimit }) };
}

/** Runs it, with a pause now and then for signals, and for a terminal that is told how far it is. */
async function carryOut(run: ExplorationRun, limits: ExploreLimits, context: CliContext): Promise<ExploreResult> {
  const clock = realClock();
  const exploration = run.run(limits, { now: () => clock.now() / NS_PER_MS, memoryBytes: () => process.memoryUsage.rss() });
  const show = progressOn(context);
  for (;;) {
    const turn = exploration.next();
    show(turn.done === true ? undefined : turn.value);
    if (turn.done === true) return turn.value;
    await clock.sleep(0, context.signal);
  }
}

const SHOW_EVERY_MS = 500;

function progressOn(context: CliContext): (progress: ExploreProgress | undefined) => void {
  let shownAt = 0;
  return (progress) => {
    if (!context.terminal || (progress !== undefined && progress.elapsedMs - shownAt < SHOW_EVERY_MS)) return;
    shownAt = progress?.elapsedMs ?? 0;
    context.err(`\r${progress === undefined ? '' : progressText(progress)}\u001b[K`);
  };
}
