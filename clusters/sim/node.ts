import { FaultlineError, messageOf, type ClockSetting, type Disk, type Endpoint, type ExecResult, type FileSystem, type Node, type NodeSignal, type ProgramEnd, type ProgramSpec, type ProgramState, type Random, type Simulation, type UnexpectedExit } from '../../src/index.js';
import type { SimClock } from './clock.js';
import type { DiskHost } from './disk/index.js';
import { SimProcess, type NodeClock } from './process.js';
import type { Receiver } from './network.js';

/** A disk as a node needs it. */
export interface NodeDisk {
  readonly outside: Disk;
  /** For one life of a program. */
  mount(host: DiskHost): FileSystem;
  /** The program is gone: what it had under way stays undone. */
  unmount(): void;
  wipe(): void;
  /** What a power failure takes, in words. */
  powerCut(random: Random): string;
}

export interface SimNodeSpec {
  readonly name: string;
  readonly index: number;
  readonly clock: SimClock;
  readonly random: Random;
  readonly simulation: Simulation;
  readonly disk: NodeDisk;
  /** Error of its clock's rate: 0.01 is a hundredth too quick. */
  readonly rateError: number;
  readonly startMs: readonly [number, number];
  readonly ports: readonly string[];
  readonly send: (to: string, message: unknown) => void;
  /** A program has begun or ended, been paused or gone on. */
  readonly onState: (state: ProgramState) => void;
  readonly onRole: (role: string) => void;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
  readonly log: (text: string) => void;
}

/** An ordered end may take so long, then the program is killed; milliseconds. */
const TERMINATE_MS = 3000;
/** So long the kernel takes to find a program that has run out of memory, milliseconds. */
const MEMORY_MS: readonly [number, number] = [5, 300];
/** The data folder of every node. */
export const DATA_DIR = '/data';

/** A node of the simulation: a disk, two clocks, and at most one program. */
export class SimNode implements Node, Receiver {
  readonly name: string;
  readonly index: number;
  readonly dataDir = DATA_DIR;
  readonly logDir = '/log';
  readonly disk: Disk;
  readonly #spec: SimNodeSpec;
  readonly #clock: NodeClock;
  #process: SimProcess | undefined;
  #lastStart: ProgramSpec | undefined;
  #lives = 0;
  #mayEnd = false;
  #expectedEnd = false;
  #wall: { readonly fromMs: number; readonly offsetMs: number; readonly rate: number } = { fromMs: 0, offsetMs: 0, rate: 1 };

  constructor(spec: SimNodeSpec) {
    this.#spec = spec;
    this.name = spec.name;
    this.index = spec.index;
    this.disk = spec.disk.outside;
    const zeroMs = spec.random.fork('clock zero').int(1e6);
    const rate = 1 + spec.rateError;
    this.#clock = { rate, monotonicMs: () => zeroMs + spec.clock.nowMs * rate, wallMs: () => this.#wallMs() };
  }

  /** The program that takes what arrives now. */
  get program(): SimProcess | undefined {
    return this.#process?.end === undefined ? this.#process : undefined;
  }

  get life(): number | undefined {
    return this.program?.life;
  }

  deliver(from: string, message: unknown): void {
    this.program?.arrive(from, message);
  }

  endpoint(port: string): Endpoint {
    return this.listen(port);
  }

  listen(port: string): Endpoint {
    const at = this.#spec.ports.indexOf(port);
    if (at < 0) throw new FaultlineError('no-such-port', `${this.name} has no port "${port}"`, { hint: `It has: ${this.#spec.ports.join(', ')}.` });
    return { host: this.name, port: at + 1 };
  }

  peer(to: string, port: string): Endpoint {
    return { host: to, port: this.listen(port).port };
  }

  javascript(file: URL): readonly [string, ...string[]] {
    return ['javascript', file.href];
  }

  async exec(argv: readonly [string, ...string[]]): Promise<ExecResult> {
    if (this.program !== undefined) throw new FaultlineError('exec-failed', `${this.name}: ${argv.join(' ')}: its program runs, and has the disk for itself in a simulation`);
    const lines: string[] = [];
    const life = this.#newProcess((text) => lines.push(text), () => this.#spec.disk.unmount());
    const exitCode = this.#run(life, argv) ?? life.end?.code ?? undefined;
    life.finish({ code: exitCode ?? null, signal: null });
    if (exitCode === undefined) throw new FaultlineError('exec-failed', `${this.name}: ${argv.join(' ')} goes on; only what comes to its end at once can be executed in a simulation`);
    const text = lines.join('');
    return exitCode === 0 ? { exitCode, stdout: text, stderr: '' } : { exitCode, stdout: '', stderr: text };
  }

  async upload(): Promise<void> {
    throw new FaultlineError('unsupported', 'a simulated node takes no files');
  }

  async download(): Promise<void> {
    throw new FaultlineError('unsupported', 'a simulated node gives no files');
  }

  async start(spec: ProgramSpec): Promise<void> {
    if (this.program !== undefined) throw new FaultlineError('already-running', `${this.name} runs a program already`);
    this.#lastStart = spec;
    await this.#launch(spec, false);
  }

  async restart({ mayEnd = false }: { readonly mayEnd?: boolean } = {}): Promise<void> {
    if (this.program !== undefined) return;
    if (this.#lastStart === undefined) throw new FaultlineError('never-started', `${this.name} has no program to start again`);
    await this.#launch(this.#lastStart, mayEnd);
  }

  async signal(signal: NodeSignal): Promise<void> {
    const { program } = this;
    if (program === undefined) return;
    switch (signal) {
      case 'SIGKILL':
        return program.finish({ code: null, signal: 'SIGKILL' });
      case 'SIGTERM':
        return this.#terminate(program);
      case 'SIGSTOP':
        program.pause();
        return this.#spec.onState('paused');
      case 'SIGCONT':
        this.#spec.onState('running');
        return program.resume();
    }
  }

  async state(): Promise<ProgramState> {
    return this.program === undefined ? 'stopped' : this.program.paused ? 'paused' : 'running';
  }

  expectEnd(expected: boolean): void {
    this.#expectedEnd = expected;
  }

  async wipe(): Promise<void> {
    if (this.program !== undefined) throw new FaultlineError('still-running', `${this.name}: its data cannot be wiped while its program runs`);
    this.#spec.disk.wipe();
  }

  async lastEnd(): Promise<ProgramEnd | undefined> {
    return this.#process?.end;
  }

  async setClock(setting: ClockSetting): Promise<void> {
    const now = this.#spec.clock.wallMs();
    this.#wall = 'offsetMs' in setting ? { fromMs: now, offsetMs: setting.offsetMs, rate: 1 } : { fromMs: now, offsetMs: this.#wallMs() - now, rate: setting.rate };
  }

  async exhaustMemory(signal: AbortSignal): Promise<void> {
    const [low, high] = MEMORY_MS;
    try {
      await this.#spec.clock.sleep(low + this.#spec.random.fork(`memory ${this.#lives}`).int(high - low), signal);
    } catch (cause) {
      throw new FaultlineError('still-alive', `${this.name}: the kernel did not find its program in time`, { cause });
    }
    await this.signal('SIGKILL');
  }

  /** The power fails: the program is killed, and what was not durable is gone. Says what that was. */
  async powerCut(): Promise<string> {
    await this.signal('SIGKILL');
    return this.#spec.disk.powerCut(this.#spec.random.fork(`power cut ${this.#lives} at ${this.#spec.clock.now()}`));
  }

  /** The end of the run. */
  dispose(): void {
    this.#expectedEnd = true;
    this.program?.finish({ code: null, signal: 'SIGKILL' });
  }

  async #launch(spec: ProgramSpec, mayEnd: boolean): Promise<void> {
    const { clock, startMs: [low, high], random, onState } = this.#spec;
    this.#mayEnd = mayEnd;
    this.#expectedEnd = false;
    const life = this.#newProcess((text) => this.#spec.log(text), (end) => this.#ended(end));
    this.#process = life;
    onState('running');
    const startMs = low + (high - low) * random.fork(`start ${life.life}`).float();
    clock.in(startMs, () => life.deliver(() => this.#boot(life, spec)));
  }

  #boot(life: SimProcess, spec: ProgramSpec): void {
    const exitCode = this.#run(life, spec.argv);
    if (exitCode !== undefined) life.exit(exitCode);
  }

  /** Runs a program until it waits for something; its exit code if it has come to its end. */
  #run(life: SimProcess, [interpreter, file = '', ...args]: readonly string[]): number | undefined {
    if (interpreter !== 'javascript') {
      life.write(`${String(interpreter)}: a simulated node only runs the programs of the system\n`);
      return 127;
    }
    try {
      return this.#spec.simulation.run(file, args, life);
    } catch (error) {
      life.write(`${messageOf(error)}\n`);
      return 70;
    }
  }

  #newProcess(write: (text: string) => void, onEnd: (end: ProgramEnd) => void): SimProcess {
    const { name, clock, random, disk, send, onRole } = this.#spec;
    const life = ++this.#lives;
    return new SimProcess({ node: name, life, clock, nodeClock: this.#clock, random: random.fork(`life ${life}`), files: (host) => disk.mount(host), stirs: this.#spec.simulation.stirs === true, send, write, onRole, onEnd });
  }

  async #terminate(program: SimProcess): Promise<void> {
    this.#mayEnd = true;
    if (!program.terminates) return program.finish({ code: null, signal: 'SIGTERM' });
    if (program.paused) {
      this.#spec.onState('running');
      program.resume();
    }
    program.terminate();
    for (let waitedMs = 0; waitedMs < TERMINATE_MS && program.end === undefined; waitedMs += 10) await this.#spec.clock.sleep(10);
    program.finish({ code: null, signal: 'SIGKILL' });
  }

  #ended(end: ProgramEnd): void {
    const { name, onState, onUnexpectedExit, disk } = this.#spec;
    disk.unmount();
    onState('stopped');
    if (end.signal === null && !this.#mayEnd && !this.#expectedEnd) onUnexpectedExit({ node: name, ...end });
  }

  #wallMs(): number {
    const now = this.#spec.clock.wallMs();
    const { fromMs, offsetMs, rate } = this.#wall;
    return Math.floor(now + offsetMs + (now - fromMs) * (rate - 1));
  }
}
