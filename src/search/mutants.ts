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

/** One search for a mutant. */
export interface Attempt {
  /** What decided the run that found it; undefined: none did. */
  readonly hit: Pick<RunSummary, 'kind' | 'checker' | 'anomaly'> | undefined;
  readonly runs: number;
  readonly ms: number;
}

/** Looks for a mutant with each seed, until it is found or the budget is spent. */
export async function score(mutant: Mutant, options: ScoreOptions): Promise<MutantScore> {
  const attempts: (Attempt & { readonly hit: RunSummary | undefined })[] = [];
  for (const seed of options.seeds) if (!options.signal.aborted) attempts.push(await look(mutant, seed, options));
  const first = attempts.find(({ hit }) => hit !== undefined)?.hit;
  return { ...scoreOf(mutant, attempts), shrunk: first === undefined || options.shrinkMs === 0 ? null : await smaller(first, options) };
}

/** The row of a mutant. Where it was found with some seeds and not with others, the others count with what was spent on them. */
export function scoreOf({ system, bug: { name, part }, survives }: Mutant, attempts: readonly Attempt[]): MutantScore {
  const hits = attempts.flatMap(({ hit }) => hit ?? []);
  const { kind, checker = null, anomaly = null } = hits[0] ?? {};
  return {
    system,
    name,
    part,
    found: hits.length > 0,
    expected: survives === undefined ? 'found' : 'survives',
    ...(survives === undefined ? {} : { why: survives }),
    checker,
    kind: kind === 'safety' || kind === 'liveness' ? kind : null,
    anomaly,
    runs: median(attempts.map(({ runs }) => runs)),
    seconds: Math.round(median(attempts.map(({ ms }) => ms)) / 10) / 100,
    foundWith: hits.length,
    seeds: attempts.length,
    shrunk: null,
  };
}

/**
 * An undecided run is no find, and no reason to stop. A failure of another kind than the bug's own (safe but stuck, where it breaks a promise) counts only if nothing better comes before the budget
 * is spent. A control is a setting, which no mutation may leave.
 */
async function look({ planOf, survives, bug }: Mutant, seed: number, { pool, runs, budgetMs, signal }: ScoreOptions): Promise<Attempt & { readonly hit: RunSummary | undefined }> {
  let ms = 0;
  let other: (Attempt & { readonly hit: RunSummary }) | undefined;
  const result = await search({
    planOf: (number) => planOf(seed, number),
    runs,
    goesOn: false,
    isFind: ({ verdict, kind }) => verdict === 'invalid' && (survives !== undefined || kind === bug.kind),
    ...(survives === undefined ? {} : { mutate: null }),
    pool,
    random: Random.fromSeed(seed).fork('search'),
    signal,
    enough: () => ms > budgetMs,
    onRun: (summary, progress) => {
      ms += summary.cpuMs;
      if (summary.verdict === 'invalid') other ??= { hit: summary, runs: progress.runs, ms };
    },
  });
  const hit = result.found[0];
  return hit === undefined && other !== undefined ? other : { hit, runs: result.runs, ms };
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
