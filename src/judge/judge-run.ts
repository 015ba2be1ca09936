import { EXIT } from '../errors.js';
import { History } from '../history/history.js';
import type { Op, Operation } from '../history/op.js';
import { earlyEndOf, type EarlyEnd } from '../runner/fail-fast.js';
import { judge, standardCheckers, type CheckerOutcome, type Judgement } from '../registry.js';
import type { Workload } from '../runner/workload.js';
import type { TestOutcome } from '../runner/test-run.js';
import type { StoredChecker, StoredFault, StoredPlan, StoredResults } from '../store/schema.js';
import { faultsIn } from './faults-in.js';
import { promisedCheckers } from './promised.js';

/** Limits of the checkers. */
export interface JudgeLimits {
  readonly timeLimitMs: number;
  readonly memoryLimitBytes: number;
}

export const DEFAULT_LIMITS: JudgeLimits = { timeLimitMs: 60_000, memoryLimitBytes: 2 * 1024 ** 3 };

/** What is known of a run besides its history. */
export interface RunFacts {
  readonly runId: string;
  readonly outcome: TestOutcome;
  readonly durationMs: number;
  readonly now: () => number;
}

/** Judges the history of a planned run: the workload's checkers and those of every run. The same for `test` and for `check`. */
export async function judgeRun(plan: StoredPlan, workload: Workload, ops: readonly Op[], facts: RunFacts, limits: JudgeLimits): Promise<StoredResults> {
  const startedMs = facts.now();
  const history = History.from(ops);
  const checkers = [...promisedCheckers(workload, plan.promise), ...standardCheckers];
  const judgement = await judge(checkers, history, {
    ...limits,
    nodes: Array.from({ length: plan.nodes }, (_, i) => `n${i + 1}`),
    nemeses: plan.nemeses,
    livenessBoundMs: plan.livenessBoundMs,
    concurrency: plan.concurrency,
  });
  const faults = faultsIn(history);
  const endedEarly = earlyEndOf(ops);
  return {
    format: 1,
    runId: facts.runId,
    verdict: verdictOf(judgement),
    ...(judgement.kind === undefined ? {} : { kind: judgement.kind }),
    headline: headlineOf(judgement, history, faults),
    checkers: judgement.outcomes.map(storedChecker),
    operations: operationCounts(history.clientOperations()),
    events: ops.length,
    faults: [...faults],
    leaderChanges: leaderChangesOf(judgement),
    nodes: facts.outcome.nodes.map(({ name, status, unexpectedExits }) => ({ name, ...(status === undefined ? {} : { status: { ...status } }), unexpectedExits: [...unexpectedExits] })),
    ...(facts.outcome.exercised === undefined ? {} : { exercised: { ...facts.outcome.exercised } }),
    troubles: [...facts.outcome.troubles, ...judgement.outcomes.flatMap((outcome) => (outcome.status === 'crash' ? [`checker ${outcome.name} crashed: ${outcome.error}`] : [])), ...unconfirmed(endedEarly, judgement)],
    interrupted: facts.outcome.interrupted,
    ...(endedEarly === undefined ? {} : { endedEarly }),
    durationMs: Math.round(facts.durationMs),
    checkMs: Math.round(facts.now() - startedMs),
  };
}

/**
 * The exit code of results. A crashed checker is a crash of the tool, unless another one found a violation all the same; so is a violation that
 * ended the run early and that the final check denies.
 */
export function exitCodeOf(results: StoredResults): number {
  if (isDenied(results.endedEarly, results.checkers)) return EXIT.crash;
  if (results.verdict === 'invalid') return EXIT.invalid;
  if (results.checkers.some(({ valid }) => valid === 'crash')) return EXIT.crash;
  return results.verdict === 'valid' ? EXIT.valid : EXIT.unknown;
}

const SEVERITY: readonly number[] = [EXIT.valid, EXIT.unknown, EXIT.invalid, EXIT.usage, EXIT.crash, EXIT.interrupted];

/** The worst of several exit codes: interrupted over crash over usage over invalid over unknown over valid. */
export function worstExitCode(codes: readonly number[]): number {
  return codes.reduce<number>((worst, code) => (SEVERITY.indexOf(code) > SEVERITY.indexOf(worst) ? code : worst), EXIT.valid);
}

/** Whether every checker of safety calls a history valid in which a violation was proven while it was recorded: one of the two is wrong. */
function isDenied(endedEarly: EarlyEnd | undefined, checkers: readonly { readonly judges: string; readonly valid: unknown }[]): boolean {
  return endedEarly !== undefined && checkers.every(({ judges, valid }) => judges !== 'safety' || valid === true);
}

/** What is to be said of a run that ended early and that is not found invalid. */
function unconfirmed(endedEarly: EarlyEnd | undefined, { valid, kind, outcomes }: Judgement): readonly string[] {
  if (endedEarly === undefined || (valid === false && kind === 'safety')) return [];
  const found = `--fail-fast ended the run at event #${endedEarly.event} (${endedEarly.message})`;
  if (isDenied(endedEarly, outcomes.map(storedChecker))) return [`BUG IN FAULTLINE: ${found}, but the final check of the same history finds no violation. Neither is to be trusted; please report this with the run's folder.`];
  return [`${found}, but the final check could not decide about the same history within its limits`];
}

function verdictOf({ valid }: Judgement): StoredResults['verdict'] {
  return valid === true ? 'valid' : valid === false ? 'invalid' : 'unknown';
}

function headlineOf(judgement: Judgement, history: History, faults: readonly StoredFault[]): string {
  const decisive = judgement.outcomes.flatMap((outcome) => (outcome.status === 'judged' && outcome.judges === judgement.kind && outcome.result.valid !== true ? [outcome.result] : []))[0];
  const count = history.clientOperations().length;
  const bitten = faults.filter(({ effect }) => effect?.observed === true).length;
  switch (judgement.valid) {
    case true:
      return `${count} operations under ${bitten} faults that bit: nothing that a correct system could not have answered, and every client succeeded again after healing.`;
    case 'unknown':
      return `This run proves nothing: ${decisive?.summary ?? judgement.summary}.`;
    case false:
      return judgement.kind === 'liveness' ? `Safe but stuck: nothing wrong was answered, but ${decisive?.summary ?? judgement.summary}.` : (decisive?.anomalies[0]?.message ?? decisive?.summary ?? judgement.summary);
  }
}

function storedChecker(outcome: CheckerOutcome): StoredChecker {
  const { name, judges } = outcome;
  if (outcome.status === 'crash') return { name, judges, valid: 'crash', summary: outcome.error, anomalies: [], ...(outcome.stack === undefined ? {} : { details: { stack: outcome.stack } }) };
  const { valid, summary, anomalies, details } = outcome.result;
  return { name, judges, valid, summary, anomalies: anomalies.map((anomaly) => ({ ...anomaly, ops: [...anomaly.ops] })), ...(details === undefined ? {} : { details: { ...details } }) };
}

function leaderChangesOf({ outcomes }: Judgement): number {
  const coverage = outcomes.find(({ name }) => name === 'coverage');
  const changes = coverage?.status === 'judged' ? coverage.result.details?.['leaderChanges'] : undefined;
  return typeof changes === 'number' ? changes : 0;
}

function operationCounts(operations: readonly Operation[]): StoredResults['operations'] {
  const names = [...new Set(operations.map(({ invoke }) => invoke.f))].sort();
  return names.map((f) => {
    const own = operations.filter(({ invoke }) => invoke.f === f);
    const ended = (type: Op['type']): readonly Operation[] => own.filter(({ completion }) => completion?.type === type);
    const latencies = ended('ok').map(({ invoke, completion }) => ((completion?.time ?? invoke.time) - invoke.time) / 1e6).sort((a, b) => a - b);
    const quantile = (q: number): number | null => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? null;
    return { f, ok: latencies.length, fail: ended('fail').length, info: own.length - latencies.length - ended('fail').length, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: latencies.at(-1) ?? null };
  });
}
