/** An operation on the key that an engine watches, from its invocation on. An engine tells operations apart by identity. */
export interface Pending {
  readonly f: string;
  readonly argument: unknown;
  /** Index of its invocation in the history. */
  readonly index: number;
}

/** Why no linearization exists any more. */
export interface Contradiction {
  /** Plain words; begins with what was seen. */
  readonly message: string;
  /** Indices of events besides the one that was observed last. */
  readonly ops: readonly number[];
}

/**
 * Follows the events of one key. A contradiction is a theorem: the events so far, with open operations free to have happened or not, have no
 * linearization; as that stays so whatever comes, so does the whole history. After a contradiction an engine is asked nothing more.
 */
export interface Engine {
  invoke(op: Pending): void;
  ok(op: Pending, result: unknown, index: number): Contradiction | undefined;
  fail(op: Pending): Contradiction | undefined;
  info(op: Pending): void;
  /** Why it cannot tell any more; it then only returns undefined, and should be dropped. */
  readonly givenUp: string | undefined;
  /** What it holds: configurations, or values that may still be seen. */
  readonly held: number;
  /** Memory in use, roughly. */
  readonly bytes: number;
}
