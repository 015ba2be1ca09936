import { messageOf, type Clock } from '../../src/index.js';

export interface FlappingOptions {
  readonly downMs: number;
  readonly upMs: number;
  readonly cut: () => Promise<void>;
  readonly join: () => Promise<void>;
}

/** A cut that comes and goes, beginning with a cut that is in force already. */
export class Flapping {
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #cuts = 1;
  #failure: unknown;

  constructor(clock: Clock, { downMs, upMs, cut, join }: FlappingOptions) {
    const { signal } = this.#stop;
    const go = async (): Promise<void> => {
      while (!signal.aborted) {
        await clock.sleep(downMs, signal);
        await join();
        await clock.sleep(upMs, signal);
        await cut();
        this.#cuts += 1;
      }
    };
    this.#loop = go().catch((error: unknown) => {
      if (!signal.aborted) this.#failure = error;
    });
  }

  /** Ends it, the link being up or down, and says how often it was cut. Throws what ended it before. */
  async stop(): Promise<number> {
    this.#stop.abort(new Error('no more flapping'));
    await this.#loop;
    if (this.#failure !== undefined) throw new Error(`flapping ended by itself: ${messageOf(this.#failure)}`, { cause: this.#failure });
    return this.#cuts;
  }
}
