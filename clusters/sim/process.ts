import type { FileSystem, Machine, ProgramEnd, Random, SimulatedAnswer, SimulatedRequest } from '../../src/index.js';
import type { SimClock, Due } from './clock.js';
import type { DiskHost } from './disk/index.js';

/** How a node's own clocks go. */
export interface NodeClock {
  monotonicMs(): number;
  wallMs(): number;
  /** Seconds that the monotonic clock shows for every true second. */
  readonly rate: number;
}

export interface SimProcessOptions {
  readonly node: string;
  /** Which life of the node's program it is, from 1. */
  readonly life: number;
  readonly clock: SimClock;
  readonly nodeClock: NodeClock;
  readonly random: Random;
  readonly files: (host: DiskHost) => FileSystem;
  /** Whether the program calls `stir` when promises of its own may go on; otherwise they may whenever anything happens to it. */
  readonly stirs: boolean;
  readonly send: (to: string, message: unknown) => void;
  readonly write: (text: string) => void;
  readonly onRole: (role: string) => void;
  readonly onEnd: (end: ProgramEnd) => void;
}

/** A turn of the event loop takes so long: what arrives meanwhile is dealt with together. */
const TURN_MS = 0.05;
/** The last lines of the log, for whoever asks how it ended. */
const TAIL_LINES = 20;

/** One life of a program on a simulated node: the machine that it sees. While it is paused everything that happens to it waits. */
export class SimProcess implements Machine {
  readonly node: string;
  readonly life: number;
  readonly files: FileSystem;
  readonly #options: SimProcessOptions;
  readonly #random: Random;
  readonly #tail: string[] = [];
  #waiting: (() => void)[] = [];
  readonly #over = new Set<() => void>();
  #receive: ((from: string, message: unknown) => void) | undefined;
  #serve: ((request: SimulatedRequest, answer: (answer: SimulatedAnswer) => void) => void) | undefined;
  #terminate: (() => void) | undefined;
  #paused = false;
  #role = '';
  #end: ProgramEnd | undefined;

  constructor(options: SimProcessOptions) {
    this.#options = options;
    this.#random = options.random;
    this.node = options.node;
    this.life = options.life;
    this.files = options.files({ get nowMs() { return options.clock.nowMs; }, after: (ms, run, plain) => void options.clock.in(ms, run, plain), deliver: (run) => this.deliver(run) });
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** How it ended; undefined while it goes on. */
  get end(): ProgramEnd | undefined {
    return this.#end;
  }

  /** Whether it takes requests of clients. */
  get serves(): boolean {
    return this.#serve !== undefined;
  }

  get terminates(): boolean {
    return this.#terminate !== undefined;
  }

  monotonicMs(): number {
    return this.#options.nodeClock.monotonicMs();
  }

  wallMs(): number {
    return this.#options.nodeClock.wallMs();
  }

  after(ms: number, run: () => void): () => void {
    // One that runs out in a pause may be cancelled by what comes before it afterwards.
    let wanted = true;
    const due = this.#options.clock.in(ms / this.#options.nodeClock.rate, () => this.deliver(() => {
      if (wanted) run();
    }), 'plain');
    return () => {
      wanted = false;
      due.run = undefined;
    };
  }

  every(ms: number, run: () => void): () => void {
    const { clock, nodeClock } = this.#options;
    let due: Due | undefined;
    let missed = false;
    let wanted = true;
    const tick = (): void => {
      if (this.#end !== undefined) return;
      due = clock.in(ms / nodeClock.rate, tick, 'plain');
      // Of the ticks of a pause one is left, as of a timer of Node's.
      if (this.#paused && missed) return;
      missed = this.#paused;
      this.deliver(() => {
        missed = false;
        if (wanted) run();
      });
    };
    due = clock.in((ms / nodeClock.rate) * this.#random.float(), tick, 'plain');
    return () => {
      wanted = false;
      if (due !== undefined) due.run = undefined;
    };
  }

  soon(run: () => void): void {
    this.#options.clock.in(TURN_MS, () => this.deliver(run), 'plain');
  }

  stir(): void {
    this.#options.clock.stir();
  }

  random(bound: number): number {
    return this.#random.int(bound);
  }

  write(text: string): void {
    if (this.#end !== undefined) return;
    this.#options.write(text);
    this.#tail.push(...text.trimEnd().split('\n'));
    if (this.#tail.length > TAIL_LINES) this.#tail.splice(0, this.#tail.length - TAIL_LINES);
  }

  role(name: string): void {
    if (name === this.#role || this.#end !== undefined) return;
    this.#role = name;
    this.#options.onRole(name);
  }

  exit(code: number): void {
    this.finish({ code, signal: null, tail: this.#tail.join('\n') });
  }

  onTerminate(run: () => void): void {
    this.#terminate = run;
  }

  send(to: string, message: unknown): void {
    if (this.#end === undefined) this.#options.send(to, message);
  }

  receive(run: (from: string, message: unknown) => void): void {
    this.#receive = run;
  }

  serve(run: (request: SimulatedRequest, answer: (answer: SimulatedAnswer) => void) => void): void {
    this.#serve = run;
  }

  /** A message of another node has arrived. */
  arrive(from: string, message: unknown): void {
    if (this.#paused || !this.#options.stirs) this.deliver(() => this.#receive?.(from, message));
    else if (this.#end === undefined) this.#receive?.(from, message);
  }

  /** A request of a client has arrived. */
  request(request: SimulatedRequest, answer: (answer: SimulatedAnswer) => void): void {
    this.deliver(() => this.#serve?.(request, answer));
  }

  /** Something happens to the program: now, after the pause, or never, when its life is over. */
  deliver(run: () => void): void {
    if (this.#end !== undefined) return;
    if (this.#paused) {
      this.#waiting.push(run);
      return;
    }
    run();
    if (!this.#options.stirs) this.stir();
  }

  pause(): void {
    this.#paused = true;
  }

  /** Calls back once when its life is over. Gives what cancels it. */
  onceOver(run: () => void): () => void {
    this.#over.add(run);
    return () => void this.#over.delete(run);
  }

  /** Goes on with what has waited, in order. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.deliver(run);
  }

  /** Asks it to end in order. */
  terminate(): void {
    this.deliver(() => this.#terminate?.());
  }

  /** The end of its life. Does nothing after the first. */
  finish(end: Omit<ProgramEnd, 'tail'> & { readonly tail?: string }): void {
    if (this.#end !== undefined) return;
    this.#end = { tail: this.#tail.join('\n'), ...end };
    this.#waiting = [];
    this.#options.onEnd(this.#end);
    for (const run of this.#over) run();
    this.#over.clear();
  }
}
