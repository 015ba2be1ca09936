import type { Command } from 'commander';
import { optionVariable } from '../config/option-spec.js';
import { TEST_OPTIONS } from '../config/test-options.js';
import { CAPABILITIES } from '../control/capability.js';
import { EXIT } from '../errors.js';
import { checkerOf, checkers, clusters, explorations, models, nemeses, PROMISES, systems, workloads } from '../registry.js';
import type { Nemesis } from '../runner/nemesis.js';
import type { BugInfo } from '../runner/system.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';

/** `faultline reference`: docs/reference.md, made from the code; a test fails when the stored page is stale. */
export function referenceCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('reference', 'prints the reference of options, workloads, nemeses, checkers and bugs (Markdown)', {}).action(() => {
    context.out(referenceText());
    done(EXIT.valid);
  });
}

/** The page as Markdown. */
export function referenceText(): string {
  return [
    '# Reference',
    '',
    'Made from the code by `faultline reference`.',
    ...section('Options of `faultline test`', ['option', 'environment', 'default', 'meaning'], Object.values(TEST_OPTIONS).map((spec) => [`\`${spec.flag}\``, `\`${optionVariable(spec)}\``, 'defaultText' in spec ? String(spec.defaultText ?? '') : '', spec.help])),
    ...section('Clusters', ['name', 'what'], Object.values(clusters).map(({ name, description }) => [name, description])),
    ...Object.values(systems).flatMap((system) => [
      ...section(`System \`${system.name}\``, ['option (`-o name=value`)', 'meaning'], systemOptions(system.options)),
      ...section(`Bugs of \`${system.name}\``, ['name', 'what the code does wrong', 'part', 'symptom', 'how the run fails', 'faults', 'workloads'], (system.bugs ?? []).map((bug) => [`\`${bug.name}\``, `${bug.meaning}${bug.setting === undefined ? '' : ` Run with ${Object.entries(bug.setting).map(([name, value]) => `\`-o ${name}=${JSON.stringify(value)}\``).join(', ')}.`}`, bug.part, bug.symptom, howItFails(bug), bug.faults.join(', '), bug.workloads.join(', ')])),
      ...(system.controls === undefined ? [] : section(`Controls of \`${system.name}\`: bugs that must not be found`, ['name', 'bug', 'with no other faults than', 'why nothing can be seen'], system.controls.map(({ name, bug, faults, survives }) => [`\`${name}\``, `\`${bug}\``, faults.join(', ') || 'none', survives]))),
    ]),
    ...Object.values(workloads).flatMap((workload) => [...section(`Workload \`${workload.name}\``, ['operation', 'argument -> result'], Object.entries(workload.operations).map(([f, shape]) => [f, shape])), '', workload.description]),
    ...Object.values(nemeses).flatMap((nemesis) => [...section(`Nemesis \`${nemesis.name}\``, ['kind', 'what it does'], Object.entries(nemesis.kinds).map(([kind, what]) => [kind, what])), '', `${nemesis.description} Needs a cluster (or a system) that can ${nemesis.needs.map((capability) => CAPABILITIES[capability]).join(', ')}.${kindNeedsText(nemesis)}`]),
    ...section('Checkers', ['name', 'judges', 'what'], Object.keys(checkers).map((name) => checkerRow(name))),
    ...section('Models (`--model`)', ['name', 'what', 'operations: argument -> result'], Object.values(models).map(({ name, description, operations }) => [`\`${name}\``, description, Object.entries(operations).map(([f, shape]) => `\`${f}\`: ${shape}`).join('<br>')])),
    ...Object.values(explorations).flatMap(({ name, description, numbers, switches, bugs }) => [
      ...section(`\`faultline explore ${name}\``, ['option', 'default', 'meaning'], [...Object.entries(numbers).map(([option, { help, defaultText }]) => [`\`${flagOf(option)} <n>\``, defaultText, help]), ...Object.entries(switches).map(([option, help]) => [`\`${flagOf(option)}\``, '', help])]),
      '',
      `${description} Bugs (\`--bug\`): ${bugs.map((bug) => `\`${bug.name}\``).join(', ')}.`,
    ]),
    ...section('Promises (`--promise`)', ['name', 'what'], Object.entries(PROMISES).map(([name, what]) => [`\`${name}\``, what])),
    '',
  ].join('\n');
}

function howItFails({ kind, survives }: BugInfo): string {
  return survives === undefined ? (kind === 'safety' ? 'safety violated' : 'safe but stuck') : `it must survive: ${survives}`;
}

function kindNeedsText({ kindNeeds = {} }: Nemesis): string {
  return Object.entries(kindNeeds).filter(([, needs]) => needs.length > 0).map(([kind, needs]) => ` Kind \`${kind}\` besides: ${needs.map((capability) => CAPABILITIES[capability]).join(', ')}.`).join('');
}

function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function checkerRow(name: string): readonly string[] {
  const { judges, description } = checkerOf({ checker: name, options: name === 'linearizable' ? { model: 'cas-register' } : {} });
  return [name, judges, description];
}

function systemOptions(schema: unknown): readonly (readonly string[])[] {
  const shape = (schema as { readonly shape?: Readonly<Record<string, { readonly description?: string }>> }).shape ?? {};
  return Object.entries(shape).map(([name, { description = '' }]) => [`\`${name}\``, description]);
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return ['', `## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)];
}
