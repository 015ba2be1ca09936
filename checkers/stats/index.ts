import type { Checker, CheckResult, History, Operation } from '../../src/index.js';
import { faultsOf, inForce } from '../shared/faults.js';
import { groupBy, latenciesOf, outcomesOf, type Latencies, type Outcomes } from '../shared/figures.js';
import { count, listOf } from '../shared/words.js';

/** Outcomes and latencies of a group of operations. */
export interface Figures extends Outcomes {
  readonly total: number;
  readonly latencyMs?: Latencies;
}

/**
 * Counts operations by function, outcome and node. Never a violation: but a function that never once succeeded was not tested, and a
 * run in which nothing succeeded tested nothing, so that these are unknown.
 */
export const stats: Checker = {
  name: 'stats',
  description: 'Counts and latencies by function, outcome and node; unknown if a function never once succeeded.',
  judges: 'coverage',
  check: async (history) => check(history),
};

function check(history: History): CheckResult {
  const operations = history.clientOperations();
  const byFunction = groupBy(operations, ({ invoke }) => invoke.f);
  const never = [...byFunction].filter(([, group]) => outcomesOf(group).ok === 0);
  const { faults } = faultsOf(history);
  const total = figures(operations);
  const summary =
    total.total === 0 ? 'no operation was ever invoked'
    : total.ok === 0 ? `none of ${count(total.total, 'operation')} ever succeeded`
    : never.length > 0 ? `${listOf(never.map(([f, group]) => `${f} (${count(group.length, 'attempt')})`))} never once succeeded`
    : `${count(total.total, 'operation')}: ${total.ok} ok, ${total.fail} failed, ${total.info + total.open} indeterminate`;
  return {
    valid: total.ok === 0 || never.length > 0 ? 'unknown' : true,
    summary,
    anomalies: never.map(([f, group]) => ({
      kind: 'never-succeeded',
      message: `${f} was tried ${count(group.length, 'time')} and never once succeeded: whatever it promises was not tested.`,
      ops: group.slice(0, 3).map(({ invoke }) => invoke.index),
    })),
    details: {
      total,
      byFunction: eachFigures(byFunction),
      byNode: eachFigures(groupBy(operations, ({ invoke }) => invoke.node)),
      duringFaults: figures(operations.filter(({ invoke }) => inForce(faults, invoke.time))),
      errors: errorCounts(operations),
    },
  };
}

function figures(operations: readonly Operation[]): Figures {
  const latencyMs = latenciesOf(operations);
  return { total: operations.length, ...outcomesOf(operations), ...(latencyMs === undefined ? {} : { latencyMs }) };
}

function eachFigures(groups: ReadonlyMap<string, readonly Operation[]>): Readonly<Record<string, Figures>> {
  return Object.fromEntries([...groups].map(([name, group]) => [name, figures(group)]));
}

function errorCounts(operations: readonly Operation[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { completion } of operations) {
    const code = completion?.error?.code;
    if (code !== undefined) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
