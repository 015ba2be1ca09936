import type { Random } from '../random/random.js';
import type { Clock } from '../time/clock.js';
import type { Capability } from './capability.js';
import type { Disk } from './disk.js';
import type { AppliedFaults, LinkFault, LinkName, LinkProbe, LinkStats } from './links.js';
import type { HostReport } from './host-report.js';
import type { Exchange, Simulation } from './machine.js';
import type { TraceEvent } from '../history/trace.js';
import type { z } from 'zod';

/** A TCP address. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A long-running program on a node: what `Node.start` starts. One program a node at a time; it stays in the foreground and is over when its first process ends. */
export interface ProgramSpec {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** File below the node's log folder that gets standard output and standard error, appended over restarts. */
  readonly logFile: string;
}

/** What the node's program is doing: `stopped` also when it was never started or has died by itself. */
export type ProgramState = 'running' | 'paused' | 'stopped';

export type NodeSignal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT';

/** An end of the node's program that no nemesis asked for: a crash of the system under test. */
export interface UnexpectedExit {
  readonly node: string;
  /** Exit code, or null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines of its log, for the message. */
  readonly tail: string;
}

/** One machine, container or process of the system under test. */
export interface Node {
  /** `n1`, `n2` ... */
  readonly name: string;
  /** From 0. */
  readonly index: number;
  /** Folder for the system's data, as the node sees it. */
  readonly dataDir: string;
  /** Folder for logs, as the node sees it. */
  readonly logDir: string;
  /** Where the controller's clients reach the node's named port. */
  endpoint(port: string): Endpoint;
  /** Where the node's own program must listen for the named port. */
  listen(port: string): Endpoint;
  /** Where this node must connect to reach a peer's named port; link faults act on that way. */
  peer(to: string, port: string): Endpoint;
  /** The command line, as far as its arguments, that runs one of faultline's own compiled programs on the node. `file` is its URL on the controller. */
  javascript(file: URL): readonly [string, ...string[]];
  exec(argv: readonly [string, ...string[]], options?: { readonly timeoutMs?: number; readonly input?: string }): Promise<ExecResult>;
  upload(localPath: string, remotePath: string): Promise<void>;
  download(remotePath: string, localPath: string): Promise<void>;
  /** Starts the program and returns when the process exists (readiness is the system's business). Throws FaultlineError if it cannot be started. */
  start(spec: ProgramSpec): Promise<void>;
  /**
   * Starts the program of the last `start` again. Does nothing if it runs. With `mayEnd` the program may refuse its data and end by itself: that is no
   * unexpected exit. Throws FaultlineError if it was never started or cannot be.
   */
  restart(options?: { readonly mayEnd?: boolean }): Promise<void>;
  /**
   * Signals the program's whole process group. SIGKILL and SIGTERM return when all of it is gone (SIGTERM also wakes a paused program, and
   * turns into SIGKILL after a few seconds); SIGSTOP and SIGCONT when the state has changed. Does nothing on a stopped program.
   * Throws FaultlineError `signal-failed` if the operating system does not do it in time.
   */
  signal(signal: NodeSignal): Promise<void>;
  state(): Promise<ProgramState>;
  /** Whether an end of the running program by itself is nothing unexpected, from now on: a fault is in force that it may rightly give in to. Its next life is judged anew. */
  expectEnd(expected: boolean): void;
  /** Empties the data folder. The program must be stopped. */
  wipe(): Promise<void>;
  /** How the last life of the program ended, or undefined while it runs or before its first start. */
  lastEnd(): Promise<ProgramEnd | undefined>;
  /** The data folder from outside the program. */
  readonly disk: Disk;
  /**
   * Sets the wall clock that the program sees, at once and without its knowledge; the monotonic clock goes on. Holds over restarts until it is set
   * again. Needs the capability `clock`. Throws FaultlineError `no-clock` without it.
   */
  setClock(setting: ClockSetting): Promise<void>;
  /**
   * Lets the program run out of memory, and returns when the kernel has killed it; its limit is the old one again then. Needs the capability
   * `out-of-memory`. Throws FaultlineError `still-alive` if it does not happen before the signal.
   */
  exhaustMemory(signal: AbortSignal): Promise<void>;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Exit code, or null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it logged since its start. */
  readonly tail: string;
}

/**
 * What a node's wall clock is set to: true time plus an offset (milliseconds; negative: it is slow), or a rate (seconds that it shows for every true second) at which it
 * goes on from what it shows now, and which a program that starts meanwhile finds.
 */
export type ClockSetting = { readonly offsetMs: number } | { readonly rate: number };

/** The links between the nodes, as far as the controller can act on them. */
export interface Net {
  /**
   * Replaces all faults that `owner` has in force, on all links as one. Faults of several owners add up: a link is cut if anyone cuts it, delays are summed.
   * Says by what means; that stands in the history.
   */
  apply(owner: string, faults: readonly LinkFault[]): Promise<AppliedFaults>;
  /** Removes all faults of `owner`. */
  clear(owner: string): Promise<void>;
  /** Removes the faults of all owners. Idempotent. */
  heal(): Promise<void>;
  /** Counters of every directed link since the start; what verifies that a fault bit and that it was healed. */
  stats(): Promise<readonly LinkStats[]>;
  /** Sends messages of our own along directed links (all if left out) under the faults in force, and says what became of them. Takes less than a second. */
  probe(links?: readonly LinkName[]): Promise<readonly LinkProbe[]>;
  /** Whether any fault is in force on any link. */
  faulty(): boolean;
}

/** The provisioned nodes. Disposal removes everything that was made for them, idempotently. */
export interface Cluster extends AsyncDisposable {
  readonly provider: string;
  readonly nodes: readonly Node[];
  readonly net: Net;
  supports(capability: Capability): boolean;
  /** Aborted, with what happened, when the cluster itself has lost something without which the run proves nothing: the run ends then. Absent: it does not notice. */
  readonly lost?: AbortSignal;
  /** Ends of programs that no `signal` of ours caused, in order. */
  unexpectedExits(): readonly UnexpectedExit[];
  /** Takes the power from a node: its program is killed, and what it had not made durable is gone. Says in words what that was. Absent: `System.powerLoss` does what it can. */
  powerCut?(node: Node): Promise<string>;
  /**
   * In a simulation: waits for a moment that may matter, when a message of a certain sort is sent or arrives; which, and how soon after it, is drawn. Undefined: none came in `patienceMs`, nor
   * before the signal. Absent: nobody can tell.
   */
  moment?(random: Random, patienceMs: number, signal: AbortSignal): Promise<Moment | undefined>;
  /** In place of real connections: how clients reach the programs of a simulation. */
  exchange?(request: ExchangeRequest): Promise<Exchange>;
}

/** When something was done: this long after a message of this sort, between these nodes. */
export interface Moment {
  readonly sort: string;
  readonly was: 'sent' | 'received';
  readonly from: string;
  readonly to: string;
  readonly laterMs: number;
}

/** A request of a client to a program of a simulation. It never rejects. */
export interface ExchangeRequest {
  /** Who asks, for diagrams. */
  readonly from?: string;
  readonly endpoint: Endpoint;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON. */
  readonly body: unknown;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What a provider needs to know to make nodes. */
export interface ProvisionRequest {
  /** The run's id: every process, file and rule made carries it. */
  readonly runId: string;
  readonly nodeCount: number;
  /** Names of the ports a node of the system listens on, e.g. `client`, `peer`. `peer`-to-peer ways are made for each. */
  readonly ports: readonly string[];
  /** Which of these ports nodes use among themselves (their links get faults). */
  readonly peerPorts: readonly string[];
  /** The run's own folder (in results/); node data and logs lie below `nodes/<name>/`. */
  readonly runDir: string;
  /** Fixed first port, or undefined for free ones. */
  readonly basePort?: number;
  /** The run's clock. */
  readonly clock: Clock;
  /** A stream of the run's randomness for the cluster's own draws (jitter). */
  readonly random: Random;
  /** See System.image. */
  readonly image?: string;
  /** What the plan's nemeses will use: a cluster prepares for these and for no more. */
  readonly needs: readonly Capability[];
  /** A line for the run's own log: an image that is built, a node that died. */
  readonly log: (message: string) => void;
  readonly signal: AbortSignal;
  /** For a provider whose time is virtual: the programs, and the world they run in. */
  readonly simulation?: SimulationRequest;
}

/** What a simulated cluster is made of. */
export interface SimulationRequest {
  readonly programs: Simulation;
  /** By how much the system lets the rates of clocks be wrong. */
  readonly clockErrorRate: number;
  /** What the world is like, as the plan has it. */
  readonly setting: unknown;
  /** Told what happens inside; left out: that is not wanted, and costs nothing. */
  readonly trace?: (event: TraceEvent) => void;
  /** Gets what the programs log. */
  readonly log?: (node: string, text: string) => void;
}

/** Of a provider whose nodes live in virtual time. */
export interface VirtualWorld {
  /** A clock at 0, for one run. */
  clock(): Clock;
  /** The shape of what the plan says of the world. */
  readonly setting: z.ZodType;
  /** A world from a seed, as data for the plan. */
  draw(random: Random): unknown;
  /** The same world with other fates of its messages. */
  reseed(setting: unknown, random: Random): unknown;
  /** The links between so many nodes on which messages fare as this world has it; and the same world with trouble on these, or in this time (milliseconds), alone. */
  troubledLinks(setting: unknown, nodes: number): readonly string[];
  confine(setting: unknown, to: { readonly links?: readonly string[]; readonly timeMs?: readonly [number, number] }): unknown;
  /** Worlds with less trouble than this one: those that are quiet altogether, the quietest first; and steps that each take one trouble away. */
  calmer(setting: unknown): { readonly whole: readonly unknown[]; readonly single: readonly ((setting: unknown) => unknown)[] };
}

export interface ClusterProvider {
  readonly name: string;
  readonly description: string;
  /** Its nodes run images. */
  readonly containers?: true;
  /** Its time is virtual, and a seed decides everything: such a run can be repeated to the byte. */
  readonly virtual?: VirtualWorld;
  /**
   * What could be done here, asked of the machine now: `faultline doctor`'s table, and what refuses a fault before the run. With `prepare`, what is missing and
   * can be made (an image) is made, and its progress told line by line. Throws FaultlineError if there is nothing to ask, or nothing to run on.
   */
  examine(options: { readonly nodeCount: number; readonly prepare?: (progress: string) => void; readonly signal: AbortSignal }): Promise<HostReport>;
  provision(request: ProvisionRequest): Promise<Cluster>;
  /**
   * Finds and removes what runs whose controller is gone left behind; returns a line for each thing removed. Never touches a live run.
   */
  clean(options: CleanOptions): Promise<readonly string[]>;
}

/** What is to be removed of runs whose controller is gone. */
export interface CleanOptions {
  /** Only says what would be removed. */
  readonly dryRun: boolean;
  /** Only this run. */
  readonly runId?: string;
  /** Also names the folder whose runs' resource lists are to be read, for what the machine itself does not show. */
  readonly resultsDir?: string;
  /** Told, in a line each, what should be gone and could not be removed. */
  readonly onFailure?: (line: string) => void;
}
