import { Random } from '../random/random.js';
import type { BugInfo } from '../runner/system.js';
import type { StoredPlan } from '../store/schema.js';
import type { Pool } from './pool.js';
import { runOnce } from './run-once.js';
import { search } from './search.js';
import { shrinkRun } from './shrink/shrink-run.js';
import type { RunSummary } from './summary.js';

/** A bug that the tester is tried on. */
export interface Mutant {
  readonly system: string;
  readonly bug: Pick<BugInfo, 'name' | 'kind' | 'part'>;
  /** Why it cannot be seen from outside; undefined: it is to be found. */
  readonly survives: string | undefined;
  /** The plan of the n-th run of a seed. */
  readonly planOf: (seed: number, number: number) => StoredPlan;
}

/** How the tester did on a mutant: a row of the scoreboard. */
export interface MutantScore {
  readonly system: string;
  readonly name: string;
  readonly part: string;
  readonly found: boolean;
  readonly expected: 'found' | 'survives';
  /** Why it is expected to survive. */
  readonly why?: string;
  readonly checker: string | null;
  readonly kind: 'safety' | 'liveness' | null;
  readonly anomaly: string | null;
  /** Runs until it was found, the median over the seeds with which it was looked for; of one that was not found those that were made. */
  readonly runs: number;
  /** Processor time of these runs, seconds. */
  readonly seconds: number;
  /** With how many of the seeds it was found. */
  readonly foundWith: number;
  readonly seeds: number;
  /** What is left of the first find when it was made smaller; null: that was not asked for, or it was not found. */
  readonly shrunk: { readonly operations: number; readonly faults: number; readonly nodes: number } | null;
}

export interface ScoreOptions {
  readonly pool: Pool;
  readonly jobs: number;
  readonly seeds: readonly number[];
  /** For one seed at most. */
  readonly runs: number;
  /** Processor time for one seed at most, milliseconds. */
  readonly budgetMs: number;
  /** Time for making the first find smaller, milliseconds; 0: that is not done. */
  readonly shrinkMs: number;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
}

interface Attempt {
  readonly found: RunSummary | undefined;
  readonly runs: number;
  readonly cpuMs: number;
}

/** Looks for a mutant with each seed, until it is found or the budget is spent. */
export async function score(mutant: Mutant, options: ScoreOptions): Promise<MutantScore> {
  const attempts: Attempt[] = [];
  for (const seed of options.seeds) if (!options.signal.aborted) attempts.push(await look(mutant, seed, options));
  const hits = attempts.filter(({ found }) => found !== undefined);
  // Where it was found with some seeds and not with others, the others count with what was spent on them.
  const first = hits[0]?.found;
  return {
    system: mutant.system,
    name: mutant.bug.name,
    part: mutant.bug.part,
    found: hits.length > 0,
    expected: mutant.survives === undefined ? 'found' : 'survives',
    ...(mutant.survives === undefined ? {} : { why: mutant.survives }),
    checker: first?.checker ?? null,
    kind: first?.kind === 'safety' || first?.kind === 'liveness' ? first.kind : null,
    anomaly: first?.anomaly ?? null,
    runs: median(attempts.map(({ runs }) => runs)),
    seconds: Math.round(median(attempts.map(({ cpuMs }) => cpuMs)) / 10) / 100,
    foundWith: hits.length,
    seeds: attempts.length,
    shrunk: first === undefined || options.shrinkMs === 0 ? null : await smaller(first, options),
  };
}

async function look({ planOf }: Mutant, seed: number, { pool, runs, budgetMs, signal }: ScoreOptions): Promise<Attempt> {
  let cpuMs = 0;
  const result = await search({
    planOf: (number) => planOf(seed, number),
    runs,
    goesOn: false,
    pool,
    random: Random.fromSeed(seed).fork('search'),
    signal,
    enough: () => cpuMs > budgetMs,
    onRun: (summary) => {
      cpuMs += summary.cpuMs;
    },
  });
  return { found: result.found.find(({ verdict }) => verdict === 'invalid'), runs: result.runs, cpuMs };
}

async function smaller(failure: RunSummary, { pool, jobs, signal, shrinkMs, nowMs }: ScoreOptions): Promise<MutantScore['shrunk']> {
  const { ops } = await runOnce(failure.plan, signal);
  const startMs = nowMs();
  const shrunk = await shrinkRun({ plan: failure.plan, ops, failure, pool, jobs, signal, enough: () => nowMs() - startMs > shrinkMs });
  return shrunk?.after ?? null;
}

/** The middle one; of an even number the lower. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
