import type { ExploreLimits, ExploreProgress, ExploreResult, Surroundings } from './explore.js';

/** A number that bounds what is explored. */
export interface ScopeNumber {
  /** What it is, for the command's help. */
  readonly help: string;
  readonly min: number;
  readonly max: number;
  /** In words, or the number. */
  readonly defaultText: string;
}

/** What is to be explored, by the names that an Exploration declares; what is absent has its default. */
export interface ExploreSettings {
  readonly numbers: Readonly<Record<string, number>>;
  readonly switches: ReadonlySet<string>;
  readonly bug?: string;
}

/** A model that can be explored, by its name in the registry. */
export interface Exploration {
  readonly name: string;
  /** What it is a model of, and what is checked; a sentence or two. */
  readonly description: string;
  /** By name in camelCase. */
  readonly numbers: Readonly<Record<string, ScopeNumber>>;
  /** By name in camelCase: what is different when it is on. */
  readonly switches: Readonly<Record<string, string>>;
  readonly bugs: readonly { readonly name: string; readonly meaning: string }[];
  /** Begins. Throws FaultlineError (usage) for numbers that do not fit each other; `settings` has only declared names, within their bounds. */
  begin(settings: ExploreSettings): ExplorationRun;
}

/** An exploration with everything decided. */
export interface ExplorationRun {
  /** Everything that bounds it, given or by default, and the switches that are on. */
  readonly scope: Readonly<Record<string, number | boolean>>;
  run(limits: ExploreLimits, surroundings: Surroundings): Generator<ExploreProgress, ExploreResult>;
}
