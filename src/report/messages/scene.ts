import { NS_PER_MS } from '../../time/clock.js';
import type { FaultSpan } from '../spans.js';
import { printable } from '../text.js';
import type { Lane, ShownOperation } from './cast.js';
import { arrived } from './input.js';
import type { ShownMessage, Story } from './story.js';
import { layOutTime, type Moment, type TimeLayout } from './time-layout.js';

/** Sizes in pixels. */
export const SIZE = {
  /** Left of everything: the real times. */
  axis: 70,
  /** Right of that: bars and words of the faults, if there are any. */
  faults: 130,
  /** A client's boxes, and what separates one client from the next. */
  client: 128, betweenClients: 18,
  /** From the last client to the first node; from one node to the next, where there are few and where there are many. */
  toNodes: 112, node: 188, narrowNode: 160,
  /** Right of the last node: its notes. */
  notes: 118,
  head: 46, foot: 32,
} as const;

/** So far before and after the shown time stand the ends of what goes on there. */
const OUTSIDE = 14;

/** A lane and where it stands. A client's boxes are left of its x. */
export interface PlacedLane extends Lane {
  readonly x: number;
}

/** A message as a line from its sender towards its receiver. */
export interface Arrow extends ShownMessage {
  /** Unique within the diagram: `m12`. */
  readonly id: string;
  /** In words: `client 2 → n3`. */
  readonly between: string;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly fate: 'arrived' | 'lost';
  /** Sent before the window begins; arrived after it ends. */
  readonly early: boolean;
  readonly late: boolean;
}

/** An operation as a box at its client's lane. */
export interface OperationBox extends ShownOperation {
  readonly id: string;
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
  /** Whether its invocation, and its completion, are in the window. */
  readonly begins: boolean;
  readonly ends: boolean;
}

/** A fault in force, with the heights of its beginning and end, cut to the window. */
export interface FaultBand {
  readonly fault: FaultSpan;
  readonly y1: number;
  readonly y2: number;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** A story with a place for everything but its texts. */
export interface Scene {
  readonly story: Story;
  readonly lanes: readonly PlacedLane[];
  readonly time: TimeLayout;
  readonly arrows: readonly Arrow[];
  readonly boxes: readonly OperationBox[];
  readonly bands: readonly FaultBand[];
  /** Where lanes begin and end, pixels: somewhat before the first and after the last event. */
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** Places a story: time downwards, a lane for each client and node. */
export function sceneOf(story: Story): Scene {
  const lanes = placeLanes(story.lanes, story.faults.length > 0);
  const time = layOutTime(momentsOf(story), SIZE.head + 26, stretchOf(story));
  const xOf = new Map(lanes.map(({ id, x }) => [id, x]));
  const { fromNs, toNs } = story.window;
  const top = time.top - OUTSIDE;
  const arrows = story.messages.map((shown, i) => arrowOf(shown, `m${i}`, xOf, lanes, story, time));
  const bottom = Math.max(time.bottom + OUTSIDE, ...arrows.map(({ y2 }) => y2 + 6));
  return {
    story, lanes, time, arrows, top, bottom,
    boxes: story.operations.map((shown, i) => {
      const { invoke, completion } = shown.operation;
      const ends = completion !== undefined && completion.time <= toNs;
      return { ...shown, id: `o${i}`, x: xOf.get(shown.lane) ?? 0, y1: invoke.time >= fromNs ? time.y(invoke.time) : top, y2: ends ? time.y(completion.time) : bottom, begins: invoke.time >= fromNs, ends };
    }),
    bands: story.faults.map((fault) => ({ fault, begins: fault.from >= fromNs, ends: fault.ended && fault.to <= toNs, y1: fault.from >= fromNs ? time.y(fault.from) : top, y2: fault.ended && fault.to <= toNs ? time.y(fault.to) : bottom })),
    width: (lanes.at(-1)?.x ?? SIZE.axis) + SIZE.notes,
    height: bottom + SIZE.foot,
  };
}

/** A time of the run in milliseconds, as precise as the window is short. */
export function msText(timeNs: number, { fromNs, toNs }: Story['window']): string {
  return (timeNs / NS_PER_MS).toFixed(toNs - fromNs < 20 * NS_PER_MS ? 3 : toNs - fromNs < 1000 * NS_PER_MS ? 2 : 1);
}

function placeLanes(lanes: readonly Lane[], withFaults: boolean): readonly PlacedLane[] {
  const step = lanes.filter(({ kind }) => kind === 'node').length > 5 ? SIZE.narrowNode : SIZE.node;
  let x: number = SIZE.axis + (withFaults ? SIZE.faults : 0);
  return lanes.map((lane, i) => {
    if (lane.kind === 'client') x += (i === 0 ? 0 : SIZE.betweenClients) + SIZE.client;
    else x += i === 0 ? 60 : lanes[i - 1]?.kind === 'client' ? SIZE.toNodes : step;
    return { ...lane, x };
  });
}

/** Few arrows get more room, so that they are steeper and their labels lie apart. */
function stretchOf({ messages }: Story): number {
  return messages.length <= 40 ? 1.7 : messages.length <= 100 ? 1.35 : 1.1;
}

/** Everything that is drawn at a moment of its own, with the room that its texts want. */
function momentsOf({ window, messages, notes, lives, operations, faults }: Story): readonly Moment[] {
  const moments: Moment[] = [
    ...messages.flatMap(({ message }) => [{ lane: message.from, atNs: message.sentNs }, ...(arrived(message) ? [{ lane: message.to, atNs: message.arrivedNs }] : [])]),
    ...notes.map(({ node, atNs }) => ({ lane: node, atNs, below: 16 })),
    ...lives.filter(({ news }) => news !== '').map(({ node, fromNs }) => ({ lane: node, atNs: fromNs, above: 10, below: 18 })),
    ...operations.flatMap(({ operation: { invoke, completion }, lane }) => [{ lane: `box ${lane}`, atNs: invoke.time, above: 6, below: 36 }, ...(completion === undefined ? [] : [{ lane: `box ${lane}`, atNs: completion.time, below: 8 }])]),
    ...faults.flatMap(({ from, to, ended }) => [{ lane: 'faults', atNs: from, below: 50 }, ...(ended ? [{ lane: 'faults', atNs: to, below: 20 }] : [])]),
  ];
  return moments.filter(({ atNs }) => atNs >= window.fromNs && atNs <= window.toNs);
}

function arrowOf(shown: ShownMessage, id: string, xOf: ReadonlyMap<string, number>, lanes: readonly PlacedLane[], { window }: Story, time: TimeLayout): Arrow {
  const { from, to, sentNs } = shown.message;
  const [x1, receiver] = [xOf.get(from) ?? 0, xOf.get(to) ?? 0];
  const early = sentNs < window.fromNs;
  const y1 = early ? time.top - OUTSIDE : time.y(sentNs);
  const name = (id: string): string => printable(lanes.find((lane) => lane.id === id)?.label ?? id);
  const ends = { ...shown, id, x1, y1, early, between: `${name(from)} → ${name(to)}` };
  if (!arrived(shown.message)) return { ...ends, ...lossPoint(shown, x1, receiver, y1, lanes), fate: 'lost', late: false };
  const late = shown.message.arrivedNs > window.toNs;
  return { ...ends, x2: receiver, y2: late ? time.bottom + OUTSIDE : time.y(shown.message.arrivedNs), fate: 'arrived', late };
}

/** A lost message ends in the last gap before its receiver: in the middle if the network lost it, and at the receiver if that was down. */
function lossPoint({ message }: ShownMessage, x1: number, receiver: number, y1: number, lanes: readonly PlacedLane[]): { readonly x2: number; readonly y2: number } {
  const between = lanes.map(({ x }) => x).filter((x) => (x - x1) * (x - receiver) <= 0 && x !== receiver);
  const last = x1 < receiver ? Math.max(...between, x1) : Math.min(...between, x1);
  const way = message.lost === 'down' ? 0.9 : 0.6;
  return { x2: receiver + (last - receiver) * (1 - way), y2: y1 + 12 + between.length * 6 };
}
