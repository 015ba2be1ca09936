import type { ObjectHistory, Quick } from './object-history.js';

/** An operation as a model sees it. */
export interface ModelOp {
  readonly f: string;
  readonly argument: unknown;
  /** Whether it took effect for certain, with `result`. Otherwise it may take effect at any time after its invocation, or never. */
  readonly known: boolean;
  /** What it answered; undefined if that is not known, or is not to be judged. */
  readonly result: unknown;
}

/** What an operation does with a register: a read gives its result, a write puts its argument, a cas with the argument [from, to] puts `to` if it finds `from`. */
export type RegisterRole = 'read' | 'write' | 'cas';

/**
 * A sequential specification: which answers an object may give if operations come one at a time. `step` must be a pure function of
 * state and operation. The optional parts are hints: without them a verdict is the same, but slower.
 */
export interface Model<S> {
  readonly name: string;
  readonly description: string;
  /** The operations it knows, with the shape of argument and result. */
  readonly operations: Readonly<Record<string, string>>;
  /** The state of an object that nothing was done to; `initial` undefined: the model's own. */
  init(initial?: unknown): S;
  /** What is wrong with the shape of an operation, or undefined. An operation with a complaint is a usage error, not a violation. */
  complaint?(op: ModelOp): string | undefined;
  /** The state after the operation, or undefined if it cannot take effect in this state with this result. */
  step(state: S, op: ModelOp): S | undefined;
  /** Equal texts exactly for equal states. */
  key(state: S): string;
  /** The state for people; default: its key. */
  show?(state: S): string;
  /** Whether the operation leaves every state as it is. */
  observes?(op: ModelOp): boolean;
  /** Whether the operation is possible in every state and leads to the same state from all of them. */
  overwrites?(op: ModelOp): boolean;
  /** For objects that only grow: false only if the operation, with its result, is possible in no state that can follow this one, and not in it. */
  leadsTo?(state: S, op: ModelOp): boolean;
  /** Operations whose `ok` value is a result in some systems and an echo of the argument in others. */
  readonly echoes?: readonly string[];
  /** Operations whose `ok` value says nothing: all their results are one to `step`. */
  readonly silent?: readonly string[];
  /** If the model is a register: what its operations do with it. */
  readonly register?: Readonly<Record<string, RegisterRole>>;
  /**
   * For operations that all lie in a piece of a history: states such that every state of the model, as far as these operations can tell,
   * behaves like one of them. Undefined: there are too many. With it, a violation is found and proved within a short piece of a long history.
   */
  representatives?(ops: readonly ModelOp[], initial?: unknown): readonly S[] | undefined;
  /** Algorithms that decide some histories of the model faster than a search. */
  quick?(history: ObjectHistory, initial: unknown): Quick;
}
