import type { Command } from 'commander';
import { flag, type OptionSpec } from '../config/option-spec.js';
import { parseFlags } from '../config/load.js';
import { systems } from '../registry.js';
import type { BugInfo, ControlInfo } from '../runner/system.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';
import { wrap } from './text.js';

const OPTIONS = { json: { flag: '--json', help: 'as JSON on standard output', parse: flag } satisfies OptionSpec<boolean> } as const;

/** `faultline bugs`: the bugs that can be switched on in bundled systems, and the settings that must hide some. */
export function bugsCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('bugs', 'lists the bugs that --bug switches on in the bundled systems', OPTIONS).action((flags: Record<string, unknown>) => {
    const { json } = parseFlags(OPTIONS, flags);
    const rows = Object.values(systems).flatMap((system) => (system.bugs ?? []).map((bug) => ({ system: system.name, ...bug })));
    const controls = Object.values(systems).flatMap((system) => (system.controls ?? []).map((control) => ({ system: system.name, ...control })));
    if (json === true) context.out(`${JSON.stringify([...rows, ...controls], null, 2)}\n`);
    else context.out([...rows.map((row) => bugText(row, context.columns)), ...controls.map((control) => controlText(control, context.columns))].join(''));
    done(0);
  });
}

function bugText(bug: BugInfo & { readonly system: string }, columns: number): string {
  const width = widthOf(columns);
  return entry(bug.name, [
    ...wrap(bug.meaning, width),
    ...(bug.survives === undefined ? wrap(`Symptom: ${bug.symptom} (${bug.kind === 'safety' ? 'safety violated' : 'safe but stuck'}).`, width) : [...wrap(`Cost: ${bug.symptom}`, width), ...wrap(`Must survive: ${bug.survives}`, width)]),
    ...wrap(`Part: ${bug.part}. Faults: ${bug.faults.join(', ')}. Workloads: ${bug.workloads.join(', ')}.`, width),
    ...(bug.setting === undefined ? [] : wrap(`Run with ${Object.entries(bug.setting).map(([name, value]) => `-o ${name}=${JSON.stringify(value)}`).join(' ')}, unless you say otherwise.`, width)),
    `faultline test --system ${bug.system} --bug ${bug.name}`,
  ]);
}

function controlText({ name, system, bug, faults, survives }: ControlInfo & { readonly system: string }, columns: number): string {
  const width = widthOf(columns);
  return entry(name, [
    ...wrap(`The bug ${bug} where it is hidden: with ${faults.length === 0 ? 'no faults' : `no other faults than ${faults.join(', ')}`}.`, width),
    ...wrap(`Must survive: ${survives}`, width),
    `faultline test --system ${system} --bug ${bug} --nemesis ${faults.join(',') || 'none'}`,
  ]);
}

function widthOf(columns: number): number {
  return Math.min(columns, 110) - 2;
}

function entry(name: string, lines: readonly string[]): string {
  return `${name}\n${lines.map((line) => `  ${line}\n`).join('')}\n`;
}
