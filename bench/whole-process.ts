import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What one run of the command took, as a whole: start-up, reading and judging. */
export interface WholeProcess {
  readonly exitCode: number;
  readonly seconds: number;
  /** Largest resident memory, in MB. */
  readonly megabytes: number;
  readonly output: string;
}

const REPORTER = fileURLToPath(new URL('./report-memory.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../bin/faultline.js', import.meta.url));

/** Runs `faultline` with arguments in a process of its own. */
export function runCommand(args: readonly string[]): Promise<WholeProcess> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['--import', REPORTER, COMMAND, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  let [output, memory] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  (child.stdio[3] as NodeJS.ReadableStream).on('data', (chunk: Buffer) => (memory += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? -1, seconds: (performance.now() - begun) / 1000, megabytes: Number(memory) / 1024, output }));
  });
}
