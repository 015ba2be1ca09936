import { showCount, wrap } from '../text.js';

/** What a search in virtual time came to. */
export interface SearchOutcome {
  readonly runs: number;
  readonly failures: number;
  readonly states: number;
  readonly operations: number;
  readonly faults: number;
  readonly virtualMs: number;
  readonly seconds: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly exercised: Readonly<Record<string, { readonly runs: number; readonly sum: number }>>;
  readonly found: readonly { readonly plan: { readonly seed: number }; readonly headline: string }[];
}

/** A few paragraphs for people. */
export function searchSummaryText(outcome: SearchOutcome, columns: number): string {
  const { runs, virtualMs, seconds, operations, faults, states, verdicts, exercised, found } = outcome;
  const width = Math.min(columns, 110);
  const never = Object.entries(exercised).flatMap(([name, { sum }]) => (sum === 0 ? [name] : []));
  const often = Object.entries(exercised).filter(([, { sum }]) => sum > 0);
  const rare = often.filter(([, count]) => count.runs < runs / 100).map(([name, count]) => `${name} ${count.runs}`);
  return [
    '',
    ...wrap(`${showCount(runs)} runs in ${seconds.toFixed(1)} s: ${Object.entries(verdicts).map(([verdict, count]) => `${showCount(count)} ${verdict === 'unknown' ? 'showed too little (unknown)' : verdict}`).join(', ')}.`, width),
    ...wrap(`${(virtualMs / 60_000).toFixed(1)} simulated minutes (${Math.round(virtualMs / 1000 / Math.max(seconds, 1e-3))} times real time), ${showCount(operations)} operations under ${showCount(faults)} faults, ${showCount(states)} abstract states of the cluster.`, width),
    ...wrap(`${often.length} of the ${Object.keys(exercised).length} things that the nodes count happened${never.length === 0 ? '' : `; never: ${never.join(', ')}`}${rare.length === 0 ? '' : `; in less than a hundredth of the runs: ${rare.join(', ')}`}.`, width),
    ...found.slice(0, 5).flatMap(({ plan, headline }) => wrap(`seed ${plan.seed}: ${headline}`, width)),
    '',
  ].map((line) => `${line}\n`).join('');
}
