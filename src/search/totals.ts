import { isFailure, type RunSummary } from './summary.js';

/** What a search as a whole has done. */
export interface SearchFigures {
  readonly operations: number;
  readonly faults: number;
  readonly virtualMs: number;
  readonly cpuMs: number;
  /** By verdict; `unknown` are those that showed too little. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** By counter: in how many runs it was above 0, and its sum. */
  readonly exercised: Readonly<Record<string, { readonly runs: number; readonly sum: number }>>;
}

/** Adds up the runs of a search. */
export class Totals {
  #runs = 0;
  #operations = 0;
  #faults = 0;
  #virtualMs = 0;
  #cpuMs = 0;
  readonly #verdicts = new Map<string, number>();
  readonly #exercised = new Map<string, { runs: number; sum: number }>();

  add(summary: RunSummary): void {
    this.#runs++;
    this.#operations += summary.operations;
    this.#faults += summary.faults;
    this.#virtualMs += summary.virtualMs;
    this.#cpuMs += summary.cpuMs;
    const verdict = isFailure(summary) ? (summary.kind === 'liveness' ? 'safe but stuck' : summary.verdict) : summary.verdict;
    this.#verdicts.set(verdict, (this.#verdicts.get(verdict) ?? 0) + 1);
    for (const [name, count] of Object.entries(summary.exercised)) {
      const total = this.#exercised.get(name) ?? { runs: 0, sum: 0 };
      total.sum += count;
      total.runs += count > 0 ? 1 : 0;
      this.#exercised.set(name, total);
    }
  }

  get runs(): number {
    return this.#runs;
  }

  get operations(): number {
    return this.#operations;
  }

  get virtualMs(): number {
    return this.#virtualMs;
  }

  figures(): SearchFigures {
    return { operations: this.#operations, faults: this.#faults, virtualMs: Math.round(this.#virtualMs), cpuMs: Math.round(this.#cpuMs), verdicts: Object.fromEntries([...this.#verdicts].sort()), exercised: Object.fromEntries([...this.#exercised].sort(([a], [b]) => (a < b ? -1 : 1))) };
  }
}
