import { FaultlineError, type Clock } from '../../src/index.js';

/** An action that is due at a moment. It can be cancelled by taking away what it does. */
export interface Due {
  readonly atNs: number;
  readonly order: number;
  run: (() => void) | undefined;
  readonly plain: boolean;
}

/** Marks an action that lets no promise go on, unless it says so by `stir`. */
type Plain = 'plain';

/** 2026-01-01T00:00:00Z: a simulation knows no other day. */
const EPOCH_MS = 1_767_225_600_000;
/** What a moment in nanoseconds loses at most by being told in milliseconds. */
const ROUNDING_NS = 1e-3;
/** After so many actions the process looks after its signals and its parent, once. */
const BREATH = 8192;
/** So much never happens at one moment, unless it would go on for ever. */
const STANDSTILL = 2_000_000;
/** So much never happens in a second either, unless something makes ever more of itself: a busy run has a tenth of it. */
const STORM = 500_000;
/** What is to run after it is a microtask, without the asynchronous context that Node makes for each of queueMicrotask. */
const RESOLVED = Promise.resolve();

/**
 * Virtual time: actions in the order of their time, those of one moment in the order in which they were asked for. It goes on by itself, as fast as it can, whenever everybody waits: Node runs
 * `nextTick` when no promise is left that could go on. Nothing that a simulated run waits for may take real time, or virtual time would fly past meanwhile.
 *
 * Most actions let no promise go on, and to look costs as much as they do. Those that are planned as `plain` are therefore followed by the next at once, unless they have called `stir`. One that
 * forgets to is no less deterministic: the promise goes on later than it should, always at the same place.
 */
export class SimClock implements Clock {
  readonly #heap: Due[] = [];
  #orders = 0;
  #nowNs = 0;
  #going = false;
  #stopped = false;
  #actions = 0;
  /** Whether promises may go on before the next action. */
  #stirred = false;
  readonly #patient: boolean;
  /** Actions since time went on. */
  #stood = 0;
  /** The current second, and how many actions there were before it. */
  #second = 0;
  #before = 0;
  #onStorm: ((error: FaultlineError) => void) | undefined;
  #broken = false;

  /** `patient`: promises may go on after every action, plain or not; for tests. */
  constructor({ patient = false }: { readonly patient?: boolean } = {}) {
    this.#patient = patient;
  }

  now(): number {
    return this.#nowNs;
  }

  /** Virtual milliseconds since the start. */
  get nowMs(): number {
    return this.#nowNs / 1e6;
  }

  /** Actions so far. */
  get actions(): number {
    return this.#actions;
  }

  wallMs(): number {
    return EPOCH_MS + Math.floor(this.#nowNs / 1e6);
  }

  /** Plans an action in `ms` milliseconds. Any wait takes time: who waits for a moment between two nanoseconds, and asks again at the first of them, gets to the second. */
  in(ms: number, run: () => void, plain?: Plain): Due {
    const waitNs = Math.ceil(ms * 1e6 - ROUNDING_NS);
    return this.at(this.#nowNs + (ms > 0 ? Math.max(1, waitNs) : 0), run, plain);
  }

  /** Plans an action at a moment, not before now. */
  at(atNs: number, run: () => void, plain?: Plain): Due {
    const due: Due = { atNs: Math.max(atNs, this.#nowNs), order: this.#orders++, run, plain: plain !== undefined };
    this.#push(due);
    if (!this.#going) this.#go();
    return due;
  }

  /** A plain action has let a promise go on: it does before the next action. */
  stir(): void {
    this.#stirred = true;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const abort = (): void => {
        due.run = undefined;
        reject(signal?.reason as Error);
      };
      const due = this.in(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  after(ms: number, run: () => void): () => void {
    const due = this.in(ms, run);
    return () => {
      due.run = undefined;
    };
  }

  within(ms: number, ...signals: readonly AbortSignal[]): AbortSignal {
    const deadline = new AbortController();
    this.in(ms, () => deadline.abort(new DOMException(`The operation was aborted: not done within ${ms} ms`, 'TimeoutError')));
    return signals.length === 0 ? deadline.signal : AbortSignal.any([...signals, deadline.signal]);
  }

  turn(): undefined {
    return undefined;
  }

  /** Calls back once if ever more happens and time hardly goes on: messages that multiply. No plain action happens from then on, so that what goes by the clock can come to its end. */
  onStorm(run: (error: FaultlineError) => void): void {
    this.#onStorm = run;
  }

  /** The end of all time: nothing that is planned happens any more. */
  stop(): void {
    this.#stopped = true;
    this.#heap.length = 0;
  }

  #go(): void {
    if (this.#stopped) return;
    this.#going = true;
    void RESOLVED.then(this.#yield);
  }

  /** What is asked for by `nextTick` while promises go on runs when none can any more; asked for anywhere else it would come before them. */
  readonly #yield = (): void => process.nextTick(this.#run);

  readonly #run = (): void => {
    this.#stirred = false;
    for (;;) {
      const due = this.#pop();
      if (due === undefined) {
        this.#going = false;
        return;
      }
      const { run, plain } = due;
      if (run === undefined) continue;
      this.#stands(due.atNs);
      due.run = undefined;
      run();
      if (++this.#actions % BREATH === 0) return void setImmediate(this.#run);
      if (!plain || this.#stirred || this.#patient) return void RESOLVED.then(this.#yield);
    }
  };

  /** Time goes on to a moment. Throws FaultlineError `time-stands-still` if it does not, for ever. */
  #stands(atNs: number): void {
    if (atNs > this.#nowNs) this.#stood = 0;
    else if (++this.#stood > STANDSTILL) throw new FaultlineError('time-stands-still', `more than ${STANDSTILL} things happen at ${this.#nowNs / 1e6} ms of virtual time: something waits for no time at all, again and again`);
    this.#nowNs = atNs;
    const second = Math.floor(atNs / 1e9);
    if (second !== this.#second) [this.#second, this.#before] = [second, this.#actions];
    else if (this.#actions - this.#before > STORM && !this.#broken) this.#storm();
  }

  #storm(): void {
    this.#broken = true;
    for (const due of this.#heap) if (due.plain) due.run = undefined;
    this.stir();
    this.#onStorm?.(new FaultlineError('storm', `more than ${STORM} things happened within second ${this.#second} of virtual time: something makes ever more of itself, as messages do that are answered by more than one`));
  }

  #push(item: Due): void {
    if (this.#stopped || (this.#broken && item.plain)) return;
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as Due;
      if (!before(item, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = item;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const item = heap.pop();
    if (item === undefined || first === item) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Due, heap[child] as Due)) child++;
      const below = heap[child] as Due;
      if (!before(below, item)) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = item;
    return first;
  }
}

function before(a: Due, b: Due): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order);
}
