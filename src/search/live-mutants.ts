import { liveRun } from './live-trials.js';
import { median, type Mutant, type MutantScore, type ScoreOptions } from './mutants.js';
import { decisiveAnomaly } from './summarize.js';

/** Looks for a mutant on real nodes, run after run. The seconds are those of the clock. */
export async function liveScore(mutant: Mutant, { seeds, runs, signal, nowMs }: Pick<ScoreOptions, 'seeds' | 'runs' | 'signal' | 'nowMs'>): Promise<MutantScore> {
  const attempts: { readonly runs: number; readonly ms: number; readonly hit?: ReturnType<typeof decisiveAnomaly> & { readonly kind?: string } }[] = [];
  for (const seed of seeds) {
    const startMs = nowMs();
    let number = 0;
    let hit: (typeof attempts)[number]['hit'];
    while (number < runs && hit === undefined && !signal.aborted) {
      const results = await liveRun(mutant.planOf(seed, number), `mutant-${seed}-${number}`, signal);
      number++;
      if (results.verdict === 'invalid') hit = { ...decisiveAnomaly(results), ...(results.kind === undefined ? {} : { kind: results.kind }) };
    }
    attempts.push({ runs: number, ms: nowMs() - startMs, ...(hit === undefined ? {} : { hit }) });
  }
  const hits = attempts.flatMap(({ hit }) => hit ?? []);
  const kind = hits[0]?.kind;
  return {
    system: mutant.system,
    name: mutant.bug.name,
    part: mutant.bug.part,
    found: hits.length > 0,
    expected: mutant.survives === undefined ? 'found' : 'survives',
    ...(mutant.survives === undefined ? {} : { why: mutant.survives }),
    checker: hits[0]?.checker ?? null,
    kind: kind === 'safety' || kind === 'liveness' ? kind : null,
    anomaly: hits[0]?.anomaly ?? null,
    runs: median(attempts.map((attempt) => attempt.runs)),
    seconds: Math.round(median(attempts.map(({ ms }) => ms)) / 10) / 100,
    foundWith: hits.length,
    seeds: attempts.length,
    shrunk: null,
  };
}
