import type { Command } from 'commander';
import { flag, type OptionSpec } from '../config/option-spec.js';
import { parseFlags } from '../config/load.js';
import { systems } from '../registry.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';
import { wrap } from './text.js';

const OPTIONS = { json: { flag: '--json', help: 'as JSON on standard output', parse: flag } satisfies OptionSpec<boolean> } as const;

/** `faultline bugs`: the bugs that can be switched on in bundled systems. */
export function bugsCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('bugs', 'lists the bugs that --bug switches on in the bundled systems', OPTIONS).action((flags: Record<string, unknown>) => {
    const { json } = parseFlags(OPTIONS, flags);
    const rows = Object.values(systems).flatMap((system) => (system.bugs ?? []).map((bug) => ({ system: system.name, ...bug })));
    if (json === true) context.out(`${JSON.stringify(rows, null, 2)}\n`);
    else for (const row of rows) context.out(bugText(row, context.columns));
    done(0);
  });
}

function bugText(bug: (typeof systems)[string]['bugs'] extends readonly (infer B)[] | undefined ? B & { system: string } : never, columns: number): string {
  const width = Math.min(columns, 110) - 2;
  const lines = [
    ...wrap(bug.meaning, width),
    ...wrap(`Symptom: ${bug.symptom} (${bug.kind === 'safety' ? 'safety violated' : 'safe but stuck'}).`, width),
    ...wrap(`Part: ${bug.part}. Faults: ${bug.faults.join(', ')}. Workloads: ${bug.workloads.join(', ')}.`, width),
    ...(bug.setting === undefined ? [] : wrap(`Run with ${Object.entries(bug.setting).map(([name, value]) => `-o ${name}=${JSON.stringify(value)}`).join(' ')}, unless you say otherwise.`, width)),
    `faultline test --system ${bug.system} --bug ${bug.name}`,
  ];
  return `${bug.name}\n${lines.map((line) => `  ${line}\n`).join('')}\n`;
}
