import { NS_PER_MS } from '../../src/index.js';
import type { Baseline, Reading } from './observe.js';

/** Beyond what the round trip explains, milliseconds. */
const SLACK_MS = 5;
/** Of two offsets that alternate, so many readings see both, or one is missing. */
const ENOUGH = 10;
/** Two readings of a drifting clock are this far apart at least. */
const APART_MS = 250;
const MOST_READINGS = 120;

/** Gathers readings of one clock until they show what it is to show. */
export interface Watch {
  take(reading: Reading): void;
  readonly shown: boolean;
  /** Whether the clock shows it; undefined if the readings do not tell, or there are none. */
  readonly verdict: boolean | undefined;
  /** What was seen, in words; undefined if there are no readings. */
  readonly evidence: string | undefined;
}

/**
 * Waits for each of the wanted offsets from the baseline. A reading counts for one if its round trip and the baseline's explain the difference, and if neither another
 * wanted offset nor one of `others` is explained as well: a slow answer proves nothing.
 */
export class OffsetWatch implements Watch {
  readonly #missing: Set<number>;
  readonly #met: number[] = [];
  #telling = 0;
  #best: Reading | undefined;

  constructor(
    private readonly word: string,
    private readonly baseline: Baseline,
    private readonly wanted: readonly number[],
    private readonly others: readonly number[],
  ) {
    this.#missing = new Set(wanted);
  }

  get shown(): boolean {
    return this.#missing.size === 0;
  }

  get verdict(): boolean | undefined {
    if (this.shown) return true;
    return this.#telling >= (this.wanted.length > 1 ? ENOUGH : 1) ? false : undefined;
  }

  get evidence(): string | undefined {
    if (this.shown) return `${this.word}: ${this.#met.join(' and ')} ms`;
    if (this.#best === undefined) return undefined;
    const [offset, error] = [Math.round(this.#best.offsetMs - this.baseline.offsetMs), Math.ceil(this.#errorOf(this.#best))];
    return this.verdict === false ? `shows ${offset} ms (give or take ${error}), not ${[...this.#missing].map(Math.round).join(' or ')}` : `answers too slowly to tell: ${offset} ms, give or take ${error}`;
  }

  take(reading: Reading): void {
    if (reading.errorMs < (this.#best?.errorMs ?? Infinity)) this.#best = reading;
    const offset = reading.offsetMs - this.baseline.offsetMs;
    const explained = [...new Set([...this.wanted, ...this.others])].filter((candidate) => Math.abs(offset - candidate) <= this.#errorOf(reading));
    if (explained.length > 1) return;
    this.#telling += 1;
    const [only] = explained;
    if (only !== undefined && this.#missing.delete(only)) this.#met.push(Math.round(offset));
  }

  #errorOf({ errorMs }: Reading): number {
    return errorMs + this.baseline.errorMs + SLACK_MS;
  }
}

/** Waits for two readings between which the clock has gained or lost what its rate (seconds it shows for each true one) makes of the time, beyond what the round trips explain. */
export class DriftWatch implements Watch {
  readonly #readings: Reading[] = [];
  #shown: string | undefined;
  #telling: string | undefined;

  constructor(private readonly rate: number) {}

  get shown(): boolean {
    return this.#shown !== undefined;
  }

  get verdict(): boolean | undefined {
    return this.shown ? true : this.#telling === undefined ? undefined : false;
  }

  get evidence(): string | undefined {
    if (this.#readings.length === 0) return undefined;
    return this.#shown ?? this.#telling ?? 'was not seen long enough to tell';
  }

  take(reading: Reading): void {
    for (const before of this.#readings) this.#compare(before, reading);
    if (this.#readings.length < MOST_READINGS) this.#readings.push(reading);
  }

  #compare(before: Reading, after: Reading): void {
    const passedMs = (after.atNs - before.atNs) / NS_PER_MS;
    if (passedMs < APART_MS || this.shown) return;
    const excess = this.rate - 1;
    const grown = after.offsetMs - before.offsetMs;
    // What the clock gained while the question was under way is as uncertain as the moment of the answer.
    const error = (before.errorMs + after.errorMs) * (1 + Math.abs(excess)) + SLACK_MS;
    if (Math.abs(excess * passedMs) <= 2 * error) return;
    const words = `${grown < 0 ? 'lost' : 'gained'} ${Math.round(Math.abs(grown))} ms in ${Math.round(passedMs)} ms`;
    if (Math.abs(grown - excess * passedMs) <= error) this.#shown = `${words}, as ${this.rate} times the true speed does`;
    else this.#telling = `${words}, where ${this.rate} times the true speed makes ${Math.round(excess * passedMs)} ms`;
  }
}
