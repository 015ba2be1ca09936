/** Who performed an operation: an integer is a client process; a string (`nemesis/partition`, `monitor`, `runner`) is not a client. */
export type ProcessId = number | string;

/** `invoke` opens an operation; `ok` it took effect; `fail` it certainly did not; `info` nobody knows. */
export type OpType = 'invoke' | 'ok' | 'fail' | 'info';

/** The part of the system an operation works on; operations on different keys are independent. */
export type Key = string | number;

/** Why an operation ended in `fail` or `info`, as data. */
export interface OpError {
  /** Short and stable, kebab-case: `timeout`, `connection-refused`, `cas-mismatch` ... */
  readonly code: string;
  /** For people. */
  readonly message?: string;
}

/**
 * One event of a history: an invocation or a completion. Events are ordered by `index`, which is also real-time order;
 * a completion belongs to the open invocation of the same process.
 */
export interface Op {
  /** Position in the history, from 0, dense. */
  readonly index: number;
  /** Nanoseconds since the start of the run, on the controller's one monotonic clock. */
  readonly time: number;
  readonly process: ProcessId;
  readonly type: OpType;
  /** What was asked for: `read`, `write`, `cas`, `append`, `add`; a nemesis says `start` and `stop`. */
  readonly f: string;
  /** Invocation: the argument (`null` for a read). `ok`: the result. `fail`, `info`: the argument again. */
  readonly value: unknown;
  readonly key?: Key;
  /** The node the process talks to. */
  readonly node?: string;
  readonly error?: OpError;
}

/** Whether an event belongs to a client (and so is judged) rather than to a nemesis, the monitor or the runner. */
export function isClientOp(op: Pick<Op, 'process'>): boolean {
  return typeof op.process === 'number';
}

/** An invocation with its completion, if it has one. Neither: an operation without completion is indeterminate. */
export interface Operation {
  readonly invoke: Op;
  readonly completion?: Op;
}

/** Verdicts: theorems about a recorded history, or the honest admission that a stated limit was hit. */
export type Verdict = true | false | 'unknown';

/** Merges verdicts: false over unknown over true. Of none: true. */
export function mergeVerdicts(verdicts: Iterable<Verdict>): Verdict {
  let merged: Verdict = true;
  for (const verdict of verdicts) {
    if (verdict === false) return false;
    if (verdict === 'unknown') merged = 'unknown';
  }
  return merged;
}
