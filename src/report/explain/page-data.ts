import { clip, printable } from '../text.js';
import type { Explained, ExplainedOperation, ExplainedStep } from './explained.js';
import { pointsOf } from './points.js';

/** Longest label of a bar, characters; the whole text stands in the panel. */
const LABEL_CHARS = 18;
/** Longest text of a state or call, characters. */
const TEXT_CHARS = 2000;
/** Width of a character of a label, and what a bar has besides it, pixels. */
const CHAR_PX = 6.7;
const PADDING_PX = 26;
/** Least distance of two events, if there are few so that their names fit, and of two points between them, pixels. */
const GAP_PX = 9;
const WIDE_GAP_PX = 34;
const FEW_EVENTS = 20;
const POINT_PX = 13;

/** What the page's script draws for one key. Events are numbered by rank: their order among those that are shown. */
export interface ExplainData {
  readonly key: string;
  readonly model: string;
  readonly message: string;
  readonly hidden: number;
  readonly minimal: boolean;
  readonly core: readonly number[];
  /** Id of the operation that nothing can take; -1: none. */
  readonly blocked: number;
  /** How far the longest order got, and the states possible there. */
  readonly reached?: { readonly completions: number; readonly of: number; readonly states: readonly string[] };
  readonly lanes: readonly { readonly process: number; readonly nodes: readonly string[] }[];
  readonly operations: readonly DrawnOperation[];
  /** Index and time (ns) of each event, by rank. */
  readonly events: readonly (readonly [index: number, time: number])[];
  /** Where each event stands if all labels are to be read, pixels, by rank; the last is the end of the picture. */
  readonly places: readonly number[];
  /** Whether the times say more than the indices do. */
  readonly timed: boolean;
  /** The longest order (`without` -1), and orders without one operation. */
  readonly orders: readonly DrawnOrder[];
}

/** A bar. `end` -1: open. */
export interface DrawnOperation {
  readonly id: number;
  readonly lane: number;
  readonly process: number;
  readonly node: string;
  readonly call: string;
  readonly label: string;
  readonly begin: number;
  readonly end: number;
  readonly outcome: ExplainedOperation['outcome'];
}

export interface DrawnOrder {
  readonly without: number;
  /** `at`: in ranks, between two events. */
  readonly steps: readonly { readonly operation: number; readonly state: string; readonly at: number }[];
}

/** What is drawn of an explanation. Text becomes printable: no character in it hides or turns what stands around it. */
export function explainData(explained: Explained): ExplainData {
  const { operations, blocked, prefix } = explained;
  const { events, rankOf } = eventsOf(operations);
  const { lanes, laneOf } = lanesOf(operations);
  const drawn = operations.map((operation, i) => drawnOperation(operation, laneOf[i] ?? 0, rankOf));
  const end = drawn.find(({ id }) => id === blocked)?.end ?? -1;
  const until = end < 0 ? events.length : end;
  const order = (without: number, steps: readonly ExplainedStep[]): DrawnOrder => drawnOrder(without, steps, drawn, until);
  const orders = [...(prefix === undefined ? [] : [order(-1, prefix.order)]), ...explained.without.map(({ operation, order: steps }) => order(operation, steps))];
  return {
    key: explained.key === undefined ? '' : text(String(explained.key)),
    model: text(explained.model),
    message: text(explained.message),
    hidden: explained.hidden,
    minimal: explained.minimal,
    core: explained.core,
    blocked: blocked ?? -1,
    ...(prefix === undefined ? {} : { reached: { completions: prefix.completions, of: prefix.of, states: prefix.states.map(text) } }),
    lanes,
    operations: drawn,
    events,
    places: placesOf(drawn, orders, events.length),
    timed: events.some(([index, time]) => time !== index && time !== 0),
    orders,
  };
}

function text(from: string): string {
  return clip(printable(from), TEXT_CHARS);
}

function eventsOf(operations: readonly ExplainedOperation[]): { readonly events: ExplainData['events']; readonly rankOf: ReadonlyMap<number, number> } {
  const times = new Map(operations.flatMap(({ begin, beginTime, end, endTime }) => [[begin, beginTime] as const, ...(end === undefined ? [] : [[end, endTime ?? beginTime] as const])]));
  const events = [...times].sort(([a], [b]) => a - b);
  return { events, rankOf: new Map(events.map(([index], rank) => [index, rank])) };
}

/** A lane a process, by number; one that runs several operations at once gets more. */
function lanesOf(operations: readonly ExplainedOperation[]): { readonly lanes: ExplainData['lanes']; readonly laneOf: readonly number[] } {
  const lanes: { process: number; until: number; nodes: Set<string>; members: number[] }[] = [];
  operations.forEach(({ process, begin, end, node }, i) => {
    let lane = lanes.find((other) => other.process === process && other.until < begin);
    if (lane === undefined) lanes.push((lane = { process, until: -1, nodes: new Set(), members: [] }));
    lane.until = end ?? Infinity;
    lane.members.push(i);
    if (node !== undefined) lane.nodes.add(text(node));
  });
  lanes.sort((a, b) => a.process - b.process);
  const laneOf: number[] = [];
  lanes.forEach(({ members }, lane) => members.forEach((i) => (laneOf[i] = lane)));
  return { lanes: lanes.map(({ process, nodes }) => ({ process, nodes: [...nodes] })), laneOf };
}

function drawnOperation({ id, process, node, call, begin, end, outcome }: ExplainedOperation, lane: number, rankOf: ReadonlyMap<number, number>): DrawnOperation {
  const whole = text(call);
  return { id, lane, process, node: text(node ?? ''), call: whole, label: clip(whole, LABEL_CHARS), begin: rankOf.get(begin) ?? 0, end: end === undefined ? -1 : (rankOf.get(end) ?? -1), outcome };
}

function drawnOrder(without: number, steps: readonly ExplainedStep[], operations: readonly DrawnOperation[], until: number): DrawnOrder {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const known = steps.flatMap(({ operation, state }) => {
    const found = byId.get(operation);
    return found === undefined ? [] : [{ operation, state: text(state), interval: found.end < 0 ? { begin: found.begin } : { begin: found.begin, end: found.end } }];
  });
  const points = pointsOf(known.map(({ interval }) => interval), until);
  return { without, steps: known.map(({ operation, state }, i) => ({ operation, state, at: points[i] ?? 0 })) };
}

/** As narrow as can be with room in each bar for its label and in each gap for its points. */
function placesOf(operations: readonly DrawnOperation[], orders: readonly DrawnOrder[], count: number): readonly number[] {
  const width = ({ label, begin }: DrawnOperation): readonly [number, number] => [begin, label.length * CHAR_PX + PADDING_PX];
  const ending = new Map(operations.filter(({ end }) => end >= 0).map((operation) => [operation.end, width(operation)]));
  const gaps: number[] = Array.from({ length: count }, () => (count <= FEW_EVENTS ? WIDE_GAP_PX : GAP_PX));
  for (const { steps } of orders) {
    const points = new Map<number, number>();
    for (const { at } of steps) points.set(Math.floor(at), (points.get(Math.floor(at)) ?? 0) + 1);
    for (const [gap, own] of points) gaps[gap] = Math.max(gaps[gap] ?? 0, (own + 1) * POINT_PX);
  }
  const places: number[] = [0];
  for (let rank = 1; rank < count; rank++) {
    const [begin, label] = ending.get(rank) ?? [0, 0];
    places[rank] = Math.max((places[rank - 1] ?? 0) + (gaps[rank - 1] ?? 0), (places[begin] ?? 0) + label);
  }
  const open = operations.filter(({ end }) => end < 0).map((operation) => (places[operation.begin] ?? 0) + width(operation)[1]);
  return [...places, Math.max((places[count - 1] ?? 0) + (gaps[count - 1] ?? 0), ...open)];
}
