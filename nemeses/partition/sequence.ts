import { messageOf, type Clock } from '../../src/index.js';

/** What is done after a wait. */
export interface Step {
  readonly afterMs: number;
  readonly act: (signal: AbortSignal) => Promise<void>;
}

/** Steps one after the other, and again from the first, until it is stopped. */
export class Sequence {
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #made = 0;
  #failure: unknown;

  constructor(clock: Clock, steps: readonly Step[]) {
    const { signal } = this.#stop;
    const go = async (): Promise<void> => {
      while (!signal.aborted) {
        for (const { afterMs, act } of steps) {
          await clock.sleep(afterMs, signal);
          await act(signal);
          this.#made += 1;
        }
      }
    };
    this.#loop = go().catch((error: unknown) => {
      if (!signal.aborted) this.#failure = error;
    });
  }

  /** Ends it, in whatever state things are, and says how many steps were made. Throws what ended it before. */
  async stop(): Promise<number> {
    this.#stop.abort(new Error('no more steps'));
    await this.#loop;
    if (this.#failure !== undefined) throw new Error(`the changes ended by themselves: ${messageOf(this.#failure)}`, { cause: this.#failure });
    return this.#made;
  }
}
