import type { Operation } from '../../history/op.js';
import type { FaultSpan } from '../spans.js';
import type { SortedTrace } from './input.js';

/** What part of a run is shown, nanoseconds, and why it begins there. */
export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
  /** In words: `n3 becomes leader`. */
  readonly since: string;
}

/** Something after which the system is another: a leader comes or goes, a node stops or runs again, a fault begins or ends. */
export interface Change {
  readonly atNs: number;
  readonly words: string;
  /** From when it was under way: a leader's candidacy. */
  readonly sinceNs: number;
}

/** So many messages at most, routine apart, are shown more for the sake of a fault that began long before. */
const FOR_A_FAULT = 60;

/** The changes of a run, in order of time. */
export function changesOf({ states }: SortedTrace, faults: readonly FaultSpan[]): readonly Change[] {
  const changes: Change[] = [];
  const before = new Map<string, { readonly value: string; readonly atNs: number }>();
  for (const { node, aspect, value, atNs } of states) {
    const last = before.get(`${aspect} ${node}`);
    if (last?.value === value) continue;
    before.set(`${aspect} ${node}`, { value, atNs });
    if (aspect === 'process') {
      if (last !== undefined || value !== 'running') changes.push({ atNs, sinceNs: atNs, words: value === 'running' ? `${node} runs again` : `${node} is ${value}` });
    } else if (value === 'leader') changes.push({ atNs, sinceNs: last?.value === 'candidate' ? last.atNs : atNs, words: `${node} becomes ${value}` });
    else if (last?.value === 'leader') changes.push({ atNs, sinceNs: atNs, words: `${node} is no longer leader` });
  }
  for (const { from, to, label, ended } of faults) {
    changes.push({ atNs: from, sinceNs: from, words: `a fault begins: ${label}` });
    if (ended) changes.push({ atNs: to, sinceNs: to, words: `a fault ends: ${label}` });
  }
  return changes.sort((a, b) => a.atNs - b.atNs);
}

/**
 * The part of a run that explains some operations: from the last change before the first of them, and the beginning of the faults then in force unless that is
 * too much, up to the last completion. Without operations: all of it.
 */
export function windowOf(trace: SortedTrace, faults: readonly FaultSpan[], operations: readonly Operation[]): Window {
  if (operations.length === 0) return { ...extentOf(trace), since: 'the run begins' };
  const firstNs = Math.min(...operations.map(({ invoke }) => invoke.time));
  const change = changesOf(trace, faults).findLast(({ atNs }) => atNs <= firstNs);
  const back: Window = { fromNs: change?.sinceNs ?? firstNs, toNs: lastOf(operations), since: change?.words ?? 'the first operation begins' };
  const cause = faults.filter(({ from, to }) => from < back.fromNs && to >= back.fromNs).sort((a, b) => a.from - b.from)[0];
  if (cause === undefined) return back;
  const more = trace.messages.filter(({ sentNs, routine }) => routine !== true && sentNs >= cause.from && sentNs < back.fromNs);
  return more.length > FOR_A_FAULT ? back : { ...back, fromNs: cause.from, since: `a fault begins: ${cause.label}` };
}

/** An unknown outcome is often known to be unknown long after all that matters: it counts only where nothing else does. */
function lastOf(operations: readonly Operation[]): number {
  const known = operations.flatMap(({ completion }) => (completion?.type === 'ok' || completion?.type === 'fail' ? [completion.time] : []));
  const any = operations.flatMap(({ completion }) => completion?.time ?? []);
  return Math.max(...(known.length > 0 ? known : any), ...operations.map(({ invoke }) => invoke.time));
}

function extentOf({ messages, states, notes }: SortedTrace): Pick<Window, 'fromNs' | 'toNs'> {
  const times = [...messages.flatMap(({ sentNs, arrivedNs = sentNs }) => [sentNs, arrivedNs]), ...states.map(({ atNs }) => atNs), ...notes.map(({ atNs }) => atNs)];
  const [fromNs, toNs] = times.reduce(([low, high], time) => [Math.min(low, time), Math.max(high, time)] as const, [Infinity, -Infinity] as const);
  return fromNs <= toNs ? { fromNs, toNs } : { fromNs: 0, toNs: 0 };
}
