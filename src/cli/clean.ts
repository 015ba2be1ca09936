import type { Command } from 'commander';
import { parseFlags } from '../config/load.js';
import { flag, text, type OptionSpec } from '../config/option-spec.js';
import { EXIT, FaultlineError } from '../errors.js';
import { clusters } from '../registry.js';
import type { CliContext } from './context.js';
import { commandWith } from './options.js';

const OPTIONS = {
  dryRun: { flag: '--dry-run', help: 'say what would be removed, and remove nothing', parse: flag } satisfies OptionSpec<boolean>,
  run: { flag: '--run <id>', help: 'only what this run left', parse: text } satisfies OptionSpec<string>,
} as const;

/** `faultline clean`: removes what runs whose controller is gone left behind. Stored results are not touched. */
export function cleanCommand(context: CliContext, done: (code: number) => void): Command {
  return commandWith('clean', 'removes what runs left behind whose controller was killed: processes, containers, networks, volumes', OPTIONS).action(async (flags: Record<string, unknown>) => {
    const options = parseFlags(OPTIONS, flags);
    let count = 0;
    const failures: unknown[] = [];
    const left: string[] = [];
    for (const provider of Object.values(clusters)) {
      try {
        const removed = await provider.clean({ dryRun: options.dryRun === true, onFailure: (line) => left.push(line), ...(options.run === undefined ? {} : { runId: options.run }) });
        for (const line of removed) context.out(`${line}\n`);
        count += removed.length;
      } catch (error) {
        failures.push(error);
      }
    }
    if (left.length > 0) failures.unshift(new FaultlineError('left-behind', `not everything could be removed:\n${left.map((line) => `  ${line}`).join('\n')}`, { hint: 'faultline clean may be run again.' }));
    if (count === 0 && failures.length === 0) context.out('Nothing was left behind.\n');
    if (failures.length > 0) throw failures[0];
    done(EXIT.valid);
  });
}
