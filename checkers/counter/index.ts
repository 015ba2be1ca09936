import { mergeVerdicts, tableOf, type CheckContext, type Checker, type CheckResult, type History } from '../../src/index.js';
import { checkOperations } from '../linearizable/check.js';
import { resultsOf } from '../linearizable/entries.js';
import { modelOf } from '../linearizable/models/index.js';
import { assertAll } from '../linearizable/validate.js';
import { budgetOf, remainingMs } from '../shared/budget.js';
import { count, listOf } from '../shared/words.js';
import { boundAnomalies } from './bounds.js';

/**
 * Judges counters: whether every key is a linearizable counter. First by bounds, which are quick and plain; what passes them by
 * search, under the context's limits. A number that an addition answers is the new total and is judged like a read, unless all of them echo the amount.
 */
export const counter: Checker = {
  name: 'counter',
  description: 'Counters: every total is one that the additions can make, in an order that real time allows; nothing is lost or added twice.',
  judges: 'safety',
  check: async (history, context) => check(history, context),
};

function check(history: History, context: CheckContext): CheckResult {
  const model = modelOf('counter');
  const operations = history.clientOperations();
  const table = tableOf(operations);
  const results = resultsOf(table, model);
  assertAll(table, model);
  const initial = typeof context.initial === 'number' ? context.initial : 0;
  const budget = budgetOf(context);
  const byKey = [...history.byKey()].sort(([, a], [, b]) => a.length - b.length);
  const found = byKey.map(([key, own]) => {
    const bounds = boundAnomalies(own, initial, results === 'judge').map((anomaly) => (key === undefined ? anomaly : { ...anomaly, key }));
    if (bounds.length > 0) return { valid: false as const, anomalies: bounds, summary: '' };
    return checkOperations(own, model, { initial, results, timeLimitMs: remainingMs(budget), memoryLimitBytes: context.memoryLimitBytes });
  });
  const valid = mergeVerdicts(found.map((result) => result.valid));
  const anomalies = found.flatMap((result) => result.anomalies);
  const size = `${count(found.length, 'key')}, ${count(operations.length, 'operation')}`;
  const undecided = found.filter((result) => result.valid === 'unknown');
  return {
    valid,
    summary:
      valid === true ? `counters are linearizable (${size})`
      : valid === false ? `${listOf([...new Set(anomalies.map(({ kind }) => kind))])} on ${count(found.filter((result) => result.valid === false).length, 'key')} (${size})`
      : `all totals are within bounds, but ${undecided.length} of ${count(found.length, 'key')} could not be decided: ${listOf(undecided.map(({ summary }) => summary), 3)}`,
    anomalies,
    details: { keys: found.length, totalsJudged: results === 'judge', undecided: undecided.length },
  };
}
