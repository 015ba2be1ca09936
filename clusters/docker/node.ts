import { mkdirSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { FaultlineError, messageOf, type ClockSetting, type Clock, type Disk, type Endpoint, type ExecResult, type Node, type NodeSignal, type ProgramEnd, type ProgramSpec, type ProgramState, type UnexpectedExit } from '../../src/index.js';
import { SteppedClock } from '../shared/stepped-clock.js';
import { AgentDisk } from './agent-disk.js';
import { DATA_DIR, type Holder } from './holder.js';
import { labelsOf } from './labels.js';
import { withDeadline } from './deadline.js';
import { noProgram, type ImageFacts } from './image/foreign.js';
import { unpack, packFile } from './program/archive.js';
import { ProgramContainer } from './program/container.js';
import { execIn, runOnce } from './program/exec.js';
import { exhaustMemory } from './program/memory.js';

const EXEC_TIMEOUT_MS = 30_000;
/** How finely a drifting clock moves. */
const CLOCK_STEP_MS = 20;
/** Where the node image keeps faultline's compiled programs. */
const PROGRAMS_DIR = '/opt/faultline';
/** faultline's programs that run on nodes, as they stand below the bundle's folder. */
const PROGRAMS = ['server/main.js'];
/** One of them, by which an image that has them is known. */
export const A_PROGRAM = `${PROGRAMS_DIR}/server/main.js`;

export interface DockerNodeSpec {
  readonly docker: Docker;
  readonly runId: string;
  readonly runDir: string;
  readonly image: string;
  readonly imageFacts: ImageFacts;
  /** faultline's own node image: what helpers run in. */
  readonly ownImage: string;
  readonly holder: Holder;
  /** Ports that the program listens on, by name. */
  readonly ports: ReadonlyMap<string, number>;
  /** Where the controller reaches those that it can. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Addresses of all nodes by name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** What every program finds in its environment (the faked clock). */
  readonly environment: Readonly<Record<string, string>>;
  /** Memory limit of the program, bytes; undefined: none. */
  readonly memoryBytes: number | undefined;
  readonly clock: Clock;
  readonly log: (message: string) => void;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
  /** Nothing is started any more when it is aborted; its reason is thrown. */
  readonly lost: AbortSignal;
}

/**
 * A node in two containers: the holder owns the network namespace and the data volume and lives as long as the run; the program's container joins
 * both, and can be killed and started without losing its address, its published ports or the faults in force.
 */
export class DockerNode implements Node, AsyncDisposable {
  readonly name: string;
  readonly index: number;
  readonly dataDir = DATA_DIR;
  readonly logDir: string;
  readonly #spec: DockerNodeSpec;
  readonly #clockFace: SteppedClock;
  #program: ProgramContainer | undefined;
  #lastStart: ProgramSpec | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** The limit has been lowered by `exhaustMemory`. */
  #starved = false;

  constructor(name: string, index: number, spec: DockerNodeSpec) {
    this.name = name;
    this.index = index;
    this.#spec = spec;
    this.logDir = join(spec.runDir, 'nodes', name, 'log');
    this.#clockFace = new SteppedClock(spec.clock, CLOCK_STEP_MS, (offsetMs) => spec.holder.agent.setClock({ offsetMs }));
  }

  get disk(): Disk {
    const { docker, runId, ownImage, holder, clock } = this.#spec;
    return new AgentDisk({ docker, runId, node: this.name, image: ownImage, agent: holder.agent, clock, program: () => (this.#program?.alive === true ? this.#program.id : undefined) });
  }

  endpoint(port: string): Endpoint {
    return this.#spec.endpoints.get(port) ?? this.#unreachable(port);
  }

  listen(port: string): Endpoint {
    return { host: '0.0.0.0', port: this.#spec.ports.get(port) ?? this.#noPort(port) };
  }

  peer(to: string, port: string): Endpoint {
    const host = this.#spec.addresses.get(to);
    if (host === undefined) throw new FaultlineError('no-such-node', `there is no node "${to}"`);
    return { host, port: this.listen(port).port };
  }

  javascript(file: URL): readonly [string, ...string[]] {
    const path = fileURLToPath(file).replaceAll('\\', '/');
    const program = PROGRAMS.find((known) => path.endsWith(`/${known}`));
    if (program === undefined) throw new FaultlineError('no-such-program', `${path} is not in the node image`, { hint: 'Only faultline\'s own programs are; give the system an image of its own.' });
    const place = posix.join(PROGRAMS_DIR, program);
    // What Node.js would say of it is a stack of its own modules.
    if (!this.#spec.imageFacts.programs) throw noProgram(this.#spec.image, place);
    return ['node', place];
  }

  /** In the program's container while that runs, otherwise in one of its own with the same image, network and data. */
  async exec(argv: readonly [string, ...string[]], options: { readonly timeoutMs?: number; readonly input?: string } = {}): Promise<ExecResult> {
    this.#refuseIfClosed();
    const request = { argv, timeoutMs: options.timeoutMs ?? EXEC_TIMEOUT_MS, ...(options.input === undefined ? {} : { input: options.input }) };
    try {
      if (this.#program?.alive === true) return await execIn(this.#spec.docker.getContainer(this.#program.id), request);
      return await runOnce(this.#spec.docker, { ...this.#containerOptions({ argv, logFile: '' }), Labels: labelsOf(this.#spec.runId, 'exec', this.name) }, request);
    } catch (error) {
      throw this.#named(error);
    }
  }

  async upload(localPath: string, remotePath: string): Promise<void> {
    const container = await this.#anyContainer();
    await withDeadline(`${this.name}: uploading ${localPath}`, container.putArchive(packFile(basename(remotePath), await readFile(localPath)), { path: posix.dirname(remotePath) }), 120_000);
  }

  async download(remotePath: string, localPath: string): Promise<void> {
    const container = await this.#anyContainer();
    await mkdir(dirname(localPath), { recursive: true });
    try {
      await unpack(await withDeadline(`${this.name}: downloading ${remotePath}`, container.getArchive({ path: remotePath })), localPath);
    } catch (cause) {
      throw new FaultlineError('copy-failed', `${this.name}: cannot download ${remotePath}: ${messageOf(cause)}`, { cause });
    }
  }

  async start(spec: ProgramSpec): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#program?.alive === true) throw new FaultlineError('already-running', `${this.name} runs a program already`);
      this.#refuseIfClosed();
      if (this.#lastStart !== spec) await this.#program?.remove();
      this.#lastStart = spec;
      this.#program = await this.#create(spec);
      await this.#launch(false);
    });
  }

  async restart(options: { readonly mayEnd?: boolean } = {}): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#program === undefined) throw new FaultlineError('never-started', `${this.name} has no program to start again`);
      this.#refuseIfClosed();
      if (this.#program.alive) return this.#feed(this.#program);
      await this.#launch(options.mayEnd === true);
    });
  }

  async signal(signal: NodeSignal): Promise<void> {
    await this.#inTurn(async () => this.#program?.signal(signal));
  }

  async state(): Promise<ProgramState> {
    return (await this.#program?.state()) ?? 'stopped';
  }

  expectEnd(expected: boolean): void {
    this.#program?.expectEnd(expected);
  }

  async lastEnd(): Promise<ProgramEnd | undefined> {
    return this.#program?.lastEnd;
  }

  async wipe(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#program?.alive === true) throw new FaultlineError('still-running', `${this.name}: its data cannot be wiped while its program runs`);
      await this.#spec.holder.wipe();
    });
  }

  async setClock(setting: ClockSetting): Promise<void> {
    if (Object.keys(this.#spec.environment).length === 0) throw new FaultlineError('no-clock', `${this.name}: its clock was not prepared for faults`);
    await this.#clockFace.set(setting);
  }

  async exhaustMemory(signal: AbortSignal): Promise<void> {
    await this.#inTurn(async () => {
      const program = this.#program;
      if (program?.alive !== true) return;
      program.expectEnd();
      this.#starved = true;
      try {
        await exhaustMemory(program, this.#spec.clock, signal);
      } catch (error) {
        // One that lives on has its memory back and no leave to end.
        await this.#feed(program);
        program.expectEnd(false);
        throw error;
      }
      await program.over();
    });
  }

  /** Kills and removes the program's container; its data stays in the volume. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#clockFace.close();
    await this.#program?.remove();
    await this.#turn.catch(() => undefined);
    await this.#program?.remove();
  }

  async #create(spec: ProgramSpec): Promise<ProgramContainer> {
    const { docker, runId, clock, onUnexpectedExit } = this.#spec;
    const options = { ...this.#containerOptions(spec), name: `faultline-${runId}-${this.name}`, Labels: labelsOf(runId, 'program', this.name), Entrypoint: [], Cmd: [...spec.argv] };
    const container = await withDeadline(`${this.name}: making the container`, docker.createContainer(options)).catch((error: unknown) => {
      throw this.#named(error);
    });
    mkdirSync(this.logDir, { recursive: true });
    return new ProgramContainer(container, clock, join(this.logDir, spec.logFile), {
      onUnexpectedEnd: ({ code, signal, tail, outOfMemory }) => onUnexpectedExit({ node: this.name, code, signal, tail: outOfMemory ? `${tail}\n(killed by the kernel: out of memory)` : tail }),
      onLost: (why) => this.#spec.log(`${this.name}: whether its program runs is not known any more: ${why}`),
    });
  }

  #containerOptions(spec: ProgramSpec): Docker.ContainerCreateOptions {
    const { image, holder, environment, memoryBytes } = this.#spec;
    return {
      Image: image,
      Env: Object.entries({ ...environment, ...spec.env }).map(([name, value]) => `${name}=${value}`),
      WorkingDir: spec.cwd ?? DATA_DIR,
      // Standard input stays open: a program that ends with it goes on until its container is removed.
      OpenStdin: true,
      HostConfig: {
        NetworkMode: `container:${holder.id}`,
        Mounts: [...holder.mounts],
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '64m', 'max-file': '2' } },
        ...(memoryBytes === undefined ? {} : { Memory: memoryBytes, MemorySwap: memoryBytes }),
      },
    };
  }

  async #launch(mayEnd: boolean): Promise<void> {
    const program = this.#program;
    if (program === undefined) return;
    try {
      await this.#feed(program);
      await program.start(mayEnd);
    } catch (error) {
      throw this.#named(error);
    }
  }

  /** Gives it the memory back that `exhaustMemory` took. */
  async #feed(program: ProgramContainer): Promise<void> {
    const { memoryBytes } = this.#spec;
    if (!this.#starved || memoryBytes === undefined) return;
    await program.update({ Memory: memoryBytes, MemorySwap: memoryBytes });
    this.#starved = false;
  }

  /** Starts, restarts and signals take turns: none sees another's half-done work. Each is bounded in time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }

  async #anyContainer(): Promise<Docker.Container> {
    const id = this.#program?.id ?? this.#spec.holder.id;
    return this.#spec.docker.getContainer(id);
  }

  #refuseIfClosed(): void {
    this.#spec.lost.throwIfAborted();
    if (this.#closed) throw new FaultlineError('cluster-closed', `${this.name}: the cluster is being taken down`);
  }

  #unreachable(port: string): never {
    if (this.#spec.ports.has(port)) throw new FaultlineError('not-published', `${this.name}: its port "${port}" is for its peers and is not published: clients cannot reach it`, { hint: `Published are: ${[...this.#spec.endpoints.keys()].join(', ')}.` });
    return this.#noPort(port);
  }

  #noPort(port: string): never {
    throw new FaultlineError('no-such-port', `${this.name} has no port "${port}"`, { hint: `It has: ${[...this.#spec.ports.keys()].join(', ')}.` });
  }

  #named(error: unknown): FaultlineError {
    if (error instanceof FaultlineError) return new FaultlineError(error.code, `${this.name}: ${error.message}`, { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
    return new FaultlineError('engine', `${this.name}: ${messageOf(error)}`, { cause: error });
  }
}
