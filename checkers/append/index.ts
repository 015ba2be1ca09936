import { mergeVerdicts, tableOf, type Anomaly, type CheckContext, type Checker, type CheckResult, type History, type Key, type Operation, type Verdict } from '../../src/index.js';
import { checkOperations } from '../linearizable/check.js';
import { resultsOf } from '../linearizable/entries.js';
import { modelOf } from '../linearizable/models/index.js';
import { assertAll } from '../linearizable/validate.js';
import { budgetOf, remainingMs } from '../shared/budget.js';
import { count, listOf } from '../shared/words.js';
import { layerAnomalies } from './layers.js';
import { listHistory } from './lists.js';
import { structuralAnomalies } from './structure.js';

interface KeyResult {
  readonly valid: Verdict;
  readonly anomalies: readonly Anomaly[];
  /** Why it is unknown. */
  readonly limit?: string;
  readonly searched?: boolean;
}

/**
 * Judges lists with unique elements and whole-list reads: exactly linearizability, in time near-linear in what was read. Where elements repeat, or
 * acknowledged lengths leave gaps that no read fills, it searches, under the context's limits.
 */
export const append: Checker = {
  name: 'append',
  description: 'Lists of unique elements: nothing acknowledged is lost, doubled, out of order or out of nowhere, and every list is linearizable.',
  judges: 'safety',
  check: async (history, context) => check(history, context),
};

function check(history: History, context: CheckContext): CheckResult {
  const operations = history.clientOperations();
  const model = modelOf('append-list');
  const table = tableOf(operations);
  assertAll(table, model);
  const judgeLengths = resultsOf(table, model) === 'judge';
  const budget = budgetOf(context);
  const found = [...history.byKey()].map(([key, own]) => {
    const limits = { initial: context.initial, timeLimitMs: remainingMs(budget), memoryLimitBytes: context.memoryLimitBytes, results: judgeLengths ? ('judge' as const) : ('ignore' as const) };
    return { key, ...judgeKey(own, key, limits) };
  });
  const valid = mergeVerdicts(found.map((result) => result.valid));
  const anomalies = found.flatMap((result) => result.anomalies);
  const size = `${count(found.length, 'key')}, ${count(operations.length, 'operation')}`;
  return {
    valid,
    summary:
      valid === true ? `lists are linearizable (${size})`
      : valid === false ? `${listOf(kindsOf(anomalies))} (${size})`
      : `undecided: ${listOf(found.flatMap(({ limit }) => limit ?? []), 3)}`,
    anomalies,
    details: {
      keys: found.length,
      searched: found.filter(({ searched }) => searched).length,
      lengthsJudged: judgeLengths,
      byKind: Object.fromEntries(tally(anomalies)),
    },
  };
}

function judgeKey(operations: readonly Operation[], key: Key | undefined, options: Parameters<typeof checkOperations>[2]): KeyResult {
  const history = listHistory(operations, options.initial, options.results === 'judge');
  if ('repeated' in history) return bySearch(operations, options);
  const structural = structuralAnomalies(history);
  const { anomalies, undecided } = layerAnomalies(history);
  // A list that forked has no order of layers; what is lost at the end is still told.
  const found = structural.length > 0 ? [...structural, ...anomalies.filter(({ kind }) => kind === 'lost-append')] : anomalies;
  if (found.length > 0) return { valid: false, anomalies: found.map((anomaly) => (key === undefined ? anomaly : { ...anomaly, key })) };
  return undecided ? bySearch(operations, options) : { valid: true, anomalies: [] };
}

function bySearch(operations: readonly Operation[], options: Parameters<typeof checkOperations>[2]): KeyResult {
  const { valid, anomalies, summary } = checkOperations(operations, 'append-list', options);
  return { valid, anomalies, searched: true, ...(valid === 'unknown' ? { limit: summary } : {}) };
}

function tally(anomalies: readonly Anomaly[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of anomalies) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function kindsOf(anomalies: readonly Anomaly[]): readonly string[] {
  return [...tally(anomalies)].map(([kind, n]) => `${n} × ${kind}`);
}
