import type { Operation } from '../../src/index.js';
import type { ModelOp } from '../linearizable/model.js';
import type { AnyModel } from '../linearizable/models/index.js';

interface Step {
  readonly op: ModelOp;
  readonly required: boolean;
  readonly inv: number;
  readonly ret: number;
}

/**
 * The definition of linearizability, tried out: every subset of the indeterminate operations, every order that real time allows. For
 * histories of up to nine operations or so. Shares nothing with the checkers but the model.
 * Operations that are not `required` may be left out even if they succeeded. `results`: judge them even if all of them are echoes.
 */
export function bruteForce(operations: readonly Operation[], model: AnyModel, initial?: unknown, required: (operation: Operation) => boolean = () => true, results?: 'judge'): boolean {
  const answered = operations.filter(({ invoke, completion }) => completion?.type === 'ok' && model.echoes?.includes(invoke.f) === true);
  const echo = results !== 'judge' && answered.every(({ invoke, completion }) => JSON.stringify(invoke.value) === JSON.stringify(completion?.value));
  const steps = operations.flatMap((operation): readonly Step[] => {
    const { invoke, completion } = operation;
    if (completion?.type === 'fail') return [];
    const known = completion?.type === 'ok';
    const judged = known && !(echo && model.echoes?.includes(invoke.f) === true);
    const op: ModelOp = { f: invoke.f, argument: invoke.value, known, result: judged ? completion.value : undefined };
    return [{ op, required: known && required(operation), inv: invoke.index, ret: known ? completion.index : Infinity }];
  });
  return extend(steps.filter(({ op }) => op.known || model.observes?.(op) !== true), model, model.init(initial));
}

function extend(left: readonly Step[], model: AnyModel, state: unknown): boolean {
  if (!left.some(({ required }) => required)) return true;
  return left.some((step) => {
    if (left.some((other) => other.ret < step.inv && other.required)) return false;
    const next = model.step(state, step.op);
    // What ended before this began can only be left out from here on.
    return next !== undefined && extend(left.filter((other) => other !== step && other.ret > step.inv), model, next);
  });
}
