import { NS_PER_MS, realClock, type Clock } from '../../src/index.js';

/** What a check may still spend. A limit that is hit makes a verdict unknown, never false. */
export interface Budget {
  readonly clock: Clock;
  /** Nanoseconds of the clock. */
  readonly deadline: number;
  readonly memoryBytes: number;
  /** The limits in words, for the summary: `30 s`. */
  readonly timeMs: number;
}

/** A budget that starts now. */
export function budgetOf(limits: { readonly timeLimitMs: number; readonly memoryLimitBytes: number }, clock: Clock = realClock()): Budget {
  return { clock, deadline: clock.now() + limits.timeLimitMs * NS_PER_MS, memoryBytes: limits.memoryLimitBytes, timeMs: limits.timeLimitMs };
}

/** A part of a budget: at most so many milliseconds of what is left of it. */
export function atMost(budget: Budget, ms: number): Budget {
  return { ...budget, deadline: Math.min(budget.deadline, budget.clock.now() + ms * NS_PER_MS) };
}

export function expired(budget: Budget): boolean {
  return budget.clock.now() >= budget.deadline;
}

/** Milliseconds left, at least 0. */
export function remainingMs(budget: Budget): number {
  return Math.max(0, (budget.deadline - budget.clock.now()) / NS_PER_MS);
}
