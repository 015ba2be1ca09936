/** How the programs of the bundled systems, written for Node, run on a simulated machine. */
import type { Machine } from '../../../src/index.js';
import type { DataFolderTools } from '../server/data-folder.js';
import { lastWords } from '../server/failure.js';
import type { Timers } from '../server/timers.js';

/** Runs a program until it waits for something. Its exit code if it has come to its end, for instance by an error, which is written as the real program `name` would. */
export function runProgram(name: string, machine: Machine, main: () => number | undefined): number | undefined {
  try {
    return main();
  } catch (error) {
    const { text, exitCode } = lastWords(error);
    machine.write(`${name}: ${text}\n`);
    return exitCode;
  }
}

/** What a data folder is opened with. The folder is the machine's alone: no other process could hold it. */
export function toolsOf({ files }: Machine): DataFolderTools {
  return { files, lock: () => () => undefined };
}

/** The machine's clock and timers. */
export function timersOf(machine: Machine): Timers {
  return {
    monotonicMs: () => machine.monotonicMs(),
    after: (ms, run) => machine.after(ms, run),
    every: (ms, run) => machine.every(ms, run),
    soon: (run) => machine.soon(run),
    sleep: (ms) => new Promise((resolve) => void machine.after(ms, () => {
      resolve();
      machine.stir();
    })),
    stir: () => machine.stir(),
  };
}

/** Time stamps of the log. */
export function wallTimeOf(machine: Machine): () => string {
  return () => new Date(machine.wallMs()).toISOString();
}
