import { EXIT } from '../errors.js';
import type { CliContext } from './context.js';
import { main } from './main.js';

/**
 * The command as a process: signals, streams, exit code. The first SIGINT or SIGTERM ends the run in order (faults healed,
 * history closed, nothing left running); the second ends the process at once, its nodes with it.
 */
export async function runProcess(): Promise<void> {
  const abort = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write(`\nfaultline: ${signal}: ending the run in order (once more: at once)\n`);
    abort.abort(new Error(`interrupted by ${signal}`));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // A reader that goes away (| head) is not a failure of the run.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const context: CliContext = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
    signal: abort.signal,
    terminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 100,
    stdin: process.stdin,
  };
  const code = await main(process.argv.slice(2), context);
  // Standard output may be a pipe that is still being read: leave by exit code, not by process.exit, once nothing holds the process.
  process.exitCode = abort.signal.aborted ? EXIT.interrupted : code;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
}
