import { tableOf } from '../../src/index.js';
import type { Model } from '../linearizable/model.js';
import { modelOp, objectsOf, operationOf, PENDING, type ObjectHistory, type Quick } from '../linearizable/object-history.js';

/** The definition of linearizability, tried out: every subset of the indeterminate operations, every order that real time allows. For up to ten operations or so. */
export function linearizable<S>(history: ObjectHistory, model: Model<S>, initial?: unknown): boolean {
  const ops = Array.from({ length: history.size }, (_, op) => ({ op, asked: modelOp(history, op), inv: history.inv[op] ?? 0, ret: history.ret[op] ?? 0 }));
  const extend = (left: typeof ops, state: S): boolean => {
    if (left.every(({ ret }) => ret === PENDING)) return true;
    return left.some((next) => {
      if (left.some(({ ret }) => ret < next.inv)) return false;
      const after = model.step(state, next.asked);
      return after !== undefined && extend(left.filter((other) => other !== next), after);
    });
  };
  return extend(ops, model.init(initial));
}

/**
 * Whether a quick algorithm is right about a history: its verdict is that of brute force, and the operations of a violation are impossible by themselves.
 * Undefined: it has nothing to say.
 */
export function agrees<S>(history: ObjectHistory, model: Model<S>, quick: Quick, initial?: unknown): boolean | undefined {
  if (quick.kind === 'not-applicable') return undefined;
  if (linearizable(history, model, initial) !== (quick.kind === 'valid')) return false;
  return quick.kind === 'valid' || !linearizable(only(history, quick.violation.operations), model, initial);
}

/** The history of some of the operations. */
function only(history: ObjectHistory, ops: readonly number[]): ObjectHistory {
  const [part] = objectsOf(tableOf(ops.map((op) => operationOf(history, op))), 'judge', []);
  if (part === undefined) throw new Error('a violation without operations');
  return part;
}
