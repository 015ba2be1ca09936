import { availableParallelism } from 'node:os';
import type { TestOptions } from '../config/test-options.js';
import { EXIT } from '../errors.js';
import { exitCodeOf, worstExitCode } from '../judge/judge-run.js';
import { Random } from '../random/random.js';
import { SearchProgressLine, searchSummaryText } from '../report/console/index.js';
import { mutate } from '../search/mutate.js';
import { Pool } from '../search/pool.js';
import { partsOf } from '../search/resolve.js';
import { search, type SearchResult } from '../search/search.js';
import { isFailure, type RunSummary } from '../search/summary.js';
import { Totals } from '../search/totals.js';
import { realClock } from '../time/clock.js';
import type { CliContext } from './context.js';
import { performRun } from './perform.js';
import type { PlannedRun } from './plan-of.js';

/** Of many failures so many are repeated and stored. */
const STORED = 10;

/** `faultline test --cluster sim --runs N`: a search in virtual time on all cores. What fails is repeated, and stored as any other run. */
export async function searchRuns(planned: (number: number) => PlannedRun, options: TestOptions, argv: readonly string[], context: CliContext): Promise<number> {
  const first = planned(0).plan;
  const clock = realClock();
  const totals = new Totals();
  const runs = options.runs ?? 1;
  const jobs = options.jobs ?? availableParallelism();
  context.err(`seed ${first.seed}: ${runs} runs in virtual time on ${jobs} ${jobs === 1 ? 'thread' : 'threads'} (${first.system}${first.bugs.length === 0 ? '' : `, bugs: ${first.bugs.join(', ')}`})\n`);
  const line = new SearchProgressLine({ write: (text) => context.err(text), terminal: context.terminal, columns: context.columns, runs });
  let result: SearchResult;
  {
    await using pool = new Pool(Math.min(jobs, runs));
    result = await search({
      planOf: (number) => planned(number).plan,
      runs,
      goesOn: options.keepGoing === true,
      pool,
      mutate: (plan, random) => mutate(plan, random, { rate: options.rate !== undefined }),
      random: Random.fromSeed(first.seed).fork('search'),
      signal: context.signal,
      ...(options.budget === undefined ? {} : { enough: () => clock.now() / 1e6 > (options.budget ?? 0) }),
      onRun: (summary, progress) => {
        totals.add(summary);
        line.update({ ...progress, virtualMs: totals.virtualMs, operations: totals.operations });
      },
    });
  }
  line.end();
  const seconds = clock.now() / 1e9;
  context.err(searchSummaryText({ ...result, ...totals.figures(), seconds }, context.columns));
  if (options.json === true) context.out(`${JSON.stringify({ seed: first.seed, runs: result.runs, failures: result.found.map(briefly), states: result.states, ...totals.figures(), seconds })}\n`);
  const code = await storeFailures(result.found, options, argv, context);
  return context.signal.aborted ? EXIT.interrupted : code;
}

function briefly({ plan, verdict, kind, checker, anomaly, headline }: RunSummary): unknown {
  return { seed: plan.seed, verdict, kind, checker, anomaly, headline };
}

/** Repeats what failed, which gives the same history, and stores it with its report; also when the search was interrupted: that takes seconds, and a mutated plan could not be found again. */
async function storeFailures(found: readonly RunSummary[], options: TestOptions, argv: readonly string[], context: CliContext): Promise<number> {
  const interrupted = context.signal.aborted;
  const storing = interrupted ? { ...context, signal: new AbortController().signal } : context;
  const codes: number[] = [];
  for (const { plan, verdict, headline } of found.slice(0, STORED)) {
    if (context.signal.aborted && !interrupted) break;
    if (verdict === 'failed') {
      context.err(`faultline: seed ${plan.seed} could not be carried out: ${headline}\n`);
      codes.push(EXIT.crash);
      continue;
    }
    const { results } = await performRun({ plan, parts: partsOf(plan) }, options.results ?? 'results', argv, storing);
    if (!isFailure(results)) context.err(`faultline: seed ${plan.seed} failed in the search and not when it was repeated: the simulation is not deterministic there; please report this\n`);
    codes.push(isFailure(results) ? exitCodeOf(results) : EXIT.crash);
  }
  if (found.length > STORED) context.err(`${found.length - STORED} more runs failed, and are not stored: ${found.slice(STORED, STORED + 20).map(({ plan }) => plan.seed).join(', ')}${found.length > STORED + 20 ? ' ...' : ''}\n`);
  return worstExitCode(codes);
}
