import { counterexample, type Counterexample } from './counterexample.js';
import { collisionOdds, Fingerprint } from './fingerprint.js';
import type { Model } from './model.js';
import { StateTable } from './state-table.js';

/** When to stop although there is more to see. What is not given does not limit. */
export interface ExploreLimits {
  /** Distinct states: it stops when there are more. */
  readonly maxStates?: number;
  readonly timeMs?: number;
  /** Of the process as a whole, as `Surroundings.memoryBytes` tells. */
  readonly memoryBytes?: number;
}

/** What an exploration may look at besides the model: it draws no conclusions from it but when to stop. */
export interface Surroundings {
  /** A monotonic clock, ms. */
  now(): number;
  /** Memory that the process takes. */
  memoryBytes(): number;
}

/** How far it is. */
export interface ExploreProgress {
  readonly distinct: number;
  /** All steps taken, and the states to begin with. */
  readonly generated: number;
  /** States on the longest of the shortest ways, as TLC counts depth: 1 for the states to begin with. */
  readonly depth: number;
  /** Seen, and their steps not taken yet. */
  readonly queue: number;
  readonly elapsedMs: number;
}

/** `complete`: every state within the scope was seen and is right. `violated`: the counterexample is a shortest one. `limited`: a limit came first. */
export interface ExploreResult extends ExploreProgress {
  readonly outcome: 'complete' | 'violated' | 'limited';
  readonly limit?: keyof ExploreLimits;
  readonly counterexample?: Counterexample;
  /** That two states were taken for one. */
  readonly collisionOdds: number;
  /** Of the table of fingerprints. */
  readonly tableBytes: number;
}

/** States whose steps are taken between two looks at the limits. */
const LOOK_EVERY = 2048;

/**
 * Explores a model breadth-first, so that the first violation is one that takes the fewest steps. Yields how far it is every few thousand states, so that whoever runs it can show that
 * or stop; returns the result. Memory: the table of fingerprints, and the states of two levels.
 */
export function* explore<S>(model: Model<S>, limits: ExploreLimits, surroundings: Surroundings): Generator<ExploreProgress, ExploreResult> {
  const search = new Search(model);
  const start = surroundings.now();
  const at = (): ExploreProgress => ({ ...search.progress(), elapsedMs: surroundings.now() - start });
  search.begin();
  for (let looked = 1; search.queue > 0 && search.violated === undefined; looked++) {
    search.expandNext();
    if (search.queue > 0 && search.table.size > (limits.maxStates ?? Infinity)) return ended(search, at(), 'maxStates');
    if (looked % LOOK_EVERY !== 0) continue;
    const progress = at();
    if (progress.elapsedMs >= (limits.timeMs ?? Infinity)) return ended(search, progress, 'timeMs');
    if (surroundings.memoryBytes() >= (limits.memoryBytes ?? Infinity)) return ended(search, progress, 'memoryBytes');
    yield progress;
  }
  return ended(search, at());
}

/** Runs an exploration to its end without showing how far it is. */
export function exploreToEnd(exploration: Generator<ExploreProgress, ExploreResult>): ExploreResult {
  for (;;) {
    const turn = exploration.next();
    if (turn.done === true) return turn.value;
  }
}

function ended<S>(search: Search<S>, progress: ExploreProgress, limit?: keyof ExploreLimits): ExploreResult {
  const { violated, table } = search;
  return {
    ...progress,
    outcome: violated !== undefined ? 'violated' : limit !== undefined ? 'limited' : 'complete',
    ...(violated === undefined && limit !== undefined ? { limit } : {}),
    ...(violated === undefined ? {} : { counterexample: counterexample(search.model, table, violated.state, violated.invariant) }),
    collisionOdds: collisionOdds(progress.distinct, progress.generated),
    tableBytes: table.bytes,
  };
}

/** States are numbered as they are found, and their steps are taken in that order: so the n-th state of a level has the level's first number plus n. */
class Search<S> {
  readonly table = new StateTable();
  violated: { readonly state: number; readonly invariant: string } | undefined;
  readonly #hash = new Fingerprint();
  #level: S[] = [];
  #next: S[] = [];
  #position = 0;
  /** Number of the state whose steps are taken; -1 is NO_PARENT as the table stores it. */
  #parent = -1;
  #generated = 0;
  #depth = 1;

  constructor(readonly model: Model<S>) {}

  get queue(): number {
    return this.#level.length - this.#position + this.#next.length;
  }

  progress(): Omit<ExploreProgress, 'elapsedMs'> {
    return { distinct: this.table.size, generated: this.#generated, depth: this.#depth + (this.#next.length > 0 ? 1 : 0), queue: this.queue };
  }

  begin(): void {
    for (const state of this.model.initial()) this.#see(state);
    [this.#level, this.#next] = [this.#next, []];
  }

  /** Takes all steps of the state that has waited longest. */
  expandNext(): void {
    if (this.#position === this.#level.length) {
      [this.#level, this.#next] = [this.#next, []];
      this.#position = 0;
      this.#depth++;
    }
    const state = this.#level[this.#position++] as S;
    this.#parent++;
    this.model.successors(state, this.#see);
  }

  readonly #see = (state: S): void => {
    const { model, table } = this;
    const hash = this.#hash;
    this.#generated++;
    hash.begin();
    model.fingerprint(model.canonical === undefined ? state : model.canonical(state), hash);
    if (!table.add(hash.low, hash.high, this.#parent)) return;
    this.#next.push(state);
    if (this.violated !== undefined) return;
    const invariant = model.violation(state);
    if (invariant !== undefined) this.violated = { state: table.size - 1, invariant };
  };
}
