import type { Random } from '../../../src/index.js';

/** Least and most. */
export type Span = readonly [least: number, most: number];

/** What a simulated disk is like. Durations are milliseconds of virtual time; chances go from 0 to 1. */
export interface DiskModel {
  /** A write to the page cache. */
  readonly writeMs: Span;
  /** An fsync, of a file or a folder. */
  readonly syncMs: Span;
  /** A file is renamed or removed. */
  readonly nameMs: Span;
  /** How often a power cut tears a write that was not durable, rather than leaving all or nothing of it. */
  readonly torn: number;
  /** How often it leaves the length of what was appended, and zeros for the content. */
  readonly zeros: number;
  /** How often what was overwritten had reached the platter by itself before, so that a power cut leaves something between the durable and the last. */
  readonly writeBack: number;
}

/** A disk of middling quality. */
export const DISK_MODEL: DiskModel = { writeMs: [0.01, 1], syncMs: [0.1, 10], nameMs: [0.01, 2], torn: 0.4, zeros: 0.05, writeBack: 0.1 };

/** A duration of a span, short ones likelier. */
export function drawMs([least, most]: Span, random: Random): number {
  return least + (most - least) * random.float() ** 3;
}
