import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors.js';
import { bugsCommand } from './bugs.js';
import { checkCommand } from './check.js';
import { cleanCommand } from './clean.js';
import { convertCommand } from './convert.js';
import { doctorCommand } from './doctor.js';
import { exploreCommand } from './explore.js';
import { imageCommand } from './image.js';
import type { CliContext } from './context.js';
import { listCommand } from './list.js';
import { planCommand, testCommand } from './test.js';
import { reportFailure } from './failure.js';
import { mutantsCommand } from './mutants.js';
import { referenceCommand } from './reference.js';
import { replayCommand } from './replay.js';
import { shrinkCommand } from './shrink.js';
import { version } from './version.js';

const EPILOGUE = `
Exit codes: 0 valid, 1 invalid, 2 unknown, 254 usage, 255 crash, 130 interrupted.
Start with: faultline test          then look at: results/latest/report.html`;

/** Runs one command line (without the leading `node` and script) and gives its exit code. Prints every error itself. */
export async function main(argv: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = EXIT.valid;
  const program = new Command('faultline')
    .description('Finds consistency bugs in distributed systems: concurrent clients, injected faults, a judged history.')
    .version(version(), '-V, --version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.err(text) })
    .addHelpText('after', EPILOGUE);
  const done = (code: number): void => {
    exitCode = code;
  };
  for (const make of [testCommand, planCommand, checkCommand, replayCommand, shrinkCommand, mutantsCommand, exploreCommand, convertCommand, bugsCommand, listCommand, doctorCommand, imageCommand, cleanCommand, referenceCommand]) {
    program.addCommand(make(context, done).exitOverride().configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.err(text) }).showSuggestionAfterError());
  }
  try {
    if (argv.length === 0) {
      context.err(program.helpInformation() + EPILOGUE + '\n');
      return EXIT.usage;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.valid : EXIT.usage;
    return reportFailure(error, context);
  }
}
