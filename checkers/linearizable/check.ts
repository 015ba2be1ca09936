import { mergeVerdicts, tableOf, type Anomaly, type CheckResult, type Key, type Operation, type OpTable, type Verdict } from '../../src/index.js';
import { atMost, budgetOf, expired, type Budget } from '../shared/budget.js';
import { count, eventsOf, grouped, listOf } from '../shared/words.js';
import { coreOf } from './core.js';
import { decide, type Context, type Decision, type Stuck } from './decide.js';
import { ignoredResults, resultsOf } from './entries.js';
import { explainSearch } from './explain-search.js';
import { explainUnique } from './explain-unique.js';
import { explainedByOperations, explainedBySearch, type Ending, type Explained } from './explanation.js';
import { Kinds } from './kinds.js';
import { modelOf, type AnyModel } from './models/index.js';
import { objectsOf, operationOf, type ObjectHistory, type Results, type Violation } from './object-history.js';
import { States } from './states.js';
import type { Classified } from './timeline.js';
import { UniqueChecker } from './unique.js';
import { assertOperations } from './validate.js';

/** Limits and conventions of a check. */
export interface CheckOptions {
  /** State of an object that nothing was done to; undefined: the model's own. */
  readonly initial?: unknown;
  readonly timeLimitMs: number;
  readonly memoryLimitBytes: number;
  /** `search` leaves out the near-linear algorithms, for comparison. Default: auto. */
  readonly algorithm?: 'auto' | 'search';
  /** False: only the verdict is wanted, without operations at fault or an explanation; an invalid history takes less time. */
  readonly explain?: boolean;
  /** How the `ok` values of additions and appends are taken; default: found out from the operations. */
  readonly results?: Results;
}

/** What was found for one key, as data for results.json. */
export interface KeyFinding {
  readonly key?: Key;
  readonly valid: Verdict;
  /** `unique`: register of unique values, linear; `quick`: the model's own near-linear algorithm. */
  readonly algorithm: 'unique' | 'quick' | 'search';
  readonly operations: number;
  /** Configurations that a search visited. */
  readonly visited?: number;
  /** Of an invalid key: operations that are impossible together, as events in order. */
  readonly counterexample?: readonly Operation[];
  /** Of a search: completions that could be put in order, of how many, and what was possible then. */
  readonly prefix?: { readonly completions: number; readonly of: number; readonly states?: readonly string[] };
  /** Of an invalid key: what can be drawn of it. */
  readonly explained?: Explained;
}

/** Milliseconds spent at most on making a counterexample of one key small, and for how many keys that is done. */
const SHRINK_MS = 4000;
const SHRUNK_KEYS = 5;
/** The same for finding where the order of a key ends that a near-linear algorithm found invalid, and operations that it may have. */
const ENDING_MS = 1000;
const MOST_FOR_ENDING = 50_000;

/** What was found for one key, in data and in words. */
export interface Judged {
  readonly finding: KeyFinding;
  readonly anomaly?: Anomaly;
  /** Why it is unknown. */
  readonly limit?: string;
}

/** The same as checkTable, for operations as objects. */
export function checkOperations(operations: readonly Operation[], model: string | AnyModel, options: CheckOptions): CheckResult {
  return checkTable(tableOf(operations), model, options);
}

/**
 * Judges a history against a model, each key on its own (Herlihy & Wing: linearizability is local). A key with unique written values
 * goes to the linear algorithm for registers or to the model's own, any other to the search, the small ones first.
 * Throws FaultlineError (usage) for an unknown model and for operations that the model does not know.
 */
export function checkTable(table: OpTable, model: string | AnyModel, options: CheckOptions): CheckResult {
  const parts = new Parts(table, modelOf(model), options);
  return parts.result(parts.hard.map((object) => parts.search(object)));
}

/**
 * The same, with the objects that need a search (by number, the small ones first) given to somebody else, who may come back to `here` for any of them.
 */
export async function checkParts(table: OpTable, model: AnyModel, options: CheckOptions, search: (hard: readonly number[], here: (object: number) => Judged) => Promise<readonly Judged[]>): Promise<CheckResult> {
  const parts = new Parts(table, model, options);
  return parts.result(await search(parts.hard, (object) => parts.search(object)));
}

/** The objects of a table: those that a linear algorithm decides, at once, and the others. */
class Parts {
  /** Numbers of the objects that need a search, the small ones first. */
  readonly hard: readonly number[];
  readonly #table: OpTable;
  readonly #model: AnyModel;
  readonly #objects: readonly ObjectHistory[];
  readonly #judge: Judge;
  readonly #quick: readonly Judged[];

  constructor(table: OpTable, model: AnyModel, options: CheckOptions) {
    this.#table = table;
    this.#model = model;
    const results = options.results ?? resultsOf(table, model);
    this.#objects = objectsOf(table, results, ignoredResults(model, results));
    this.#judge = new Judge(table, model, options, budgetOf(options));
    const quick: Judged[] = [];
    const hard: number[] = [];
    for (const [i, object] of this.#objects.entries()) {
      assertOperations(object, model);
      const judged = options.algorithm === 'search' ? undefined : this.#judge.quickly(object);
      if (judged === undefined) hard.push(i);
      else quick.push(judged);
    }
    this.#quick = quick;
    this.hard = hard.sort((a, b) => (this.#objects[a]?.size ?? 0) - (this.#objects[b]?.size ?? 0));
  }

  search(object: number): Judged {
    return this.#judge.bySearch(this.#objects[object] as ObjectHistory);
  }

  result(searched: readonly Judged[]): CheckResult {
    return resultOf([...this.#quick, ...searched], this.#model, this.#table.size);
  }
}

/** Judges the objects of one table, which share what was learnt of the model. */
export class Judge {
  readonly #model: AnyModel;
  readonly #budget: Budget;
  readonly #context: Context;
  readonly #unique: UniqueChecker | undefined;
  readonly #explains: boolean;
  #shrunk = 0;

  constructor(table: OpTable, model: AnyModel, { initial, explain = true }: CheckOptions, budget: Budget) {
    this.#explains = explain;
    this.#model = model;
    this.#budget = budget;
    const kinds = new Kinds(model, table.values);
    this.#context = { model, initial, kinds, states: new States(model, kinds) };
    if (model.register !== undefined) this.#unique = new UniqueChecker(model, initial, table.names, table.values);
  }

  quickly(object: ObjectHistory): Judged | undefined {
    const operations = object.size;
    if (this.#unique !== undefined) {
      const result = this.#unique.check(object);
      if (result.kind === 'not-applicable') return undefined;
      const base = { ...keyed(object.key), algorithm: 'unique' as const, operations };
      if (result.kind === 'valid' || !this.#explains) return { finding: { ...base, valid: result.kind === 'valid' } };
      const explanation = explainUnique(result.fault, this.#unique, object, this.#model.register ?? {});
      return this.#violated(object, base, explanation.anomaly, explanation.operations);
    }
    const result = this.#model.quick?.(object, this.#context.initial);
    if (result === undefined || result.kind === 'not-applicable') return undefined;
    const base = { ...keyed(object.key), algorithm: 'quick' as const, operations };
    return result.kind === 'valid' || !this.#explains ? { finding: { ...base, valid: result.kind === 'valid' } } : this.#violatedBy(object, base, result.violation);
  }

  #violatedBy(object: ObjectHistory, base: Omit<KeyFinding, 'valid'>, { kind, message, operations }: Violation): Judged {
    const counterexample = [...new Set(operations)].sort((a, b) => a - b).map((i) => operationOf(object, i));
    return this.#violated(object, base, { kind, message, ops: eventsOf(counterexample) }, counterexample);
  }

  #violated(object: ObjectHistory, base: Omit<KeyFinding, 'valid'>, anomaly: Omit<Anomaly, 'key'>, counterexample: readonly Operation[]): Judged {
    const explained = explainedByOperations(object, this.#context, anomaly.message, counterexample, this.#budget, this.#ending(object, counterexample));
    return { finding: { ...base, valid: false, counterexample, explained }, anomaly: { ...anomaly, ...keyed(object.key) } };
  }

  /**
   * Where no order of the whole object goes on, which a near-linear algorithm does not tell. Undefined if that would take long, or is elsewhere: there may be
   * several violations.
   */
  #ending(object: ObjectHistory, counterexample: readonly Operation[]): Ending | undefined {
    if (object.size > MOST_FOR_ENDING || this.#shrunk++ >= SHRUNK_KEYS) return undefined;
    const { decision } = decide(object, this.#context, atMost(this.#budget, ENDING_MS));
    if (decision.valid !== false) return undefined;
    const { stuck } = decision;
    if (stuck === undefined) return undefined;
    const last = Math.max(...counterexample.map(({ completion }) => (completion?.type === 'ok' ? completion.index : -1)));
    return operationOf(object, stuck.op).completion?.index === last ? { stuck, completions: decision.completions } : undefined;
  }

  bySearch(object: ObjectHistory): Judged {
    const base = { ...keyed(object.key), algorithm: 'search' as const, operations: object.size };
    const budget = this.#budget;
    if (expired(budget)) return { finding: { ...base, valid: 'unknown', visited: 0 }, limit: `${inKey(object.key)}not begun within ${budget.timeMs / 1000} s` };
    const { decision, classified } = decide(object, this.#context, budget, this.#explains);
    const found = { ...base, visited: decision.visited, valid: decision.valid };
    if (decision.valid === true) return { finding: found };
    if (decision.valid === 'unknown') return { finding: { ...found, prefix: { completions: decision.ordered, of: decision.completions } }, limit: limitInWords(object.key, decision, budget) };
    return decision.stuck === undefined ? { finding: found } : this.#explained(classified, decision, decision.stuck, found);
  }

  #explained(classified: Classified, decision: Decision & { readonly valid: false }, stuck: Stuck, found: KeyFinding): Judged {
    const { history } = classified;
    const core = this.#shrunk++ < SHRUNK_KEYS ? coreOf(classified, this.#context, stuck, this.#budget, SHRINK_MS) : undefined;
    const explanation = explainSearch(classified, decision, stuck, core);
    const prefix = { completions: decision.ordered, of: decision.completions, states: stuck.states };
    const { message } = explanation.anomaly;
    const explained = core === undefined ? undefined : explainedBySearch(classified, this.#context, stuck, core, explanation.operations, decision.completions, message, this.#budget);
    return {
      finding: { ...found, counterexample: explanation.operations, prefix, ...(explained === undefined ? {} : { explained }) },
      anomaly: { ...explanation.anomaly, ...keyed(history.key) },
    };
  }
}

function limitInWords(key: Key | undefined, decision: Extract<Decision, { valid: 'unknown' }>, budget: Budget): string {
  const limit = decision.limit === 'time' ? `the time limit of ${budget.timeMs / 1000} s` : `the memory limit of ${Math.round(budget.memoryBytes / 2 ** 20)} MiB`;
  return `${inKey(key)}${limit} was hit with ${grouped(decision.ordered)} of ${count(decision.completions, 'completion')} in order, after ${count(decision.visited, 'configuration')}`;
}

function resultOf(judged: readonly Judged[], model: AnyModel, operations: number): CheckResult {
  const valid = mergeVerdicts(judged.map(({ finding }) => finding.valid));
  const bad = judged.filter(({ finding }) => finding.valid === false);
  const limits = judged.flatMap(({ limit }) => limit ?? []);
  const scope = judged.length === 1 && judged[0]?.finding.key === undefined ? '' : `${count(judged.length, 'key')}, `;
  const size = `${scope}${count(operations, 'operation')}`;
  const summary =
    valid === true ? `linearizable as ${model.name} (${size})`
    : valid === 'unknown' ? `undecided: ${listOf(limits, 3)}`
    : `not linearizable as ${model.name}: ${bad.length === 1 ? badKey(bad) : `${bad.length} of ${count(judged.length, 'key')}`} (${size})`;
  const byAlgorithm = (algorithm: KeyFinding['algorithm']): number => judged.filter(({ finding }) => finding.algorithm === algorithm).length;
  return {
    valid,
    summary,
    anomalies: judged.flatMap(({ anomaly }) => anomaly ?? []).sort((a, b) => (a.ops.at(-1) ?? 0) - (b.ops.at(-1) ?? 0)),
    details: {
      model: model.name,
      operations,
      keys: judged.length,
      unique: byAlgorithm('unique'),
      quick: byAlgorithm('quick'),
      searched: byAlgorithm('search'),
      findings: judged.map(({ finding }) => finding).filter((finding) => finding.valid !== true),
      ...(limits.length === 0 ? {} : { limits }),
    },
  };
}

function badKey(bad: readonly Judged[]): string {
  const key = bad[0]?.finding.key;
  return key === undefined ? (bad[0]?.anomaly?.kind ?? '') : `key ${key}`;
}

function keyed(key: Key | undefined): { readonly key?: Key } {
  return key === undefined ? {} : { key };
}

function inKey(key: Key | undefined): string {
  return key === undefined ? '' : `key ${key}: `;
}
