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
import { UniqueChecker } from './unique.js';

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

/** Where a search found that no order goes on, and how many completions there are in all. */
export interface Ending {
  readonly stuck: Stuck;
  readonly completions: number;
}

/** Data of a violation whose operations are known: they are shown, and if it is known where the order of the whole object ends, what leads there. */
export function explainedByOperations(object: ObjectHistory, context: Context, message: string, core: readonly Operation[], budget: Budget, ending?: Ending): Explained {
  const shown = new Shown(object, core);
  const before = ending === undefined ? {} : endOf(ending, shown);
  const operations = shown.list;
  const without = core.length > MOST_WITHOUT ? [] : core.flatMap((left) => ordersAlone(core.filter((other) => other !== left), left, object, context, budget));
  const possible = new Set(without.map(({ operation }) => operation));
  return {
    ...(object.key === undefined ? {} : { key: object.key }),
    model: context.model.name,
    message,
    operations: operations.map(explainedOperation),
    hidden: Math.max(0, object.size - operations.length),
    core: core.map(({ invoke }) => invoke.index),
    minimal: core.every((left) => possible.has(left.invoke.index) || isEssential(left, core.filter((other) => other !== left), object, context)),
    ...before,
    without,
  };
}

/** Whether the rest is possible without an operation, or makes no sense, as that gave what the rest saw: what is seen stays with who made it. */
function isEssential({ invoke, completion }: Operation, rest: readonly Operation[], object: ObjectHistory, context: Context): boolean {
  const op = { f: invoke.f, argument: invoke.value, known: completion?.type === 'ok', result: completion?.value };
  const kind = violationAlone(rest, object, context);
  return kind === undefined || (context.model.observes?.(op) !== true && SOURCELESS.test(kind));
}

/** Kinds of violations that say that nobody made what somebody saw. */
const SOURCELESS = /^(never|phantom|wrong-answer)/;

/** The kind of the violation of operations as a history of their own; undefined if there is none. */
function violationAlone(rest: readonly Operation[], object: ObjectHistory, { model, initial }: Context): string | undefined {
  const table = tableOf(rest);
  const [alone] = objectsOf(table, object.results, ignoredResults(model, object.results));
  if (alone === undefined) return undefined;
  if (model.register !== undefined) {
    const found = new UniqueChecker(model, initial, table.names, table.values).check(alone);
    return found.kind === 'invalid' ? found.fault.kind : found.kind === 'valid' ? undefined : found.kind;
  }
  const found = model.quick?.(alone, initial);
  return found?.kind === 'invalid' ? found.violation.kind : found?.kind === 'valid' ? undefined : 'not-applicable';
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
  const shown = new Shown(history, named);
  const before = endOf({ stuck, completions }, shown);
  const without = core === undefined ? [] : core.operations.slice(0, MOST_WITHOUT).flatMap((left) => {
    const found = orderWithout(classified, context, stuck, core, left, budget);
    return found === undefined ? [] : [{ operation: shown.id(left), order: found.map((step) => shown.step(step)) }];
  });
  return {
    ...(history.key === undefined ? {} : { key: history.key }),
    model: context.model.name,
    message,
    operations: shown.list.map(explainedOperation),
    hidden: history.size - shown.list.length,
    core: (core?.operations ?? [stuck.op]).map((op) => shown.id(op)),
    minimal: core?.minimal ?? false,
    ...before,
    without,
  };
}

/** The operations of an object that are shown. */
class Shown {
  readonly #history: ObjectHistory;
  readonly #chosen: Map<number, Operation>;

  constructor(history: ObjectHistory, named: readonly Operation[]) {
    this.#history = history;
    this.#chosen = new Map(named.map((operation) => [operation.invoke.index, operation]));
  }

  get list(): readonly Operation[] {
    return [...this.#chosen.values()].sort((a, b) => a.invoke.index - b.invoke.index);
  }

  id(op: number): number {
    const { table, row } = this.#history;
    return table.invoked[row[op] as number] as number;
  }

  show(op: number): void {
    if (!this.#chosen.has(this.id(op))) this.#chosen.set(this.id(op), operationOf(this.#history, op));
  }

  step({ op, state }: { readonly op: number; readonly state: string }): ExplainedStep {
    this.show(op);
    return { operation: this.id(op), state };
  }

  /** The operations invoked last before an order ends. */
  around(stuck: Stuck): void {
    for (const op of around(this.#history, stuck)) this.show(op);
  }
}

function endOf({ stuck, completions }: Ending, shown: Shown): Required<Pick<Explained, 'blocked' | 'prefix'>> {
  const order = stuck.order.map((step) => shown.step(step));
  shown.around(stuck);
  return { blocked: shown.id(stuck.op), prefix: { completions: stuck.steps, of: completions, order, states: stuck.states } };
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
