import type { Random } from '../random/random.js';
import type { StoredPlan } from '../store/schema.js';
import { mutate } from './mutate.js';
import type { Pool } from './pool.js';
import { isFailure, type RunSummary } from './summary.js';

export interface SearchOptions {
  /** The plan of the n-th seed, from 0. */
  readonly planOf: (number: number) => StoredPlan;
  readonly runs: number;
  /** Goes on after a find. */
  readonly goesOn: boolean;
  /** What counts as a find; any failure, if left out. */
  readonly isFind?: (summary: RunSummary) => boolean;
  /** How plans that saw something new are varied; null: they are not, and every run has a fresh seed. */
  readonly mutate?: ((plan: StoredPlan, random: Random) => StoredPlan) | null;
  readonly pool: Pick<Pool, 'run' | 'size'>;
  /** Decides what is mutated, and how. */
  readonly random: Random;
  readonly signal: AbortSignal;
  /** No run begins when this says so: the time is up. */
  readonly enough?: () => boolean;
  /** Told of every run when it is over. */
  readonly onRun?: (summary: RunSummary, progress: SearchProgress) => void;
}

/** How far a search is. */
export interface SearchProgress {
  readonly runs: number;
  readonly failures: number;
  /** Different abstract states of the cluster that were seen. */
  readonly states: number;
  /** Plans kept for having seen something new. */
  readonly corpus: number;
}

export interface SearchResult extends SearchProgress {
  readonly found: readonly RunSummary[];
}

/** So many runs are planned together: what they find decides what the next are made of, in the order of the plans, so that the same seed searches the same way however quick the threads are. */
const GENERATION = 32;
/** The part of a generation that is made of earlier plans which saw something new. */
const MUTATED = 0.2;
/** So many such plans are kept; the oldest goes. */
const CORPUS = 256;

/** Runs plan after plan: fresh seeds, and mutations of what had seen states that nothing before it had. */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const { isFind = isFailure, mutate: vary = mutate } = options;
  const found: RunSummary[] = [];
  const states = new Set<number>();
  const corpus: StoredPlan[] = [];
  let [runs, fresh] = [0, 0];
  const progress = (): SearchProgress => ({ runs, failures: found.length, states: states.size, corpus: corpus.length });
  const stop = (): boolean => options.signal.aborted || (found.length > 0 && !options.goesOn) || options.enough?.() === true;
  while (runs < options.runs && !stop()) {
    const size = Math.min(GENERATION, options.runs - runs);
    const plans = Array.from({ length: size }, (_, i) => {
      const random = options.random.fork(`run ${runs + i}`);
      return vary !== null && corpus.length > 0 && random.float() < MUTATED ? vary(random.pick(corpus), random) : options.planOf(fresh++);
    });
    const summaries: (RunSummary | undefined)[] = [];
    let next = 0;
    // A plan is begun when a thread is free for it, and not when there is reason to stop by then.
    const work = async (): Promise<void> => {
      for (let plan = plans[next]; plan !== undefined && !stop(); plan = plans[next]) {
        const place = next++;
        const summary = await options.pool.run(plan, options.signal).catch((error: unknown) => {
          if (options.signal.aborted) return undefined;
          throw error;
        });
        if (summary === undefined) return;
        summaries[place] = summary;
        runs++;
        if (isFind(summary)) found.push(summary);
        options.onRun?.(summary, progress());
      }
    };
    await Promise.all(Array.from({ length: options.pool.size }, work));
    for (const summary of summaries) if (summary !== undefined) learn(summary, states, corpus);
  }
  return { ...progress(), found: found.sort((a, b) => a.plan.seed - b.plan.seed) };
}

function learn({ plan, states: seen }: RunSummary, states: Set<number>, corpus: StoredPlan[]): void {
  const before = states.size;
  for (const state of seen) states.add(state);
  if (states.size === before) return;
  corpus.push(plan);
  if (corpus.length > CORPUS) corpus.shift();
}
