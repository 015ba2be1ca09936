import { Command, Option } from 'commander';
import { optionVariable, type OptionTable } from '../config/option-spec.js';
import type { CliContext } from './context.js';

/** Makes a command of a commander, with the options of a table. */
export function commandWith(name: string, description: string, table: OptionTable): Command {
  const command = new Command(name).description(description);
  for (const spec of Object.values(table)) {
    const suffix = spec.defaultText === undefined ? '' : ` (default: ${spec.defaultText})`;
    const option = new Option(spec.flag, `${spec.help}${suffix}`);
    if (spec.repeatable === true) option.argParser((value: string, previous: string | undefined) => (previous === undefined ? value : `${previous},${value}`));
    command.addOption(option);
  }
  return command;
}

/** The FAULTLINE_ variables that no option reads: most likely a misspelling. */
export function unknownVariables(table: OptionTable, context: CliContext): readonly string[] {
  const known = new Set([...Object.values(table).map(optionVariable), 'FAULTLINE_DEBUG', 'FAULTLINE_RUN', 'FAULTLINE_NODE', 'FAULTLINE_CONTROLLER']);
  return Object.keys(context.environment).filter((name) => name.startsWith('FAULTLINE_') && !known.has(name));
}
