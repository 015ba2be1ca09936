import type { StoredPlan } from '../../store/schema.js';
import type { RunSummary } from '../summary.js';

/** What a failure is, as far as a smaller one must be the same. */
export interface FailureClass {
  readonly kind: RunSummary['kind'];
  readonly checker: string | undefined;
  readonly anomaly: string | undefined;
}

/** The class of a run's failure. */
export function classOf({ kind, checker, anomaly }: RunSummary): FailureClass {
  return { kind, checker, anomaly };
}

export function isSameClass(a: FailureClass, b: FailureClass): boolean {
  return a.kind === b.kind && a.checker === b.checker && a.anomaly === b.anomaly;
}

export interface TrialOptions {
  readonly wanted: FailureClass;
  /** Carries a plan out. */
  readonly run: (plan: StoredPlan) => Promise<RunSummary>;
  /** So many at a time. */
  readonly jobs: number;
  /** No trial begins when this says so. */
  readonly enough: () => boolean;
  readonly onTrial?: (trials: number) => void;
}

/** Tries plans: whether they fail in the same way. */
export class Trials {
  readonly #options: TrialOptions;
  #count = 0;

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  /** How many plans were tried. */
  get count(): number {
    return this.#count;
  }

  get over(): boolean {
    return this.#options.enough();
  }

  /** The index of the first plan, in their order, that fails as wanted; -1 if none does, or the time is up. */
  async first(plans: readonly StoredPlan[]): Promise<number> {
    const { jobs } = this.#options;
    for (let from = 0; from < plans.length && !this.over; from += jobs) {
      const results = await Promise.all(plans.slice(from, from + jobs).map((plan) => this.holds(plan)));
      const found = results.indexOf(true);
      if (found >= 0) return from + found;
    }
    return -1;
  }

  async holds(plan: StoredPlan): Promise<boolean> {
    const { run, wanted, onTrial } = this.#options;
    const summary = await run(plan);
    this.#count++;
    onTrial?.(this.#count);
    return summary.verdict === 'invalid' && isSameClass(classOf(summary), wanted);
  }
}
