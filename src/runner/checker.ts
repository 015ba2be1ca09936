import type { Key, Op, Verdict } from '../history/op.js';
import type { History } from '../history/history.js';

/** Something that should not be, as data: for the console, the report, a ticket. */
export interface Anomaly {
  /** Kebab-case and stable: `stale-read`, `lost-append`, `duplicate`, `stuck` ... */
  readonly kind: string;
  /** In plain words, operations by index, e.g. "read 7 (#123, process 3) after ...". */
  readonly message: string;
  /** Indices of the events to look at (invocations and completions), in order. */
  readonly ops: readonly number[];
  readonly key?: Key;
}

export interface CheckResult {
  readonly valid: Verdict;
  /** One line. */
  readonly summary: string;
  readonly anomalies: readonly Anomaly[];
  /** Anything more, for results.json. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a checker may know besides the history: what the plan says, and its limits. */
export interface CheckContext {
  /** State of a key that was never written. */
  readonly initial?: unknown;
  readonly timeLimitMs: number;
  readonly memoryLimitBytes: number;
  /** Names of the nodes; empty for a bare history. */
  readonly nodes: readonly string[];
  /** Names of the nemeses that the run asked for; empty for none. */
  readonly nemeses: readonly string[];
  /** How many clients were at work at a time: process p, and p plus this when it was retired, are one client. Undefined: not known, as for a bare history. */
  readonly concurrency?: number;
  /** Milliseconds within which every client must succeed after healing. */
  readonly livenessBoundMs: number;
}

/** Follows a history event by event while it happens, and so holds little of it. */
export interface HistoryMonitor {
  /** The next event. An anomaly is a theorem about the history so far, which no later event can mend; a monitor that cannot tell says nothing. */
  observe(op: Op): Anomaly | undefined;
  /** What it could not follow so far, in words; undefined: nothing. */
  readonly unfollowed?: string | undefined;
}

/** Judges a stored history offline: no I/O, no clock but for its own limit, the same verdict every time. */
export interface Checker {
  readonly name: string;
  readonly description: string;
  /** What a `false` means: the system broke a promise, it is safe but stuck, or the test itself showed nothing. */
  readonly judges: 'safety' | 'liveness' | 'coverage';
  check(history: History, context: CheckContext): Promise<CheckResult>;
  /** Makes a monitor that finds violations of the same promise during a run, for --fail-fast: where it gives an anomaly, `check` of that history gives `false`. */
  monitor?(context: Pick<CheckContext, 'initial'>): HistoryMonitor;
}
