import type { Op } from '../history/op.js';

/** The phases of a run, in order (`core` only where it was asked for); each begins with an event of process `runner`, f `phase`. */
export const PHASES = ['provision', 'load', 'heal', 'core', 'final', 'done'] as const;
export type Phase = (typeof PHASES)[number];

/** The phase that an event begins, if it is such an event. */
export function phaseOf(op: Op): Phase | undefined {
  return op.process === 'runner' && op.f === 'phase' ? PHASES.find((phase) => phase === op.value) : undefined;
}
