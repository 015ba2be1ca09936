import { canonical, FaultlineError } from '../../src/index.js';
import type { Model, ModelOp } from '../linearizable/index.js';
import { notData } from './data.js';

/** What every model of one's own says. */
interface ModelParts<S> {
  readonly name: string;
  /** Default: the name. */
  readonly description?: string;
  /** The operations it knows, with the shape of argument and result for people. */
  readonly operations: Readonly<Record<string, string>>;
  /** The state of an object that nothing was done to; `initial` is that of the check's options, if it was given. */
  init(initial?: unknown): S;
  /** Equal texts exactly for equal states. Default: the JSON text of a state that is JSON data. */
  key?(state: S): string;
  /** The state for people. Default: its key. */
  show?(state: S): string;
}

/** A model whose operations have one possible answer in each state: what a sequential implementation would do. */
export interface ModelByAnswers<S> extends ModelParts<S> {
  /**
   * The state after an operation, and its answer: both a pure function of state and argument, so that the given state is never changed. Without a `result`
   * the answer is not judged. Undefined: the operation is impossible in this state.
   */
  apply(state: S, op: { readonly f: string; readonly argument: unknown }): { readonly state: S; readonly result?: unknown } | undefined;
}

/** A model as the search knows it, for operations with several possible answers; and hints that make it faster. See Model. */
export type ModelBySteps<S> = ModelParts<S> & Partial<Omit<Model<S>, 'register' | 'quick'>> & Pick<Model<S>, 'step'>;

/**
 * A model of one's own, by what operations answer or by which steps are possible. An operation that nobody knows the answer of is possible whatever it
 * would have answered; a `step` must see to that itself: its `result` is undefined then.
 *
 * @example
 * const account = defineModel({
 *   name: 'account',
 *   operations: { deposit: 'a number -> null', balance: 'null -> a number' },
 *   init: () => 0,
 *   apply: (cents, { f, argument }) => (f === 'deposit' ? { state: cents + argument } : { state: cents, result: cents }),
 * });
 */
export function defineModel<S>(parts: ModelByAnswers<S> | ModelBySteps<S>): Model<S> {
  const { name } = parts;
  const description = parts.description ?? name;
  const key = parts.key?.bind(parts) ?? ((state: S) => keyOfData(state, name));
  if (!('apply' in parts)) return assertModel({ ...parts, description, key });
  return assertModel({ ...parts, description, key, step: (state, op) => stepBy(parts, state, op) });
}

function stepBy<S>(parts: ModelByAnswers<S>, state: S, { f, argument, result }: ModelOp): S | undefined {
  const next = parts.apply(state, { f, argument });
  if (next === undefined || next.result === undefined || result === undefined) return next?.state;
  return canonical(next.result) === canonical(result) ? next.state : undefined;
}

function keyOfData(state: unknown, name: string): string {
  const wrong = notData(state);
  if (wrong === undefined) return canonical(state);
  throw new FaultlineError('model-state', `the model ${name}: its state holds what cannot be compared: ${wrong}`, { kind: 'usage', hint: 'Make the state of plain data, or give the model a key(state) with equal texts exactly for equal states.' });
}

/** A model with all that it needs. Throws FaultlineError `bad-model` (usage). */
export function assertModel<S>(model: Model<S>): Model<S> {
  const { name, operations } = model as Partial<Model<S>>;
  if (typeof name !== 'string' || name === '') throw modelError('a model needs a name');
  if (operations === null || typeof operations !== 'object' || Array.isArray(operations)) throw modelError(`the model ${name} needs its operations, an object of their names`);
  for (const part of ['init', 'step', 'key'] as const) {
    if (typeof (model as Partial<Model<S>>)[part] !== 'function') throw modelError(`the model ${name} needs ${part}(), a function`);
  }
  return model;
}

function modelError(message: string): FaultlineError {
  return new FaultlineError('bad-model', message, { kind: 'usage', hint: 'defineModel({ name, operations, init, apply }) makes a model; or give one of the exported models, such as registerModel, or the name of one, such as "register".' });
}
