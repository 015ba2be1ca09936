import { EXIT } from '../errors.js';
import type { CliContext } from './context.js';
import { main } from './main.js';

/**
 * The command as a process: signals, streams, exit code. Of a command that asks for `signal` the first SIGINT or SIGTERM ends the run in order (faults healed,
 * history closed, nothing left running), the second the process at once, its nodes with it. Any other command has nothing to put in order: it dies of the first,
 * also in the middle of a long computation.
 */
export async function runProcess(): Promise<void> {
  const abort = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      process.stderr.write('faultline: ended at once; faultline clean removes what is left\n');
      process.exit(EXIT.interrupted);
    }
    process.stderr.write(`\nfaultline: ${signal}: ending the run in order (once more: at once)\n`);
    abort.abort(new Error(`interrupted by ${signal}`));
  };
  let listening = false;
  const listen = (): void => {
    if (listening) return;
    listening = true;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  };
  // A reader that goes away (| head) is not a failure of the run.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const context: CliContext = {
    out: (text) => void process.stdout.write(text),
    drained: () => (process.stdout.writableNeedDrain && !process.stdout.destroyed ? new Promise((resolve) => void process.stdout.once('drain', resolve).once('close', resolve)) : Promise.resolve()),
    err: (text) => void process.stderr.write(text),
    environment: process.env,
    get signal() {
      listen();
      return abort.signal;
    },
    terminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 100,
    stdin: process.stdin,
  };
  const code = await main(process.argv.slice(2), context);
  await Promise.all([process.stdout, process.stderr].map(flushed));
  // Everything is closed by now. An explicit exit, because on Node 20 the orderly one was seen to spin for ever in the
  // environment's clean-up after child processes whose pipes had been destroyed.
  process.exit(abort.signal.aborted ? EXIT.interrupted : code);
}

/** Resolves when what was written has left the process, or its reader has gone. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
