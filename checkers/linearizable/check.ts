import { mergeVerdicts, type Anomaly, type CheckResult, type Key, type Operation, type Verdict } from '../../src/index.js';
import { budgetOf, expired, type Budget } from '../shared/budget.js';
import { count, listOf, showOperation } from '../shared/words.js';
import { coreOf } from './core.js';
import { entriesOf, resultsOf, type Entry, type Results } from './entries.js';
import { explainSearch } from './explain-search.js';
import { explainUnique, type Explanation } from './explain-unique.js';
import { modelOf, type AnyModel } from './models/index.js';
import { prune } from './prune.js';
import { search, type SearchResult } from './search.js';
import { layOut } from './timeline.js';
import { checkUnique } from './unique.js';

/** Limits and conventions of a check. */
export interface CheckOptions {
  /** State of an object that nothing was done to; undefined: the model's own. */
  readonly initial?: unknown;
  readonly timeLimitMs: number;
  readonly memoryLimitBytes: number;
  /** `search` leaves out the near-linear algorithm, for comparison. Default: auto. */
  readonly algorithm?: 'auto' | 'search';
  /** How the `ok` values of additions and appends are taken; default: found out from the operations. */
  readonly results?: Results;
}

/** What was found for one key, as data for results.json. */
export interface KeyFinding {
  readonly key?: Key;
  readonly valid: Verdict;
  readonly algorithm: 'unique' | 'search';
  readonly operations: number;
  /** Configurations that a search visited. */
  readonly visited?: number;
  /** Of an invalid key: operations that are impossible together, as events in order. */
  readonly counterexample?: readonly Operation[];
  /** Of a search: completions that could be put in order, of how many, and what was possible then. */
  readonly prefix?: { readonly completions: number; readonly of: number; readonly states?: readonly string[]; readonly lastMoves?: readonly string[] };
}

/** Milliseconds spent at most on making a counterexample of one key small, and for how many keys that is done. */
const SHRINK_MS = 4000;
const SHRUNK_KEYS = 5;

interface Judged {
  readonly finding: KeyFinding;
  readonly anomaly?: Anomaly;
  /** Why it is unknown. */
  readonly limit?: string;
}

interface Part {
  readonly key: Key | undefined;
  readonly operations: readonly Operation[];
  readonly entries: readonly Entry[];
}

/**
 * Judges operations against a model, each key on its own (Herlihy & Wing: linearizability is local). A key with unique written values
 * goes to the near-linear algorithm, any other to the search, the small ones first.
 * Throws FaultlineError (usage) for an unknown model and for operations that the model does not know.
 */
export function checkOperations(operations: readonly Operation[], model: string | AnyModel, options: CheckOptions): CheckResult {
  const chosen = modelOf(model);
  const budget = budgetOf(options);
  const results = options.results ?? resultsOf(operations, chosen);
  const parts = partsOf(operations).map((part) => ({ ...part, entries: entriesOf(part.operations, chosen, results) }));
  const judged: Judged[] = [];
  const hard: Part[] = [];
  for (const part of parts) {
    const quick = options.algorithm === 'search' ? undefined : judgeUnique(part, chosen, options.initial);
    if (quick === undefined) hard.push(part);
    else judged.push(quick);
  }
  hard.sort((a, b) => a.entries.length - b.entries.length);
  for (const part of hard) {
    const shrink = judged.filter(({ finding }) => finding.algorithm === 'search' && finding.valid === false).length < SHRUNK_KEYS;
    judged.push(judgeBySearch(part, chosen, options.initial, budget, shrink));
  }
  return resultOf(judged, chosen, operations.length);
}

function partsOf(operations: readonly Operation[]): readonly Omit<Part, 'entries'>[] {
  const byKey = new Map<Key | undefined, Operation[]>();
  for (const operation of operations) {
    const list = byKey.get(operation.invoke.key);
    if (list === undefined) byKey.set(operation.invoke.key, [operation]);
    else list.push(operation);
  }
  return [...byKey].map(([key, list]) => ({ key, operations: list }));
}

function judgeUnique(part: Part, model: AnyModel, initial: unknown): Judged | undefined {
  const result = checkUnique(part.entries, model, initial);
  if (result.kind === 'not-applicable') return undefined;
  const base = { ...keyed(part.key), algorithm: 'unique' as const, operations: part.operations.length };
  if (result.kind === 'valid') return { finding: { ...base, valid: true } };
  const explanation = explainUnique(result.fault, result.proof, part.operations);
  return { finding: { ...base, valid: false, counterexample: explanation.operations }, anomaly: anomalyOf(explanation, part.key) };
}

function judgeBySearch(part: Part, model: AnyModel, initial: unknown, budget: Budget, shrink: boolean): Judged {
  const base = { ...keyed(part.key), algorithm: 'search' as const, operations: part.operations.length };
  if (expired(budget)) return { finding: { ...base, valid: 'unknown', visited: 0 }, limit: `${inKey(part.key)}not begun within ${budget.timeMs / 1000} s` };
  const entries = prune(part.entries, model);
  const timeline = layOut(entries, model);
  const result = search(timeline, model, initial, budget);
  const found = { ...base, visited: result.visited };
  if (result.kind === 'valid') return { finding: { ...found, valid: true } };
  if (result.kind === 'unknown') {
    return { finding: { ...found, valid: 'unknown', prefix: { completions: result.steps, of: result.totalSteps } }, limit: limitInWords(part.key, result, budget) };
  }
  const { stuck } = result;
  const core = shrink ? coreOf(entries, model, initial, stuck, budget, SHRINK_MS) : undefined;
  const explanation = explainSearch(entries, model, stuck, core);
  const lastMoves = stuck.path.map((i) => showOperation((entries[i] as Entry).operation));
  const prefix = { completions: stuck.steps, of: timeline.returns.length, states: stuck.states, lastMoves };
  return { finding: { ...found, valid: false, counterexample: explanation.operations, prefix }, anomaly: anomalyOf(explanation, part.key) };
}

function limitInWords(key: Key | undefined, result: Extract<SearchResult, { kind: 'unknown' }>, budget: Budget): string {
  const limit = result.limit === 'time' ? `the time limit of ${budget.timeMs / 1000} s` : `the memory limit of ${Math.round(budget.memoryBytes / 2 ** 20)} MiB`;
  return `${inKey(key)}${limit} was hit with ${result.steps.toLocaleString('en-US')} of ${count(result.totalSteps, 'completion')} in order, after ${count(result.visited, 'configuration')}`;
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

function anomalyOf(explanation: Explanation, key: Key | undefined): Anomaly {
  return { ...explanation.anomaly, ...keyed(key) };
}

function keyed(key: Key | undefined): { readonly key?: Key } {
  return key === undefined ? {} : { key };
}

function inKey(key: Key | undefined): string {
  return key === undefined ? '' : `key ${key}: `;
}
