/** What a client can tell: complete checks for histories whose final state shows the order of all updates. */
import type { Json } from '../index.js';
import type { HistoryOp } from './sim-client.js';

/**
 * Whether the operations on one list (unique elements appended, the list read, and read finally) are linearizable: the
 * final list gives the order of the appends, so that real time is all that is left to check. Gives the anomalies found.
 */
export function checkList(ops: readonly HistoryOp[], final: readonly Json[]): string[] {
  const anomalies: string[] = [];
  const position = new Map(final.map((element, i) => [element, i]));
  if (position.size < final.length) anomalies.push(`duplicate: an element occurs twice in ${JSON.stringify(final)}`);
  const placed: { readonly op: HistoryOp; readonly low: number; readonly high: number }[] = [];
  for (const op of ops) {
    if (op.op.f === 'append') {
      const at = position.get(op.op.value);
      const name = JSON.stringify(op.op.value);
      if (op.outcome === 'ok' && at === undefined) anomalies.push(`lost: ${name} was acknowledged and is gone`);
      if (op.outcome === 'fail' && at !== undefined) anomalies.push(`aborted: ${name} was reported as failed and is there`);
      if (op.outcome === 'ok' && at !== undefined && op.value !== at + 1) anomalies.push(`order: ${name} is not where its reply says`);
      if (at !== undefined) placed.push({ op, low: at, high: at + 1 });
    } else if (op.op.f === 'read' && op.outcome === 'ok') {
      const seen = (op.value ?? []) as readonly Json[];
      if (seen.some((element, i) => element !== final[i])) anomalies.push(`divergence: ${JSON.stringify(seen)} was read`);
      else placed.push({ op, low: seen.length, high: seen.length });
    }
  }
  return [...anomalies, ...checkRealTime(placed)];
}

/** Whether all increments by one of a counter add up. */
export function checkCounter(ops: readonly HistoryOp[], final: number): string[] {
  const adds = ops.filter(({ op }) => op.f === 'add');
  const ok = adds.filter(({ outcome }) => outcome === 'ok').length;
  const maybe = adds.filter(({ outcome }) => outcome === 'info').length;
  if (final >= ok && final <= ok + maybe) return [];
  return [`counter: ${final} at the end, after ${ok} increments and ${maybe} that may have happened`];
}

/** An operation moves the list from length `low` to `high`; none may start after one that ended later in that order has completed. */
function checkRealTime(placed: readonly { readonly op: HistoryOp; readonly low: number; readonly high: number }[]): string[] {
  const anomalies: string[] = [];
  const byInvocation = [...placed].sort((a, b) => a.op.invoked - b.op.invoked);
  const byCompletion = [...placed].sort((a, b) => a.op.completed - b.op.completed);
  let reached = 0;
  let next = 0;
  for (const { op, low } of byInvocation) {
    for (let done = byCompletion[next]; done !== undefined && done.op.completed < op.invoked; done = byCompletion[++next]) {
      reached = Math.max(reached, done.high);
    }
    if (low < reached) anomalies.push(`stale: ${JSON.stringify(op.op)} of client ${op.client} saw length ${low}, ${reached} was reached before`);
  }
  return [...anomalies];
}
