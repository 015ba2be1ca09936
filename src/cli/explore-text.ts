import type { Exploration, ExploreProgress, ExploreResult } from '../explore/index.js';
import { columns, wrap } from './text.js';

/** What was explored. */
export interface Explored {
  readonly model: string;
  readonly scope: Readonly<Record<string, number | boolean>>;
  readonly bug: string | undefined;
}

const LIMITS: Readonly<Record<NonNullable<ExploreResult['limit']>, string>> = {
  maxStates: 'there are more states than --max-states allows',
  timeMs: 'the time limit came first',
  memoryBytes: 'the memory limit came first',
};

/** The result for a person: figures, verdict, and the counterexample as numbered steps. */
export function exploreText(explored: Explored, result: ExploreResult, width: number): string {
  const { distinct, generated, depth, queue, elapsedMs, collisionOdds, tableBytes } = result;
  const rows = [
    ['distinct states', count(distinct)],
    ['states generated', count(generated)],
    ['depth', count(depth)],
    ...(result.outcome === 'complete' ? [] : [['states left', count(queue)]]),
    ['time', `${(elapsedMs / 1000).toFixed(1)} s${elapsedMs < 1 ? '' : ` (${count(Math.round((1000 * distinct) / elapsedMs))} states a second)`}`],
    ['fingerprints', `${count(Math.ceil(tableBytes / 2 ** 20))} MiB; odds that two states were taken for one ${collisionOdds.toExponential(1)}`],
  ];
  return [`${explored.model}: ${scopeText(explored)}`, ...columns(rows).map((line) => `  ${line}`), '', ...verdictLines(result, width), ''].join('\n');
}

/** The result for a program: what was explored, and the figures. */
export function exploreJson({ model, scope, bug }: Explored, result: ExploreResult): string {
  return `${JSON.stringify({ model, scope, ...(bug === undefined ? {} : { bug }), ...result }, null, 2)}\n`;
}

/** One line for a terminal. */
export function progressText({ distinct, generated, depth, queue, elapsedMs }: ExploreProgress): string {
  return `depth ${depth}: ${count(distinct)} states, ${count(generated)} generated, ${count(queue)} left, ${count(Math.round((1000 * distinct) / Math.max(1, elapsedMs)))} a second`;
}

/** The models for a person, each with its options, its bugs and a command to begin with. */
export function explorationsText(models: readonly Exploration[], width: number): string {
  return models.map(({ name, description, numbers, switches, bugs }) => {
    const options = [...Object.entries(numbers).map(([option, { help, defaultText }]) => [`--${kebab(option)} <n>`, `${help} (default: ${defaultText})`]), ...Object.entries(switches).map(([option, help]) => [`--${kebab(option)}`, help])];
    const lines = [...wrap(description, width - 2), ...columns(options), ...wrap(`Bugs (--bug): ${bugs.map((bug) => bug.name).join(', ')}.`, width - 2), `faultline explore ${name}`];
    return `${name}\n${lines.map((line) => `  ${line}\n`).join('')}`;
  }).join('\n');
}

function verdictLines({ outcome, limit, counterexample }: ExploreResult, width: number): readonly string[] {
  if (outcome === 'complete') return ['No violation: every state within this scope was seen.'];
  if (counterexample === undefined) return [`Unknown: ${limit === undefined ? 'it was not finished' : LIMITS[limit]}. No violation in what was seen.`];
  const { violated, steps } = counterexample;
  const digits = String(steps.length).length;
  return [
    ...wrap(`VIOLATED: ${violated}.`, width),
    `A shortest way there, ${steps.length} step${steps.length === 1 ? '' : 's'}:`,
    '',
    ...steps.flatMap(({ label, changes }, i) => [
      ...indented(wrap(label, width - digits - 3), `${String(i + 1).padStart(digits)}. `),
      ...changes.flatMap((change) => indented(wrap(change, width - digits - 5), `${' '.repeat(digits)}    `)),
    ]),
  ];
}

/** Lines with something before the first, and as much room before the others. */
function indented(lines: readonly string[], first: string): readonly string[] {
  return lines.map((line, i) => (i === 0 ? first : ' '.repeat(first.length)) + line);
}

function scopeText({ scope, bug }: Explored): string {
  const parts = Object.entries(scope).filter(([, value]) => value !== false).map(([name, value]) => (value === true ? kebab(name) : `${kebab(name)} ${value}`));
  return [...parts, ...(bug === undefined ? [] : [`bug ${bug}`])].join(', ');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
