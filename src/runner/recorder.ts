import type { Op } from '../history/op.js';
import type { Clock } from '../time/clock.js';

/** An event before it has its place in the history. */
export type Unrecorded = Omit<Op, 'index' | 'time'>;

/**
 * Gives events their index and time, in one place for everyone who has something to record (the interpreter, the monitor,
 * the phases of the run), so that index order is real-time order, and hands them on at once.
 */
export class Recorder {
  readonly #clock: Clock;
  readonly #sink: (op: Op) => void;
  #next = 0;

  constructor(clock: Clock, sink: (op: Op) => void) {
    this.#clock = clock;
    this.#sink = sink;
  }

  /** Number of events so far. */
  get count(): number {
    return this.#next;
  }

  record(event: Unrecorded): Op {
    const op: Op = { index: this.#next++, time: this.#clock.now(), ...event };
    this.#sink(op);
    return op;
  }

  /** A single event of somebody who is not a client: `note('runner', 'phase', 'heal')`. */
  note(process: string, f: string, value: unknown): Op {
    return this.record({ process, type: 'info', f, value });
  }
}
