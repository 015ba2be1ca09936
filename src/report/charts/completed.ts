import { isClientOp, type Op } from '../../history/op.js';

/** How an operation ended. */
export const OUTCOMES = ['ok', 'fail', 'info'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes as people read them. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = { ok: 'ok', fail: 'fail (certainly no effect)', info: 'unknown' };

/** A client's operation that came to an end. Times in nanoseconds of the run. */
export interface Completed {
  readonly outcome: Outcome;
  readonly invoked: number;
  readonly ended: number;
}

/** Clients' operations in order of completion. Operations without a completion are left out: they have no latency. */
export function completedOps(ops: readonly Op[]): readonly Completed[] {
  const open = new Map<Op['process'], number>();
  const completed: Completed[] = [];
  for (const op of ops) {
    if (!isClientOp(op)) continue;
    if (op.type === 'invoke') {
      open.set(op.process, op.time);
      continue;
    }
    const invoked = open.get(op.process);
    if (invoked === undefined) continue;
    open.delete(op.process);
    completed.push({ outcome: op.type, invoked, ended: op.time });
  }
  return completed;
}
