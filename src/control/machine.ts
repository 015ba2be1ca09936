import type { Random } from '../random/random.js';
import type { FileSystem } from './file-system.js';

/**
 * What a program has in a simulation in place of an operating system. All that it does it does through this, and so nothing happens to it but what the simulation decides. When its
 * life ends, by itself or by a kill, nothing of it is called any more.
 */
export interface Machine {
  /** Name of the node. */
  readonly node: string;
  readonly files: FileSystem;
  /** The node's clocks, milliseconds. The first never goes back, and runs at a rate of its own. */
  monotonicMs(): number;
  wallMs(): number;
  /** Calls back once, after so long by the node's clock. Gives what cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Calls back again and again. Gives what ends it. */
  every(ms: number, run: () => void): () => void;
  /** Calls back when what has arrived by now has been dealt with: the end of a turn of the event loop. */
  soon(run: () => void): void;
  /** Says that promises of the program may go on that nothing outside of it has resolved; those of `files` go on by themselves. See Simulation.stirs. */
  stir(): void;
  /** A whole number below `bound`; other ones in every life. */
  random(bound: number): number;
  /** A line, or several, for the node's log. */
  write(text: string): void;
  /** Tells what part the program plays now: `leader`, `follower` ... For diagrams. */
  role(name: string): void;
  /** Ends the program. */
  exit(code: number): void;
  /** Calls back when the program is asked to end (SIGTERM); one that does not listen is ended. */
  onTerminate(run: () => void): void;
  /** Sends a message to another node's program: it arrives, late, twice or never. It is handed over as it is: nobody may change it any more. */
  send(to: string, message: unknown): void;
  /** Who gets the messages of others. */
  receive(run: (from: string, message: unknown) => void): void;
  /** Who gets the requests of clients, each to be answered once. */
  serve(run: (request: SimulatedRequest, answer: (answer: SimulatedAnswer) => void) => void): void;
}

/** A request as of HTTP with JSON. */
export interface SimulatedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: unknown;
}

export interface SimulatedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What came of a request to a node, real or simulated. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** Nothing reached the server: no connection was made. */
  | { readonly kind: 'not-sent'; readonly message: string }
  /** The request may have been carried out. */
  | { readonly kind: 'lost'; readonly code: 'timeout' | 'connection-lost' | 'bad-answer'; readonly message: string };

/** What a message says, for a diagram: see TracedMessage. */
export interface MessageWords {
  readonly sort: string;
  readonly detail?: string;
  readonly routine?: true;
}

/** What a run may be about: leaders that change (whoever leads is to be missed soon, and replaced at once), what is on disks, what goes by clocks (leases), or who belongs to the cluster. */
export type RunMatter = 'leaders' | 'disks' | 'time' | 'members';

/** How a system runs in a simulation: its programs, written against a Machine. */
export interface Simulation {
  /**
   * Runs the program that a node would run from this compiled file. Gives its exit code if it has come to its end at once, undefined if it goes on; what it throws is a defect. `file` is the
   * URL that the system gave to Node.javascript.
   */
  run(file: string, argv: readonly string[], machine: Machine): number | undefined;
  /** By how much the rate of a node's clock may be wrong with these options (as `System.options` has parsed them): 0.01 is a hundredth. */
  clockErrorRate(options: unknown): number;
  /** Options of the system to try, from a seed: those that change how it works, within what it stands for; those that show more of a matter, if the run is about one. */
  draw?(random: Random, wanted: { readonly nodes: number; readonly matter?: RunMatter }): Readonly<Record<string, unknown>>;
  /**
   * Whether the programs call `Machine.stir` whenever promises of theirs may go on, which spares the simulation to look. Left out: they may whenever anything happens to the program. Where a call
   * is missing they go on a little late.
   */
  readonly stirs?: boolean;
  /** What a message between nodes says. */
  describe(message: unknown): MessageWords;
  /** The `sort` of it alone. */
  sortOf(message: unknown): string;
}
