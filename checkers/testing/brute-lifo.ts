import { tableOf } from '../../src/index.js';
import type { Model } from '../linearizable/model.js';
import { modelOp, objectsOf, operationOf, PENDING, type ObjectHistory, type Quick } from '../linearizable/object-history.js';

/**
 * The definition of linearizability, tried out: every subset of the indeterminate operations, every order that real time allows; what operations are left in which
 * state is tried once. For up to fifteen operations or so.
 */
export function linearizable<S>(history: ObjectHistory, model: Model<S>, initial?: unknown): boolean {
  const ops = Array.from({ length: history.size }, (_, op) => ({ op, asked: modelOp(history, op), inv: history.inv[op] ?? 0, ret: history.ret[op] ?? 0 }));
  const tried = new Set<string>();
  const extend = (left: typeof ops, state: S): boolean => {
    if (left.every(({ ret }) => ret === PENDING)) return true;
    const here = `${left.map(({ op }) => op).join()} ${model.key(state)}`;
    if (tried.has(here)) return false;
    tried.add(here);
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
  return quick.kind === 'valid' || isImpossible(history, quick.violation.operations, model, initial);
}

/** Whether some of the operations of a history are impossible by themselves. */
export function isImpossible<S>(history: ObjectHistory, operations: readonly number[], model: Model<S>, initial?: unknown): boolean {
  const [part] = objectsOf(tableOf(operations.map((op) => operationOf(history, op))), 'judge', []);
  return part !== undefined && !linearizable(part, model, initial);
}
