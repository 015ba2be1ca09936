import { createWriteStream, openSync, readFileSync, statSync, type WriteStream } from 'node:fs';
import { FaultlineError, messageOf, waitUntil, type Clock, type NodeSignal, type ProgramEnd, type ProgramState } from '../../src/index.js';
import { groupGuard } from './group-guard.js';
import type { ProcessName } from './ledger.js';
import { findProcess, groupMembers, signalGroup } from './process-table.js';

/** How long the operating system may take to end, stop or continue a process group. */
const SIGNAL_MS = 5000;
/** How long a program may take to heed SIGTERM. */
const TERMINATE_MS = 2000;
const POLL_MS = 2;
const TAIL_BYTES = 4096;
const TAIL_LINES = 20;

export interface LaunchRequest {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets standard output and standard error, appended. */
  readonly logPath: string;
  readonly clock: Clock;
  /** It may end by itself: that is nothing unexpected. */
  readonly mayEnd: boolean;
  /** Called once, if the program ends and no signal of ours asked for it. */
  readonly onUnexpectedEnd: (end: ProgramEnd) => void;
}

/**
 * A running program: a process group of its own, whose leader it started as. Its standard input is a pipe that stays open as long as
 * the controller lives; its output goes to a file by descriptor, so that nothing of it passes through the controller.
 */
export class Program implements ProcessName {
  readonly pid: number;
  readonly startTicks: string;
  readonly #members = new Set<number>();
  readonly #clock: Clock;
  readonly #gone: Promise<void>;
  #ended = false;
  #asked = false;
  #mayEnd: boolean;
  #end: ProgramEnd | undefined;

  private constructor(pid: number, mayEnd: boolean, clock: Clock, gone: Promise<void>) {
    this.pid = pid;
    this.#mayEnd = mayEnd;
    this.startTicks = findProcess(pid)?.startTicks ?? '';
    this.#clock = clock;
    this.#gone = gone.then(() => {
      this.#ended = true;
    });
  }

  /** Returns when the process exists. Throws FaultlineError `program-start`. */
  static async launch(request: LaunchRequest): Promise<Program> {
    const [file, ...args] = request.argv;
    const log = openLog(request.logPath);
    const logStart = statSync(request.logPath).size;
    // Loaded when it is needed: most commands start no process, and it takes a tenth of a second.
    const { execa } = await import('execa');
    const subprocess = execa(file, args, {
      cwd: request.cwd,
      env: request.env,
      extendEnv: false,
      stdin: 'pipe',
      stdout: log,
      stderr: log,
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
    });
    // The program has its own copies of the descriptor.
    log.destroy();
    const { pid } = subprocess;
    if (pid === undefined) {
      const { originalMessage, shortMessage } = await subprocess;
      throw new FaultlineError('program-start', `cannot start ${file}: ${originalMessage ?? shortMessage ?? 'no process'}`, { hint: 'Is the program installed, executable, and on the PATH?' });
    }
    groupGuard.add(pid);
    subprocess.stdin.on('error', () => undefined);
    const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      subprocess.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const program: Program = new Program(pid, request.mayEnd, request.clock, exited.then(async (end) => {
      program.#end = { ...end, tail: readTail(request.logPath, logStart) };
      if (!program.#asked && !program.#mayEnd) request.onUnexpectedEnd(program.#end);
      program.#noteMembers();
      await endGroup(pid, request.clock);
    }));
    return program;
  }

  /** Whether neither its process nor any that it left in its group is there any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Those of its group that were there when it was ended, itself included. */
  get members(): ReadonlySet<number> {
    return this.#members;
  }

  /** How it ended, if it has. */
  get end(): ProgramEnd | undefined {
    return this.#end;
  }

  /** Whether an end by itself is nothing unexpected, from now on. */
  expectEnd(expected: boolean): void {
    this.#mayEnd = expected;
  }

  /** Whether it is over; of one that has just died, waits until its group is gone too. */
  async isOver(): Promise<boolean> {
    if (this.state() === 'stopped') await this.#gone;
    return this.#ended;
  }

  state(): ProgramState {
    if (this.#ended) return 'stopped';
    const info = findProcess(this.pid);
    if (info === undefined || info.state === 'dead' || info.startTicks !== this.startTicks) return 'stopped';
    return info.state === 'stopped' ? 'paused' : 'running';
  }

  /** See Node.signal. */
  async signal(signal: NodeSignal): Promise<void> {
    if (this.#ended) return;
    switch (signal) {
      case 'SIGKILL':
        return this.#kill();
      case 'SIGTERM':
        return this.#terminate();
      case 'SIGSTOP':
        return this.#change(signal, (members) => members.every((info) => info.state === 'stopped'));
      case 'SIGCONT':
        return this.#change(signal, (members) => members.every((info) => info.state !== 'stopped'));
    }
  }

  async #kill(): Promise<void> {
    this.#asked = true;
    this.#noteMembers();
    signalGroup(this.pid, 'SIGKILL');
    if (!(await this.#goneWithin(SIGNAL_MS))) throw this.#failure('SIGKILL');
  }

  async #terminate(): Promise<void> {
    this.#asked = true;
    this.#noteMembers();
    signalGroup(this.pid, 'SIGTERM');
    // A paused process gets SIGTERM only when it goes on.
    signalGroup(this.pid, 'SIGCONT');
    if (!(await this.#goneWithin(TERMINATE_MS))) await this.#kill();
  }

  #noteMembers(): void {
    this.#members.add(this.pid);
    for (const { pid } of groupMembers(this.pid)) this.#members.add(pid);
  }

  async #change(signal: 'SIGSTOP' | 'SIGCONT', reached: (members: ReturnType<typeof groupMembers>) => boolean): Promise<void> {
    signalGroup(this.pid, signal);
    const done = (): boolean => this.#ended || reached(groupMembers(this.pid));
    await waitUntil(signal, done, { clock: this.#clock, timeoutMs: SIGNAL_MS, intervalMs: POLL_MS }).catch(() => {
      throw this.#failure(signal);
    });
  }

  async #goneWithin(ms: number): Promise<boolean> {
    const giveUp = new AbortController();
    const late = this.#clock.sleep(ms, giveUp.signal).then(
      () => false,
      () => false,
    );
    const inTime = await Promise.race([this.#gone.then(() => true), late]);
    giveUp.abort();
    return inTime;
  }

  #failure(signal: NodeSignal): FaultlineError {
    return new FaultlineError('signal-failed', `process group ${this.pid} did not react to ${signal} within ${SIGNAL_MS} ms`, { hint: 'It may hang in the kernel (state D, a slow disk?); see ps -o pid,stat,wchan.' });
  }
}

/** What the leader left in its group ends with it. Bounded: what cannot be killed is left to `clean`. */
async function endGroup(pgid: number, clock: Clock): Promise<void> {
  const empty = (): boolean => !signalGroup(pgid, 'SIGKILL') || groupMembers(pgid).length === 0;
  await waitUntil('the end of the group', empty, { clock, timeoutMs: SIGNAL_MS, intervalMs: POLL_MS }).catch(() => undefined);
  groupGuard.remove(pgid);
}

/** A stream by its open descriptor: given as such it is handed down, not piped. */
function openLog(path: string): WriteStream {
  try {
    return createWriteStream(path, { fd: openSync(path, 'a') });
  } catch (cause) {
    throw new FaultlineError('program-start', `cannot open the log ${path}: ${messageOf(cause)}`, { cause });
  }
}

function readTail(path: string, from: number): string {
  try {
    const bytes = readFileSync(path).subarray(from);
    return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)).toString('utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}
