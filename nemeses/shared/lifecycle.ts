import { FaultlineError, type FaultEnd, type FaultValue, type Generator, type NemesisCall, type Random, type RunningNemesis } from '../../src/index.js';

/** One fault of a nemesis, from its start to its end. */
export interface Fault {
  /** Puts it into force and says what was done. If it throws, what was done so far counts as in force. */
  begin(signal: AbortSignal): Promise<FaultValue>;
  /** Undoes it and says what was seen. It undoes whatever it can although the signal is aborted; the signal only ends the watching. */
  end(signal: AbortSignal): Promise<FaultEnd>;
  /** Whether something of it is left to undo. */
  readonly inForce: boolean;
}

export interface LifecycleOptions {
  readonly generator: (random: Random) => Generator;
  /** Makes the fault that a `start` asks for, without putting it into force. Throws FaultlineError for a value that is none. */
  readonly prepare: (value: unknown, signal: AbortSignal) => Promise<Fault>;
  /** No fault may begin while something of an earlier one is left: together they would do more harm than one is meant to. */
  readonly oneAtATime?: true;
}

/** How often healing tries to end a fault. */
const HEAL_TRIES = 3;

const NOTHING: FaultEnd = {
  kind: 'none',
  effect: { observed: false, evidence: 'no fault was in force' },
  healed: { observed: true, evidence: 'nothing was left to heal' },
};

/**
 * A nemesis that puts one fault after the other into force. A fault counts as in force from the moment it begins until nothing of it is
 * left, whatever throws in between: `stop`, the next `start` and `heal` all try again, also when a later one has begun.
 */
export class FaultLifecycle implements RunningNemesis {
  readonly #options: LifecycleOptions;
  #current: Fault | undefined;
  /** Earlier ones of which something is left. */
  #unfinished: readonly Fault[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  generator(random: Random): Generator {
    return this.#options.generator(random);
  }

  async invoke(call: NemesisCall, signal: AbortSignal): Promise<FaultValue | FaultEnd> {
    return this.#inTurn(() => (call.f === 'start' ? this.#start(call.value, signal) : this.#stop(signal)));
  }

  async heal(signal: AbortSignal): Promise<readonly FaultEnd[]> {
    return this.#inTurn(() => this.#healAll(signal));
  }

  async #start(value: unknown, signal: AbortSignal): Promise<FaultValue> {
    if (this.#options.oneAtATime === true && this.#unfinished.length > 0) throw new FaultlineError('not-over', 'an earlier fault could not be ended yet');
    await this.#endAll(signal);
    const fault = await this.#options.prepare(value, signal);
    this.#current = fault;
    return fault.begin(signal);
  }

  /** The end of the current fault, or else of what is left of an earlier one. */
  async #stop(signal: AbortSignal): Promise<FaultEnd> {
    const [end] = await this.#endAll(signal);
    return end ?? NOTHING;
  }

  /** What one fault leaves, another may have held up that ends at the same time: so what is left is tried again. */
  async #healAll(signal: AbortSignal): Promise<readonly FaultEnd[]> {
    const ends = await this.#endAll(signal);
    for (let tries = 1; tries < HEAL_TRIES && this.#unfinished.length > 0 && !signal.aborted; tries++) ends.push(...(await this.#endAll(signal)));
    return ends;
  }

  /** The latest first. A failure to end one is thrown when all have been tried. */
  async #endAll(signal: AbortSignal): Promise<FaultEnd[]> {
    const faults = [...(this.#current === undefined ? [] : [this.#current]), ...this.#unfinished];
    const ends: FaultEnd[] = [];
    const failures: unknown[] = [];
    for (const fault of faults) await fault.end(signal).then((end) => ends.push(end), (error: unknown) => failures.push(error));
    this.#unfinished = faults.filter((fault) => fault.inForce);
    this.#current = undefined;
    if (failures.length > 0) throw failures[0];
    return ends;
  }

  /** A heal waits for an operation that is still under way; each is bounded in time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }
}
