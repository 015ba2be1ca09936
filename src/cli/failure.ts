import { EXIT, FaultlineError, messageOf } from '../errors.js';
import type { CliContext } from './context.js';

/** Shows an error as one message with its remedy and gives the exit code. The stack of a defect of faultline itself is shown only with FAULTLINE_DEBUG=1. */
export function reportFailure(error: unknown, context: CliContext): number {
  if (context.signal.aborted) {
    context.err('faultline: interrupted\n');
    return EXIT.interrupted;
  }
  const hint = error instanceof FaultlineError ? error.hint : 'This looks like a defect of faultline. FAULTLINE_DEBUG=1 shows where it happened.';
  context.err(`faultline: ${messageOf(error)}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  if (context.environment['FAULTLINE_DEBUG'] === '1' && error instanceof Error) context.err(`${error.stack ?? ''}\n${error.cause instanceof Error ? `caused by ${error.cause.stack}\n` : ''}`);
  return error instanceof FaultlineError ? error.exitCode : EXIT.crash;
}
