import { exploreToEnd, type ExploreResult } from '../src/index.js';
import { explorations } from '../src/registry.js';

interface Row {
  readonly model: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly switches?: readonly string[];
  /** Distinct and generated states, where they are known. */
  readonly golden?: readonly [distinct: number, generated: number];
}

const ROWS: readonly Row[] = [
  { model: 'single-decree', numbers: {}, golden: [3921, 23_563] },
  { model: 'single-decree', numbers: { ballots: 3 }, golden: [185_369, 1_361_380] },
  { model: 'single-decree', numbers: { ballots: 4 }, switches: ['ownValues'], golden: [3_122_593, 26_226_605] },
  { model: 'single-decree', numbers: { ballots: 4 }, golden: [8_220_065, 70_696_917] },
  { model: 'core', numbers: {}, golden: [131_163, 2_190_663] },
];

/** How long explorations take, the 8 million states of single-decree Paxos with four ballots among them, and whether they count what they should. */
export function benchExplore(): void {
  for (const { model, numbers, switches = [], golden } of ROWS) {
    const run = explorations[model]?.begin({ numbers, switches: new Set(switches) });
    if (run === undefined) throw new Error(`no model ${model}`);
    const result = exploreToEnd(run.run({}, { now: () => performance.now(), memoryBytes: () => process.memoryUsage.rss() }));
    process.stdout.write(`${model} ${JSON.stringify(run.scope)}: ${rowText(result)}${golden === undefined || (golden[0] === result.distinct && golden[1] === result.generated) ? '' : `; EXPECTED ${golden.join(' and ')}`}\n`);
  }
}

function rowText({ distinct, generated, depth, elapsedMs }: ExploreResult): string {
  return `${distinct} distinct, ${generated} generated, depth ${depth}, ${(elapsedMs / 1000).toFixed(1)} s, ${Math.round((1000 * generated) / elapsedMs)} generated a second`;
}
