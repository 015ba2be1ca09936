import { NS_PER_S, realClock, type Clock } from '../../time/clock.js';
import { clip, showCount } from '../text.js';

/** How far a search in virtual time is. */
export interface SearchState {
  readonly runs: number;
  readonly failures: number;
  readonly states: number;
  readonly virtualMs: number;
  readonly operations: number;
}

export interface SearchProgressOptions {
  write(text: string): void;
  readonly terminal: boolean;
  readonly columns: number;
  /** How many runs there will be. */
  readonly runs: number;
  /** Default: real time. */
  readonly clock?: Clock;
}

const TERMINAL_NS = 0.2 * NS_PER_S;
const PLAIN_NS = 10 * NS_PER_S;

/** One line on how far a search is: redrawn on a terminal, a new one every ten seconds elsewhere. */
export class SearchProgressLine {
  readonly #options: SearchProgressOptions;
  readonly #clock: Clock;
  readonly #started: number;
  #told: number;

  constructor(options: SearchProgressOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock();
    this.#started = this.#told = this.#clock.now();
  }

  update(state: SearchState): void {
    const now = this.#clock.now();
    const { terminal, columns } = this.#options;
    if (now - this.#told < (terminal ? TERMINAL_NS : PLAIN_NS)) return;
    this.#told = now;
    const text = this.#text(state, (now - this.#started) / NS_PER_S);
    this.#options.write(terminal ? `\r\u001b[2K${clip(text, columns - 1)}` : `${text}\n`);
  }

  /** Leaves the line. */
  end(): void {
    if (this.#options.terminal) this.#options.write('\r\u001b[2K');
  }

  #text({ runs, failures, states, virtualMs, operations }: SearchState, seconds: number): string {
    const speed = virtualMs / 1000 / Math.max(seconds, 1e-3);
    return `${showCount(runs)} of ${showCount(this.#options.runs)} runs, ${(runs / Math.max(seconds, 1e-3)).toFixed(1)}/s; ${showCount(Math.round(virtualMs / 60_000))} simulated minutes, ${Math.round(speed)} times real time; ${showCount(operations)} operations; ${showCount(states)} abstract states; ${failures === 0 ? 'no failure' : `${failures} failed`}`;
  }
}
