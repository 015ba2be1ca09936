import { FaultlineError } from '../../../src/index.js';
import type { Model } from '../model.js';
import { appendList } from './append-list.js';
import { appendString } from './append-string.js';
import { counterModel } from './counter.js';
import { moreModels } from './more.js';
import { priorityQueue } from './priority-queue.js';
import { casRegister, register } from './register.js';
import { stack } from './stack.js';

/** A model of any kind of state; the search treats states as opaque. */
export type AnyModel = Model<unknown>;

/** The models by name: what `--model` takes. */
export const models: Readonly<Record<string, AnyModel>> = Object.fromEntries(
  [register, casRegister, opaque(appendString), opaque(appendList), opaque(counterModel), ...moreModels, opaque(stack), opaque(priorityQueue)].map((model) => [model.name, model]),
);

/** The model of a name, or a model itself. Throws FaultlineError `unknown-model` (usage) that lists the names. */
export function modelOf(model: string | AnyModel): AnyModel {
  if (typeof model !== 'string') return model;
  const found = models[model];
  if (found !== undefined) return found;
  throw new FaultlineError('unknown-model', `there is no model "${model}"`, { kind: 'usage', hint: `Known are: ${Object.keys(models).join(', ')}.` });
}

/** Forgets the type of a model's states: whoever uses it hands back only states that it got from it. */
export function opaque<S>(model: Model<S>): AnyModel {
  const show = model.show?.bind(model);
  // The methods that take a state take only those that they gave.
  return {
    ...model,
    init: (initial) => model.init(initial),
    step: (state, op) => model.step(state as S, op),
    key: (state) => model.key(state as S),
    ...(show === undefined ? {} : { show: (state: unknown) => show(state as S) }),
  };
}
