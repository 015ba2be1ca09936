import type { Clock } from '../time/clock.js';

/** Longer sleeps are cut: the alarm then goes off early, which is allowed. */
const MAX_SLEEP_MS = 1e9;

/** Calls back at a moment or a little earlier. One timer at a time, and none is made while an earlier one is running: setting it is nearly free. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atNs = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `atNs` of the clock at the latest. */
  set(atNs: number): void {
    if (!(atNs < this.#atNs)) return;
    this.clear();
    this.#atNs = atNs;
    const ms = Math.min(MAX_SLEEP_MS, Math.max(0, (atNs - this.#clock.now()) / 1e6));
    this.#cancel = this.#clock.after(ms, () => {
      this.#forget();
      this.#ring();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#forget();
  }

  #forget(): void {
    this.#cancel = undefined;
    this.#atNs = Infinity;
  }
}
