import { NS_PER_MS, type Operation } from '../../src/index.js';

/** How operations ended; `open` never completed. */
export interface Outcomes {
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly open: number;
}

/** Latencies of operations that succeeded, milliseconds; undefined if there are none. */
export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function outcomesOf(operations: readonly Operation[]): Outcomes {
  const counts = { ok: 0, fail: 0, info: 0, open: 0 };
  for (const { completion } of operations) {
    const type = completion?.type ?? 'open';
    if (type !== 'invoke') counts[type]++;
  }
  return counts;
}

export function latenciesOf(operations: readonly Operation[]): Latencies | undefined {
  const times = operations.flatMap(({ invoke, completion }) => (completion?.type === 'ok' ? (completion.time - invoke.time) / NS_PER_MS : []));
  times.sort((a, b) => a - b);
  const max = times.at(-1);
  if (max === undefined) return undefined;
  // Nearest rank: the smallest latency that at least the given share of operations did not exceed.
  const at = (share: number): number => round(times[Math.ceil(share * times.length) - 1] ?? max);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: round(max) };
}

/** Groups by a name, in order of first appearance; what has no name is left out. */
export function groupBy(operations: readonly Operation[], name: (operation: Operation) => string | undefined): ReadonlyMap<string, readonly Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const of = name(operation);
    if (of === undefined) continue;
    const group = groups.get(of);
    if (group === undefined) groups.set(of, [operation]);
    else group.push(operation);
  }
  return groups;
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
