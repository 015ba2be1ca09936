import { tableOf, type Key, type Operation } from '../../src/index.js';
import type { Budget } from '../shared/budget.js';
import { showCall } from '../shared/words.js';
import type { Core } from './core.js';
import { searchOf, type Context, type Stuck } from './decide.js';
import { ignoredResults } from './entries.js';
import { Kinds } from './kinds.js';
import { modelOp, objectsOf, operationOf, PENDING, type ObjectHistory } from './object-history.js';
import { orderOf } from './order.js';
import { States } from './states.js';
import { classify, type Classified } from './timeline.js';

/** Why a key is not linearizable, as data to be drawn: for results.json and the interactive view. */
export interface Explained {
  readonly key?: Key;
  readonly model: string;
  readonly message: string;
  /** What is shown: the operations at fault and those around them, in order of invocation. */
  readonly operations: readonly ExplainedOperation[];
  /** How many operations of the key are not shown. */
  readonly hidden: number;
  /** Ids of operations that are impossible together; whether each of them is needed for that. */
  readonly core: readonly number[];
  readonly minimal: boolean;
  /** The operation whose completion nothing can take; undefined if the order of a prefix was not looked for. */
  readonly blocked?: number;
  /** The end of one order of the longest linearizable prefix, and the states possible then. */
  readonly prefix?: { readonly completions: number; readonly of: number; readonly order: readonly ExplainedStep[]; readonly states: readonly string[] };
  /** For operations of the core: an order in which the rest of the core is possible. */
  readonly without: readonly { readonly operation: number; readonly order: readonly ExplainedStep[] }[];
}

/** An operation of an explanation. */
export interface ExplainedOperation {
  readonly id: number;
  readonly process: number;
  readonly node?: string;
  /** `read 7`, `write 9`, `cas 7 → 9`. */
  readonly call: string;
  /** Indices of its events. Without an end it may take effect at any time after its beginning, or never. */
  readonly begin: number;
  readonly end?: number;
  /** Nanoseconds. */
  readonly beginTime: number;
  readonly endTime?: number;
  /** `unknown`: nobody knows whether it took effect; `failed`: it certainly did not. */
  readonly outcome: 'ok' | 'unknown' | 'failed';
}

/** An operation in its place in an order, and the state after it. */
export interface ExplainedStep {
  readonly operation: number;
  readonly state: string;
}

/** Operations shown before the operation that is blocked, besides the core. */
const SHOWN = 40;
/** Configurations that the search for an order without one operation may visit. */
const PATIENCE = 20_000;
const MOST_WITHOUT = 12;

/** What is known of an operation of an explanation. */
export function explainedOperation(operation: Operation): ExplainedOperation {
  const { invoke, completion } = operation;
  const type = completion?.type;
  const ended = type === 'ok' || type === 'fail' ? completion : undefined;
  return {
    id: invoke.index,
    process: invoke.process as number,
    ...(invoke.node === undefined ? {} : { node: invoke.node }),
    call: showCall(operation),
    begin: invoke.index,
    beginTime: invoke.time,
    ...(ended === undefined ? {} : { end: ended.index, endTime: ended.time }),
    outcome: type === 'ok' ? 'ok' : type === 'fail' ? 'failed' : 'unknown',
  };
}

/** Data of a violation whose operations are known: nothing but them is shown. */
export function explainedByOperations(object: ObjectHistory, context: Context, message: string, operations: readonly Operation[], budget: Budget): Explained {
  return {
    ...(object.key === undefined ? {} : { key: object.key }),
    model: context.model.name,
    message,
    operations: operations.map(explainedOperation),
    hidden: Math.max(0, object.size - operations.length),
    core: operations.map(({ invoke }) => invoke.index),
    minimal: true,
    without: operations.length > MOST_WITHOUT ? [] : operations.flatMap((left) => ordersAlone(operations.filter((other) => other !== left), left, object, context, budget)),
  };
}

/** An order of a few operations as a history of their own; none if there is none, as is so where the one left out wrote what another one saw. */
function ordersAlone(rest: readonly Operation[], left: Operation, object: ObjectHistory, { model, initial }: Context, budget: Budget): Explained['without'] {
  const table = tableOf(rest);
  const [alone] = objectsOf(table, object.results, ignoredResults(model, object.results));
  if (alone === undefined) return [];
  const kinds = new Kinds(model, table.values);
  const context = { model, initial, kinds, states: new States(model, kinds) };
  const classified = classify(alone, kinds);
  const made = searchOf(classified, context, { begin: 0, end: alone.positions });
  if (made === undefined || made.search.run(budget, PATIENCE) !== 'valid') return [];
  const order = orderOf(made.search.way(), made.line, kinds, context.states, classified.kind);
  return [{ operation: left.invoke.index, order: order.map(({ op, state }) => ({ operation: table.invoked[alone.row[op] as number] as number, state: context.states.show(state) })) }];
}

/** Data of a violation that a search found. `named`: operations that the message names. */
export function explainedBySearch(classified: Classified, context: Context, stuck: Stuck, core: Core | undefined, named: readonly Operation[], completions: number, message: string, budget: Budget): Explained {
  const { history } = classified;
  const id = (op: number): number => history.table.invoked[history.row[op] as number] as number;
  const chosen = new Map<number, Operation>(named.map((operation) => [operation.invoke.index, operation]));
  const show = (op: number): void => {
    if (!chosen.has(id(op))) chosen.set(id(op), operationOf(history, op));
  };
  const step = ({ op, state }: { readonly op: number; readonly state: string }): ExplainedStep => {
    show(op);
    return { operation: id(op), state };
  };
  const order = stuck.order.map(step);
  for (const op of around(history, stuck)) show(op);
  const without = core === undefined ? [] : core.operations.slice(0, MOST_WITHOUT).flatMap((left) => {
    const found = orderWithout(classified, context, stuck, core, left, budget);
    return found === undefined ? [] : [{ operation: id(left), order: found.map(step) }];
  });
  return {
    ...(history.key === undefined ? {} : { key: history.key }),
    model: context.model.name,
    message,
    operations: [...chosen.values()].sort((a, b) => a.invoke.index - b.invoke.index).map(explainedOperation),
    hidden: history.size - chosen.size,
    core: (core?.operations ?? [stuck.op]).map(id),
    minimal: core?.minimal ?? false,
    blocked: id(stuck.op),
    prefix: { completions: stuck.steps, of: completions, order, states: stuck.states },
    without,
  };
}

/** The operations invoked last before the contradiction was complete. */
function around(history: ObjectHistory, stuck: Stuck): readonly number[] {
  const found: number[] = [];
  for (let position = stuck.end - 1; position >= 0 && found.length < SHOWN; position--) {
    const event = history.events[position] as number;
    if ((event & 1) === 0) found.push(event >> 1);
  }
  return found;
}

/** An order of the core without one of its operations, every other operation being optional. */
function orderWithout(classified: Classified, context: Context, stuck: Stuck, core: Core, left: number, budget: Budget): readonly { readonly op: number; readonly state: string }[] | undefined {
  const { history, kind } = classified;
  const released = new Uint8Array(history.size).fill(1);
  for (const op of core.operations) if (op !== left) released[op] = 0;
  const made = searchOf(classified, context, { begin: stuck.piece?.begin ?? 0, end: stuck.end, released });
  if (made === undefined || made.search.run(budget, PATIENCE) !== 'valid') return undefined;
  const order = orderOf(made.search.way(), made.line, context.kinds, context.states, kind);
  // Of the optional operations those that nothing came to rest on say nothing.
  const told = order.filter(({ op }, i) => released[op] === 0 || isNeeded(history, order, i, released));
  return told.map(({ op, state }) => ({ op, state: context.states.show(state) }));
}

function isNeeded(history: ObjectHistory, order: readonly { readonly op: number }[], at: number, released: Uint8Array): boolean {
  const next = order[at + 1];
  return next !== undefined && (released[next.op] === 0 || modelOp(history, next.op).f === 'cas' || history.ret[next.op] === PENDING);
}
