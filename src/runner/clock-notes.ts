import { NS_PER_S } from '../time/clock.js';

/** A smaller change is as likely a slow answer as a moved clock, milliseconds. */
const CHANGE_MS = 5;
const SILENCE_NS = NS_PER_S;

/** How far the wall clock of each node is ahead of the controller's, milliseconds; nodes that gave no answer are left out. What the monitor notes in the history. */
export type ClocksNote = Readonly<Record<string, number>>;

/** The offset that an answer shows, milliseconds to a tenth: the clock was read when the question had gone half of its way, give or take the other half. */
export function offsetMs(wallMs: number, askedMs: number, answeredMs: number): number {
  return Math.round((wallMs - (askedMs + answeredMs) / 2) * 10) / 10;
}

/** Keeps the history short: a note of the clocks is due when one has moved, was lost or came back, and otherwise once a second. */
export class ClockNotes {
  #noted: ClocksNote | undefined;
  #notedNs = 0;

  /** Whether to note these offsets now, nanoseconds of the run; if so, they are what the next ones are compared with. */
  due(offsets: ClocksNote, nowNs: number): boolean {
    if (this.#noted === undefined ? Object.keys(offsets).length === 0 : nowNs - this.#notedNs < SILENCE_NS && !hasChanged(this.#noted, offsets)) return false;
    this.#noted = offsets;
    this.#notedNs = nowNs;
    return true;
  }
}

function hasChanged(before: ClocksNote, after: ClocksNote): boolean {
  return [...Object.keys(before), ...Object.keys(after)].some((node) => !(Math.abs((before[node] ?? NaN) - (after[node] ?? NaN)) <= CHANGE_MS));
}
