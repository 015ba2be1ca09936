import type { Key, Op, OpError, ProcessId } from '../history/op.js';
import { childPath, drawAt, rootPath } from '../random/draw.js';
import { NS_PER_MS, type AssignedDraft } from './ask.js';
import { Schedule, type ScheduleOptions } from './schedule.js';
import type { OpDraft, ThreadId } from './types.js';

/** A call as the imagined client or nemesis gets it. */
export interface SimulatedCall {
  readonly f: string;
  readonly value: unknown;
  readonly key?: Key;
  readonly process: ProcessId;
  readonly thread: ThreadId;
  /** Nanoseconds. */
  readonly time: number;
  /** Uniform in [0, 1), the i-th of this call; the same for the same seed and the same number of calls before. */
  readonly draw: (i: number) => number;
}

/** How it ends, and after how long. `ok`: the result, by default the argument. A nemesis always ends `info`, with `value`. */
export interface SimulatedOutcome {
  readonly type: 'ok' | 'fail' | 'info';
  readonly value?: unknown;
  readonly error?: OpError;
  readonly latencyMs: number;
}

export interface SimulationOptions extends Omit<ScheduleOptions, 'generator'> {
  /** The imagined system. By default everything is ok after 1 ms. */
  readonly model?: (call: SimulatedCall) => SimulatedOutcome;
  /** Stops before the invocation after so many. */
  readonly maxOperations?: number;
  /** Stops before the first moment later than this, milliseconds of the run. */
  readonly maxMs?: number;
}

export interface Simulation {
  readonly ops: readonly Op[];
  /** Why it ended: the generator was done, or a limit was reached. */
  readonly end: 'done' | 'max-operations' | 'max-time';
  /** Nanoseconds of the run at the end. */
  readonly time: number;
}

const DEFAULT_MAX_OPERATIONS = 100_000;
const DEFAULT_LATENCY_MS = 1;

/**
 * What a generator would do, in virtual time, without I/O: for tests and for showing a plan. The same arguments give the
 * same history. Throws what Schedule throws.
 */
export function simulate(generator: ScheduleOptions['generator'], options: SimulationOptions): Simulation {
  return new Simulator(generator, options).run();
}

interface Open {
  readonly at: number;
  readonly process: ProcessId;
  readonly op: AssignedDraft;
  readonly outcome: SimulatedOutcome;
}

class Simulator {
  readonly #schedule: Schedule;
  readonly #model: (call: SimulatedCall) => SimulatedOutcome;
  readonly #options: SimulationOptions;
  readonly #ops: Op[] = [];
  /** In order of completion. */
  readonly #open: Open[] = [];
  #now = 0;
  #calls = 0;

  constructor(generator: ScheduleOptions['generator'], options: SimulationOptions) {
    this.#schedule = new Schedule({ ...options, generator });
    this.#options = options;
    this.#model = options.model ?? (() => ({ type: 'ok', latencyMs: DEFAULT_LATENCY_MS }));
  }

  run(): Simulation {
    const maxNs = (this.#options.maxMs ?? Infinity) * NS_PER_MS;
    const maxOperations = this.#options.maxOperations ?? DEFAULT_MAX_OPERATIONS;
    for (;;) {
      this.#complete();
      const decision = this.#schedule.decide(this.#now);
      if (decision.kind === 'invoke') {
        if (this.#calls >= maxOperations) return this.#ended('max-operations');
        this.#invoke(decision.op, decision.process);
        continue;
      }
      const until = decision.kind === 'wait' ? decision.until : undefined;
      const moment = Math.min(until ?? Infinity, this.#open[0]?.at ?? Infinity);
      if (decision.kind === 'done' && moment === Infinity) return this.#ended('done');
      if (moment > maxNs) return this.#ended('max-time');
      this.#now = moment;
    }
  }

  #ended(end: Simulation['end']): Simulation {
    return { ops: this.#ops, end, time: this.#now };
  }

  #invoke(op: AssignedDraft, process: ProcessId): void {
    const path = childPath(rootPath(this.#options.seed), -1 - this.#calls++);
    const { f, value, key, thread } = op;
    const call = { f, value, ...(key === undefined ? {} : { key }), process, thread, time: this.#now, draw: (i: number) => drawAt(path, i) };
    const outcome = this.#model(call);
    this.#record(op, process, 'invoke', value, undefined);
    const at = this.#now + Math.max(0, outcome.latencyMs) * NS_PER_MS;
    const before = this.#open.findIndex((other) => other.at > at);
    this.#open.splice(before === -1 ? this.#open.length : before, 0, { at, process, op, outcome });
  }

  /** Records the completions that are due. */
  #complete(): void {
    for (let open = this.#open[0]; open !== undefined && open.at <= this.#now; open = this.#open[0]) {
      this.#open.shift();
      const isNemesis = typeof open.process === 'string';
      const type = isNemesis ? 'info' : open.outcome.type;
      const result = type === 'ok' || isNemesis ? (open.outcome.value ?? open.op.value) : open.op.value;
      this.#record(open.op, open.process, type, result, open.outcome.error);
      this.#schedule.release(open.op.thread, type === 'info');
    }
  }

  #record(op: OpDraft, process: ProcessId, type: Op['type'], value: unknown, error: OpError | undefined): void {
    const event: Op = {
      index: this.#ops.length,
      time: this.#now,
      process,
      type,
      f: op.f,
      value,
      ...(op.key === undefined ? {} : { key: op.key }),
      ...(error === undefined ? {} : { error }),
    };
    this.#ops.push(event);
    this.#schedule.tell(event);
  }
}
