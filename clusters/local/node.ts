import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultlineError, messageOf, type Clock, type ClockSetting, type Disk, type Endpoint, type ExecResult, type Node, type NodeSignal, type ProgramEnd, type ProgramSpec, type ProgramState, type UnexpectedExit } from '../../src/index.js';
import { forgetFaketime, type NodeClock } from './clock.js';
import { LocalDisk } from './disk.js';
import { groupGuard } from './group-guard.js';
import { noteResource } from './ledger.js';
import { LOOPBACK } from './net.js';
import { signalGroup } from './process-table.js';
import { Program } from './program.js';
import { isTraced, type TracerSpec } from './tracer.js';

const EXEC_TIMEOUT_MS = 30_000;
/** How often a traced process must be seen stopped, a millisecond apart, to be called paused. */
const STOP_LOOKS = 10;

export interface LocalNodeSpec {
  readonly name: string;
  readonly index: number;
  readonly runId: string;
  readonly runDir: string;
  /** The port that the node's program listens on, by name. */
  readonly ports: ReadonlyMap<string, number>;
  /** Where the node dials to reach a peer's port. */
  readonly way: (to: string, port: string) => Endpoint;
  /** What every process of the node finds in its environment, unless the program asks for something else. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it finds there in any case: whose it is. */
  readonly marks: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** The wall clock of its programs, if the run needs it to be settable. */
  readonly wallClock?: NodeClock;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}

/** A node of the local cluster: two folders, ports on the loopback address, and at most one program. */
export class LocalNode implements Node, AsyncDisposable {
  readonly name: string;
  readonly index: number;
  readonly dataDir: string;
  readonly logDir: string;
  readonly disk: Disk;
  readonly #spec: LocalNodeSpec;
  readonly #commands = new Set<number>();
  #program: Program | undefined;
  #lastStart: ProgramSpec | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  #traces = 0;

  constructor(spec: LocalNodeSpec) {
    this.#spec = spec;
    this.name = spec.name;
    this.index = spec.index;
    this.dataDir = join(spec.runDir, 'nodes', spec.name, 'data');
    this.logDir = join(spec.runDir, 'nodes', spec.name, 'log');
    this.disk = new LocalDisk(spec.name, this.dataDir, () => this.#tracing());
  }

  /** Makes the node's folders. */
  async prepare(): Promise<void> {
    await mkdir(this.dataDir, { recursive: true });
    await mkdir(this.logDir, { recursive: true });
  }

  endpoint(port: string): Endpoint {
    return this.listen(port);
  }

  listen(port: string): Endpoint {
    const number = this.#spec.ports.get(port);
    if (number === undefined) throw new FaultlineError('no-such-port', `${this.name} has no port "${port}"`, { hint: `It has: ${[...this.#spec.ports.keys()].join(', ')}.` });
    return { host: LOOPBACK, port: number };
  }

  peer(to: string, port: string): Endpoint {
    return to === this.name ? this.listen(port) : this.#spec.way(to, port);
  }

  javascript(file: URL): readonly [string, ...string[]] {
    return [process.execPath, fileURLToPath(file)];
  }

  /** Runs a command to its end; what it leaves in the background ends with it. Throws FaultlineError `exec-failed` or `exec-timeout`. */
  async exec(argv: readonly [string, ...string[]], options: { readonly timeoutMs?: number; readonly input?: string } = {}): Promise<ExecResult> {
    this.#refuseIfClosed();
    const [file, ...args] = argv;
    const stdin = options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input };
    // Loaded when it is needed: most commands start no process, and it takes a tenth of a second.
    const { execa } = await import('execa');
    const subprocess = execa(file, args, { cwd: this.dataDir, env: { ...this.#spec.environment, ...this.#spec.marks, ...this.#spec.wallClock?.environment }, extendEnv: false, detached: true, cleanup: false, reject: false, ...stdin });
    const { pid } = subprocess;
    if (pid === undefined) {
      const { originalMessage, shortMessage } = await subprocess;
      throw new FaultlineError('exec-failed', `${this.name}: cannot run ${file}: ${originalMessage ?? shortMessage ?? 'no process'}`);
    }
    const timeoutMs = options.timeoutMs ?? EXEC_TIMEOUT_MS;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      signalGroup(pid, 'SIGKILL');
    }, timeoutMs);
    groupGuard.add(pid);
    this.#commands.add(pid);
    subprocess.once('exit', () => signalGroup(pid, 'SIGKILL'));
    const { exitCode, signal, stdout, stderr } = await subprocess;
    clearTimeout(timer);
    groupGuard.remove(pid);
    this.#commands.delete(pid);
    this.#forgetClock([pid]);
    if (late) throw new FaultlineError('exec-timeout', `${this.name}: ${argv.join(' ')}: not done within ${timeoutMs} ms`);
    return { exitCode: exitCode ?? 128 + (signal === undefined ? 0 : (constants.signals[signal] ?? 0)), stdout: stdout ?? '', stderr: stderr ?? '' };
  }

  async upload(localPath: string, remotePath: string): Promise<void> {
    await this.#copy(localPath, remotePath);
  }

  async download(remotePath: string, localPath: string): Promise<void> {
    await this.#copy(remotePath, localPath);
  }

  async start(spec: ProgramSpec): Promise<void> {
    await this.#inTurn(async () => {
      if (await this.#running()) throw new FaultlineError('already-running', `${this.name} runs a program already`);
      this.#lastStart = spec;
      await this.#launch(spec);
    });
  }

  async restart(options: { readonly mayEnd?: boolean } = {}): Promise<void> {
    await this.#inTurn(async () => {
      if (await this.#running()) return;
      if (this.#lastStart === undefined) throw new FaultlineError('never-started', `${this.name} has no program to start again`);
      await this.#launch(this.#lastStart, options.mayEnd);
    });
  }

  async lastEnd(): Promise<ProgramEnd | undefined> {
    // One that has just died is asked how when that is known.
    if (this.#program?.state() === 'stopped') await this.#program.isOver();
    return this.#program?.end;
  }

  expectEnd(expected: boolean): void {
    this.#program?.expectEnd(expected);
  }

  /** Whether its clock can be set. */
  get hasClock(): boolean {
    return this.#spec.wallClock !== undefined;
  }

  async setClock(setting: ClockSetting): Promise<void> {
    if (this.#spec.wallClock === undefined) throw new FaultlineError('no-clock', `${this.name}: its programs were not started with a clock of their own`);
    this.#refuseIfClosed();
    await this.#spec.wallClock.set(setting);
  }

  async exhaustMemory(): Promise<void> {
    throw new FaultlineError('unsupported', `${this.name}: a process of the local cluster has no memory limit of its own`);
  }

  async signal(signal: NodeSignal): Promise<void> {
    await this.#inTurn(async () => this.#program?.signal(signal));
  }

  async state(): Promise<ProgramState> {
    for (let look = 1; ; look++) {
      const state = this.#program?.state() ?? 'stopped';
      // A traced process stops for an instant at every call: only one that stays so is paused.
      if (state !== 'paused' || look === STOP_LOOKS || !isTraced(this.#program?.pid ?? 0)) return state;
      await this.#spec.clock.sleep(1);
    }
  }

  async wipe(): Promise<void> {
    await this.#inTurn(async () => {
      if (await this.#running()) throw new FaultlineError('still-running', `${this.name}: its data cannot be wiped while its program runs`);
      for (const name of await readdir(this.dataDir)) await rm(join(this.dataDir, name), { recursive: true, force: true });
    });
  }

  /** Kills whatever runs on the node, at once and for good. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#spec.wallClock?.close();
    for (const pgid of this.#commands) signalGroup(pgid, 'SIGKILL');
    // Not in turn: whoever waits for the program now gets the answer that it is gone.
    await this.#program?.signal('SIGKILL');
    await this.#turn.catch(() => undefined);
    await this.#program?.signal('SIGKILL');
    this.#forgetClock(this.#program?.members ?? []);
  }

  #forgetClock(pids: Iterable<number>): void {
    if (this.hasClock) for (const pid of pids) forgetFaketime(pid);
  }

  /** What a tracer of its program needs, while that runs. */
  #tracing(): TracerSpec | undefined {
    const program = this.#program;
    if (this.#closed || program === undefined || program.state() === 'stopped') return undefined;
    const { runId, runDir, environment, marks, clock } = this.#spec;
    const note = ({ pid, startTicks, argv }: Parameters<TracerSpec['note']>[0]): void => noteResource(runDir, { kind: 'process', runId, node: this.name, pid, pgid: pid, startTicks, argv: [...argv] });
    return { node: this.name, pgid: program.pid, env: { ...environment, ...marks }, tracePath: join(this.logDir, `strace-${++this.#traces}.txt`), clock, note };
  }

  /** Starts, restarts and signals take turns: none sees another's half-done work. Each is bounded in time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }

  async #running(): Promise<boolean> {
    return this.#program !== undefined && !(await this.#program.isOver());
  }

  async #launch(spec: ProgramSpec, mayEnd = false): Promise<void> {
    this.#refuseIfClosed();
    const { runId, runDir, environment, marks, clock, onUnexpectedExit } = this.#spec;
    this.#forgetClock(this.#program?.members ?? []);
    const program = await Program.launch({
      argv: spec.argv,
      cwd: spec.cwd ?? this.dataDir,
      env: { ...environment, ...spec.env, ...marks, ...this.#spec.wallClock?.environment },
      logPath: join(this.logDir, spec.logFile),
      clock,
      mayEnd,
      onUnexpectedEnd: (end) => onUnexpectedExit({ node: this.name, ...end }),
    });
    this.#program = program;
    noteResource(runDir, { kind: 'process', runId, node: this.name, pid: program.pid, pgid: program.pid, startTicks: program.startTicks, argv: [...spec.argv] });
    if (program.ended && !mayEnd) throw new FaultlineError('program-start', `${this.name}: ${spec.argv[0]} ended at once; see ${join(this.logDir, spec.logFile)}`);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new FaultlineError('cluster-closed', `${this.name}: the cluster is being taken down`);
  }

  async #copy(from: string, to: string): Promise<void> {
    try {
      await mkdir(dirname(to), { recursive: true });
      await cp(from, to, { recursive: true, force: true });
    } catch (cause) {
      throw new FaultlineError('copy-failed', `${this.name}: cannot copy ${from} to ${to}: ${messageOf(cause)}`, { cause });
    }
  }
}
