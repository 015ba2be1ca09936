import { FaultlineError, type OpTable } from '../../src/index.js';
import type { ModelOp } from './model.js';
import type { AnyModel } from './models/index.js';
import { modelOp, objectsOf, operationOf, type ObjectHistory } from './object-history.js';

/** Throws FaultlineError `model-operation` (usage) if an operation of the history is not one of the model's. */
export function assertOperations(history: ObjectHistory, model: AnyModel): void {
  const { size, f, names } = history;
  const { register } = model;
  // A register's operations are told by their columns alone, which is quicker; whatever looks wrong is asked about.
  const strange = Uint8Array.from(names, (name) => (!Object.hasOwn(model.operations, name) || (register === undefined && model.complaint !== undefined) ? 1 : register?.[name] === 'cas' ? 2 : 0));
  for (let i = 0; i < size; i++) {
    const how = strange[f[i] as number] as number;
    if (how === 1 || (how === 2 && (history.argument2[i] as number) < 0)) assertFits(history, i, modelOp(history, i), model);
  }
}

/** The same for all objects of a table. */
export function assertAll(table: OpTable, model: AnyModel): void {
  for (const object of objectsOf(table, 'judge', [])) assertOperations(object, model);
}

function assertFits(history: ObjectHistory, op: number, asked: ModelOp, model: AnyModel): void {
  const complaint = Object.hasOwn(model.operations, asked.f) ? model.complaint?.(asked) : `the model has no operation "${asked.f}"`;
  if (complaint === undefined) return;
  const { invoke, completion } = operationOf(history, op);
  const events = completion === undefined ? `event ${invoke.index}` : `events ${invoke.index} and ${completion.index}`;
  throw new FaultlineError('model-operation', `${events}: not an operation of the model ${model.name}: ${complaint}`, {
    kind: 'usage',
    hint: `It knows ${Object.entries(model.operations).map(([f, shape]) => `${f} (${shape})`).join('; ')}. Choose another model or give keyed values as such.`,
  });
}
