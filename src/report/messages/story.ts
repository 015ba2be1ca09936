import { History } from '../../history/history.js';
import type { Operation } from '../../history/op.js';
import type { TracedMessage, TracedNote } from '../../history/trace.js';
import type { StoredAnomaly } from '../../store/schema.js';
import { spansOf, type FaultSpan } from '../spans.js';
import { plural } from '../text.js';
import { castOf, namedBy, type Lane, type ShownOperation } from './cast.js';
import { messagesBetween } from './causal.js';
import { arrived, sortTrace, type MessagesInput } from './input.js';
import { livesOf, type Life } from './lives.js';
import { changesOf, windowOf, type Window } from './window.js';

/** A message of the diagram. */
export interface ShownMessage {
  readonly message: TracedMessage;
  /** It can have carried an operation that the anomaly names. */
  readonly carries: boolean;
}

/** All that one diagram tells. */
export interface Story {
  readonly anomaly: StoredAnomaly | undefined;
  readonly window: Window;
  /** Clients, then nodes. */
  readonly lanes: readonly Lane[];
  readonly operations: readonly ShownOperation[];
  /** In order of sending. */
  readonly messages: readonly ShownMessage[];
  readonly notes: readonly TracedNote[];
  readonly lives: readonly Life[];
  readonly faults: readonly FaultSpan[];
  readonly carried: readonly Carried[];
  /** What was left out, in words. */
  readonly leftOut: readonly string[];
}

/** An operation that the anomaly names, and where messages that can have carried it went. */
export interface Carried {
  readonly operation: Operation;
  readonly messages: ReadonlySet<TracedMessage>;
}

/** So many arrows and notes at most; with more than so many arrows, what is routine is left out. */
const MOST_MESSAGES = 250;
const MOST_NOTES = 120;
const COMFORTABLE = 60;

/** Chooses what explains an anomaly; without one, all of the run as far as there is room. Throws FaultlineError `history-pairing` for a history that is none. */
export function storyOf({ trace, ops, nodes }: MessagesInput, anomaly: StoredAnomaly | undefined): Story {
  const sorted = sortTrace(trace);
  const { faults } = spansOf(ops);
  const all = History.from(ops).clientOperations();
  const named = namedBy(anomaly, all);
  const window = windowOf(sorted, faults, named);
  const { lanes, operations, leftOut } = castOf(named, all, nodes, window);
  const moments = [...changesOf(sorted, faults).flatMap(({ sinceNs, atNs }) => [sinceNs, atNs]), ...named.flatMap(({ invoke, completion }) => [invoke.time, completion?.time ?? invoke.time])];
  const inTime = sorted.messages.filter(({ sentNs }) => sentNs >= window.fromNs && sentNs <= window.toNs);
  const carried = operations.filter(({ atFault }) => atFault).map(({ operation, lane }) => ({
    operation,
    messages: messagesBetween(inTime, { lane, fromNs: operation.invoke.time, toNs: Math.min(operation.completion?.time ?? window.toNs, window.toNs) }),
  }));
  const messages = chooseMessages(sorted.messages, { window, lanes, moments, carries: (message) => carried.some((one) => one.messages.has(message)) });
  const notes = chooseNotes(sorted.notes, window, nodes, moments);
  return {
    anomaly, window, lanes, operations, carried,
    messages: messages.shown, notes: notes.shown,
    lives: nodes.flatMap((node) => livesOf(sorted.states, node, window)),
    faults: faults.filter(({ from, to }) => from <= window.toNs && to >= window.fromNs),
    leftOut: [...messages.leftOut, ...notes.leftOut, ...leftOut],
  };
}

interface Choice {
  readonly window: Window;
  readonly lanes: readonly Lane[];
  /** Nanoseconds: what is near to one of these matters more. */
  readonly moments: readonly number[];
  readonly carries: (message: TracedMessage) => boolean;
}

function chooseMessages(all: readonly TracedMessage[], { window, lanes, moments, carries }: Choice): { readonly shown: readonly ShownMessage[]; readonly leftOut: readonly string[] } {
  const drawn = new Set(lanes.map(({ id }) => id));
  const inWindow = all.filter((message) => message.sentNs <= window.toNs && (arrived(message) ? message.arrivedNs : message.sentNs) >= window.fromNs);
  const between = inWindow.filter(({ from, to }) => from !== to && drawn.has(from) && drawn.has(to));
  const telling = between.length > COMFORTABLE ? between.filter(({ routine }) => routine !== true) : between;
  const near = nearest(telling, MOST_MESSAGES, (message) => (carries(message) ? -1 : distance(message.sentNs, moments)));
  const words = [
    [inWindow.length - between.length, 'message', 'not between two of these lanes'],
    [between.length - telling.length, 'routine message', ''],
    [telling.length - near.length, 'message', 'far in time from the operations and the changes'],
  ] as const;
  return { shown: near.map((message) => ({ message, carries: carries(message) })), leftOut: words.flatMap(([count, noun, which]) => (count === 0 ? [] : [`${plural(count, noun)}${which === '' ? '' : ` ${which}`}`])) };
}

function chooseNotes(all: readonly TracedNote[], { fromNs, toNs }: Window, nodes: readonly string[], moments: readonly number[]): { readonly shown: readonly TracedNote[]; readonly leftOut: readonly string[] } {
  const inWindow = all.filter(({ node, atNs }) => atNs >= fromNs && atNs <= toNs && nodes.includes(node));
  const shown = nearest(inWindow, MOST_NOTES, ({ atNs }) => distance(atNs, moments));
  return { shown, leftOut: shown.length === inWindow.length ? [] : [plural(inWindow.length - shown.length, 'note')] };
}

/** The `most` that cost least, in their order. */
function nearest<T>(items: readonly T[], most: number, cost: (item: T) => number): readonly T[] {
  if (items.length <= most) return items;
  const kept = new Set(items.map((item, i) => ({ i, cost: cost(item) })).sort((a, b) => a.cost - b.cost || a.i - b.i).slice(0, most).map(({ i }) => i));
  return items.filter((_, i) => kept.has(i));
}

function distance(timeNs: number, moments: readonly number[]): number {
  return moments.reduce((least, moment) => Math.min(least, Math.abs(moment - timeNs)), Infinity);
}
