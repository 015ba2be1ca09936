import { liveRun } from './live-trials.js';
import { scoreOf, type Attempt, type Mutant, type MutantScore, type ScoreOptions } from './mutants.js';
import { decisiveAnomaly } from './summarize.js';

/** Looks for a mutant on real nodes, run after run. The seconds are those of the clock. */
export async function liveScore(mutant: Mutant, { seeds, runs, signal, nowMs }: Pick<ScoreOptions, 'seeds' | 'runs' | 'signal' | 'nowMs'>): Promise<MutantScore> {
  const attempts: Attempt[] = [];
  for (const seed of seeds) {
    const startMs = nowMs();
    let number = 0;
    let hit: Attempt['hit'];
    while (number < runs && hit === undefined && !signal.aborted) {
      const results = await liveRun(mutant.planOf(seed, number), `mutant-${seed}-${number}`, signal);
      number++;
      if (results.verdict === 'invalid') hit = { ...decisiveAnomaly(results), ...(results.kind === undefined ? {} : { kind: results.kind }) };
    }
    attempts.push({ hit, runs: number, ms: nowMs() - startMs });
  }
  return scoreOf(mutant, attempts);
}
