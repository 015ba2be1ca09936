import type { Checker } from '../../src/index.js';
import type { Model } from '../linearizable/model.js';
import { streamingMonitor } from './monitor.js';

/** The checker, able to follow a run: by the model whose linearizability it judges. `init`: the state of a key that was never written; default: the context's, else the model's own. */
export function watched(checker: Checker, model: Model<unknown>, init?: unknown): Checker {
  return { ...checker, monitor: ({ initial }) => streamingMonitor(model, { initial: init === undefined ? initial : init }) };
}
