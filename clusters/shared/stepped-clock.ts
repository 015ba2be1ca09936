import { NS_PER_MS, type Clock, type ClockSetting } from '../../src/index.js';

/**
 * Sets a wall clock by offsets alone. A rate is made of many small ones, by a timer, until the clock is set again or closed: a process that has once read a rate keeps it when
 * it reads an offset (libfaketime 0.9.10, measured), an offset means the same to every process, however old.
 */
export class SteppedClock {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #write: (offsetMs: number) => Promise<void>;
  #offsetMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  /** A drifting clock is set anew every `stepMs`, unless the step before is still under way. */
  constructor(clock: Clock, stepMs: number, write: (offsetMs: number) => Promise<void>) {
    this.#clock = clock;
    this.#stepMs = stepMs;
    this.#write = write;
  }

  /** See Node.setClock. */
  async set(setting: ClockSetting): Promise<void> {
    this.close();
    await this.#writing?.catch(() => undefined);
    if ('offsetMs' in setting) {
      this.#offsetMs = setting.offsetMs;
      await this.#write(setting.offsetMs);
      return;
    }
    const [fromMs, sinceNs] = [this.#offsetMs, this.#clock.now()];
    this.#timer = setInterval(() => this.#step(fromMs + ((setting.rate - 1) * (this.#clock.now() - sinceNs)) / NS_PER_MS), this.#stepMs).unref();
  }

  /** Ends the drift. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #step(offsetMs: number): void {
    if (this.#writing !== undefined) return;
    this.#offsetMs = offsetMs;
    this.#writing = this.#write(offsetMs)
      .catch(() => undefined)
      .finally(() => {
        this.#writing = undefined;
      });
  }
}
