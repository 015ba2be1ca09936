import type { FaultEnd, FaultValue, Generator, NemesisCall, Random, RunningNemesis } from '../../src/index.js';

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
}

const NOTHING: FaultEnd = {
  kind: 'none',
  effect: { observed: false, evidence: 'no fault was in force' },
  healed: { observed: true, evidence: 'nothing was left to heal' },
};

/**
 * A nemesis that has one fault in force at a time. A fault counts as in force from the moment it begins until nothing of it is
 * left, whatever throws in between: `stop`, the next `start` and `heal` all try again.
 */
export class FaultLifecycle implements RunningNemesis {
  readonly #options: LifecycleOptions;
  #fault: Fault | undefined;
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
    return this.#inTurn(async () => (this.#fault === undefined ? [] : [await this.#stop(signal)]));
  }

  async #start(value: unknown, signal: AbortSignal): Promise<FaultValue> {
    if (this.#fault !== undefined) await this.#stop(signal);
    const fault = await this.#options.prepare(value, signal);
    this.#fault = fault;
    return fault.begin(signal);
  }

  async #stop(signal: AbortSignal): Promise<FaultEnd> {
    const fault = this.#fault;
    if (fault === undefined) return NOTHING;
    const end = await fault.end(signal);
    if (!fault.inForce) this.#fault = undefined;
    return end;
  }

  /** A heal waits for an operation that is still under way; each is bounded in time. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }
}
