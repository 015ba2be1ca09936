import { FaultlineError, type Operation } from '../../src/index.js';
import { canonical } from '../shared/canonical.js';
import type { ModelOp } from './model.js';
import type { AnyModel } from './models/index.js';

/** An operation on one object, ready to be judged. */
export interface Entry {
  readonly operation: Operation;
  readonly op: ModelOp;
  /** Position of its invocation. Positions are event indices: only their order counts. */
  readonly inv: number;
  /** Position of its completion; Infinity if it is indeterminate. a precedes b in real time exactly if a.ret < b.inv. */
  readonly ret: number;
}

/** How the `ok` values of the model's `echoes` are taken. */
export type Results = 'judge' | 'ignore';

/**
 * The operations that can matter for a verdict, in order of invocation: those that failed, and observers of unknown result, constrain nothing.
 * Throws FaultlineError `model-operation` (usage) for an operation that the model does not know.
 */
export function entriesOf(operations: readonly Operation[], model: AnyModel, results: Results): readonly Entry[] {
  const entries: Entry[] = [];
  for (const operation of operations) {
    const { invoke, completion } = operation;
    if (completion?.type === 'fail') continue;
    const known = completion?.type === 'ok';
    const judged = known && (results === 'judge' || model.echoes?.includes(invoke.f) !== true);
    const op: ModelOp = { f: invoke.f, argument: invoke.value, known, result: judged ? completion.value : undefined };
    assertFits(operation, op, model);
    if (!known && model.observes?.(op) === true) continue;
    entries.push({ operation, op, inv: invoke.index, ret: known ? completion.index : Infinity });
  }
  return entries;
}

/**
 * Whether the answers of the model's `echoes` are results: not if each of them only repeats its argument, as Jepsen's clients do.
 * Decided over a whole history, so that a broken service cannot pass for one that echoes on a single key.
 */
export function resultsOf(operations: readonly Operation[], model: AnyModel): Results {
  const answered = operations.filter(({ invoke, completion }) => completion?.type === 'ok' && model.echoes?.includes(invoke.f) === true);
  return answered.every(({ invoke, completion }) => canonical(invoke.value) === canonical(completion?.value)) ? 'ignore' : 'judge';
}

function assertFits(operation: Operation, op: ModelOp, model: AnyModel): void {
  const known = Object.hasOwn(model.operations, op.f);
  const complaint = known ? model.complaint(op) : `the model has no operation "${op.f}"`;
  if (complaint === undefined) return;
  const { invoke, completion } = operation;
  const events = completion === undefined ? `event ${invoke.index}` : `events ${invoke.index} and ${completion.index}`;
  throw new FaultlineError('model-operation', `${events}: not an operation of the model ${model.name}: ${complaint}`, {
    kind: 'usage',
    hint: `It knows ${Object.entries(model.operations).map(([f, shape]) => `${f} (${shape})`).join('; ')}. Choose another model or give keyed values as such.`,
  });
}
