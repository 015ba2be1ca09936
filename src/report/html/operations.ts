import { History } from '../../history/history.js';
import type { Op, Operation, ProcessId } from '../../history/op.js';
import type { StoredAnomaly } from '../../store/schema.js';
import { showValue } from '../text.js';

/** How an operation ended; `open`: it never did. */
export const OUTCOME_NAMES = ['ok', 'fail', 'unknown', 'open'] as const;
export type OutcomeName = (typeof OUTCOME_NAMES)[number];

/** The outcome of an operation in the words of the report: `info` is called unknown. */
export function outcomeOf({ completion }: Operation): OutcomeName {
  if (completion === undefined) return 'open';
  return completion.type === 'ok' ? 'ok' : completion.type === 'fail' ? 'fail' : 'unknown';
}

/** What came back: the value if it can differ from what was asked, else the error. */
export function resultOf({ completion }: Operation, limit?: number): string {
  if (completion === undefined) return '';
  if (completion.error !== undefined) return completion.error.message === undefined ? completion.error.code : `${completion.error.code}: ${completion.error.message}`;
  return completion.type === 'ok' ? showValue(completion.value, limit) : '';
}

/** The clients' operations in order of invocation, and where each event belongs. */
export interface Operations {
  readonly list: readonly Operation[];
  /** Index of an event -> position in `list`. */
  readonly positions: ReadonlyMap<number, number>;
  /** Position -> lane: processes that follow each other (a worker gets a new process after an unknown outcome) share one. */
  readonly lanes: readonly number[];
  readonly laneCount: number;
}

/** Arranges the clients' operations of a history. */
export function operationsOf(ops: readonly Op[]): Operations {
  const list = History.from(ops).clientOperations();
  const positions = new Map<number, number>();
  list.forEach(({ invoke, completion }, position) => {
    positions.set(invoke.index, position);
    if (completion !== undefined) positions.set(completion.index, position);
  });
  const laneOf = assignLanes(list);
  return { list, positions, lanes: list.map(({ invoke }) => laneOf.get(invoke.process) ?? 0), laneCount: Math.max(0, ...laneOf.values()) + (laneOf.size > 0 ? 1 : 0) };
}

/** Positions of the operations that an anomaly points at, in order. */
export function operationsAt({ positions }: Operations, { ops }: StoredAnomaly): readonly number[] {
  return [...new Set(ops.flatMap((index) => positions.get(index) ?? []))].sort((a, b) => a - b);
}

/** Each process takes the lowest lane that is free for its whole life. */
function assignLanes(list: readonly Operation[]): ReadonlyMap<ProcessId, number> {
  const lives = new Map<ProcessId, { from: number; to: number }>();
  for (const { invoke, completion } of list) {
    const to = completion?.index ?? Infinity;
    const life = lives.get(invoke.process);
    if (life === undefined) lives.set(invoke.process, { from: invoke.index, to });
    else life.to = Math.max(life.to, to);
  }
  const busyUntil: number[] = [];
  const lanes = new Map<ProcessId, number>();
  for (const [process, { from, to }] of lives) {
    const free = busyUntil.findIndex((until) => until < from);
    const lane = free === -1 ? busyUntil.length : free;
    busyUntil[lane] = to;
    lanes.set(process, lane);
  }
  return lanes;
}
