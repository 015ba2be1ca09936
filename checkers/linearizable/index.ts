import { tableOf, type Checker } from '../../src/index.js';
import { checkHistory } from '../check-history.js';
import { modelOf, type AnyModel } from './models/index.js';

export { checkOperations, checkTable, type CheckOptions, type KeyFinding } from './check.js';
export type { Model, ModelOp, RegisterRole } from './model.js';
export { PENDING, type ObjectHistory, type Quick, type Violation } from './object-history.js';
export { modelOf, models, opaque, type AnyModel } from './models/index.js';

/** Options of the checker `linearizable`. */
export interface LinearizableOptions {
  /** A model's name, or a model. */
  readonly model: string | AnyModel;
  /** State of a key that was never written; default: the context's, else the model's own. */
  readonly init?: unknown;
}

/**
 * Judges whether every key is linearizable (Herlihy & Wing, TOPLAS 12(3), 1990): whether each operation can have taken effect at one
 * instant between its invocation and its completion. Throws FaultlineError `unknown-model` (usage).
 */
export function linearizable({ model, init }: LinearizableOptions): Checker {
  const chosen = modelOf(model);
  return {
    name: 'linearizable',
    description: `Every key is a linearizable ${chosen.name}: each operation takes effect at one instant between its invocation and its completion.`,
    judges: 'safety',
    check: async (history, context) =>
      checkHistory(tableOf(history.clientOperations()), chosen, {
        initial: init === undefined ? context.initial : init,
        timeLimitMs: context.timeLimitMs,
        memoryLimitBytes: context.memoryLimitBytes,
      }),
  };
}
