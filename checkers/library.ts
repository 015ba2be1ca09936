/**
 * The checkers as a library: `import { checkLinearizable, registerModel } from 'faultline/checkers'`. It starts no process, reads no file, and loads no
 * npm package. docs/library.md teaches it by examples.
 */
import { FaultlineError, tableOf, type Anomaly, type Verdict } from '../src/index.js';
import { judgeLevel, PROMISES, type Level } from './consistency/index.js';
import { acceptHistory, type Accepted, type GivenHistory } from './library/given-history.js';
import { assertModel } from './library/define-model.js';
import { checkTable, type CheckOptions, type KeyFinding } from './linearizable/check.js';
import type { Explained } from './linearizable/explanation.js';
import { modelOf, type AnyModel } from './linearizable/models/index.js';
import { checkInParallel } from './linearizable/parallel.js';

export { FaultlineError, type Anomaly, type Key, type Operation, type OpType, type Verdict } from '../src/index.js';
export { PROMISES, type Level } from './consistency/index.js';
export type { Explained, ExplainedOperation, ExplainedStep } from './linearizable/explanation.js';
export type { Model, ModelOp } from './linearizable/model.js';
export { models, type AnyModel } from './linearizable/models/index.js';
export { defineModel, type ModelByAnswers, type ModelBySteps } from './library/define-model.js';
export type { GivenHistory, HistoryEvent, HistoryOperation } from './library/given-history.js';
export { Recorder, type Recorded } from './library/recorder.js';
export type { KeyFinding };

/** Conventions and limits of a check. */
export interface LibraryOptions {
  /** State of an object that nothing was done to. Default: the model's own. */
  readonly initial?: unknown;
  /** Milliseconds; then the verdict is unknown. Default: 60,000. */
  readonly timeLimitMs?: number;
  /** Bytes; then the verdict is unknown. Default: 2 GiB. */
  readonly memoryLimitBytes?: number;
  /** False: only the verdict is wanted, no explanation of an invalid history. Default: true. */
  readonly explain?: boolean;
}

/** An anomaly with its place in the given history. */
export interface LocatedAnomaly extends Anomaly {
  /** Positions in the given array of what contradicts itself. */
  readonly at: readonly number[];
}

/** What was found. `true` and `false` are theorems about the history; `unknown`: a limit was hit. */
export interface Result {
  readonly valid: Verdict;
  /** One line. */
  readonly summary: string;
  readonly anomalies: readonly LocatedAnomaly[];
}

/** What was found on linearizability. */
export interface LinearizabilityResult extends Result {
  /** For each key that is not linearizable, as far as time allowed: why, as data to be drawn. */
  readonly explained: readonly Explained[];
  /** For each key that is not linearizable, or undecided: how it was judged, and a small counterexample. */
  readonly findings: readonly KeyFinding[];
}

const LIMITS = { timeLimitMs: 60_000, memoryLimitBytes: 2 ** 31 };

/**
 * Judges whether a history is linearizable as a model: whether every operation can have taken effect at one instant between its invocation and its completion,
 * each key on its own. `model`: an exported model, its name, or one's own. Throws FaultlineError (usage) for a history that is none, an operation that the model
 * does not know, or an unknown model.
 *
 * @example
 * checkLinearizable([
 *   { f: 'write', value: 1, start: 0, end: 1 },
 *   { f: 'read', result: 0, start: 2, end: 3 },
 * ], registerModel, { initial: 0 }).valid; // false
 */
export function checkLinearizable(history: GivenHistory, model: string | AnyModel, options: LibraryOptions = {}): LinearizabilityResult {
  const { given, chosen, limits } = accepted(history, model, options);
  return linearizabilityResult(checkTable(tableOf(given.operations), chosen, limits), given);
}

/** The same on all cores: worth it for long histories of many keys, and models of ours. */
export async function checkLinearizableParallel(history: GivenHistory, model: string | AnyModel, options: LibraryOptions = {}): Promise<LinearizabilityResult> {
  const { given, chosen, limits } = accepted(history, model, options);
  const table = tableOf(given.operations);
  return linearizabilityResult((await checkInParallel(table, chosen, limits)) ?? checkTable(table, chosen, limits), given);
}

/**
 * Judges a promise weaker than linearizability, for registers with read, write and cas: see PROMISES. Sessions are processes.
 * Throws FaultlineError (usage) as checkLinearizable does, for an unknown level, and for a history without processes.
 */
export function checkPromise(level: Level, history: GivenHistory, options: LibraryOptions = {}): Result {
  if (!Object.hasOwn(PROMISES, level)) throw new FaultlineError('unknown-level', `there is no promise "${String(level)}"`, { kind: 'usage', hint: `Known are: ${Object.keys(PROMISES).join(', ')}.` });
  const given = acceptHistory(history);
  if (!given.hasProcesses) throw new FaultlineError('history-input', 'operation 0: it has no process, and a weaker promise is made to sessions', { kind: 'usage', hint: 'Give every operation the process that it belongs to.' });
  const { valid, summary, anomalies } = judgeLevel(level, given.operations, { ...LIMITS, ...limitsOf(options) });
  return { valid, summary, anomalies: located(anomalies, given) };
}

function accepted(history: GivenHistory, model: string | AnyModel, options: LibraryOptions): { readonly given: Accepted; readonly chosen: AnyModel; readonly limits: CheckOptions } {
  const chosen = typeof model === 'string' ? modelOf(model) : assertModel(Object(model) as AnyModel);
  const limits = { ...LIMITS, ...limitsOf(options) };
  const given = acceptHistory(history);
  const strange = given.operations.find(({ invoke }) => !Object.hasOwn(chosen.operations, invoke.f));
  if (strange === undefined) return { given, chosen, limits };
  const known = Object.entries(chosen.operations).map(([f, shape]) => `${f} (${shape})`).join('; ');
  throw new FaultlineError('model-operation', `${given.noun} ${given.at([strange.invoke.index])[0]}: the model ${chosen.name} has no operation ${JSON.stringify(strange.invoke.f)}`, { kind: 'usage', hint: `It knows ${known}.` });
}

function limitsOf(options: LibraryOptions): Partial<CheckOptions> {
  const { initial, timeLimitMs, memoryLimitBytes, explain } = options;
  for (const [name, limit] of Object.entries({ timeLimitMs, memoryLimitBytes })) {
    if (limit !== undefined && !(limit > 0)) throw new FaultlineError('bad-option', `${name}: expected a number above 0, found ${String(limit)}`, { kind: 'usage', hint: 'Leave it out for the default.' });
  }
  return { ...(initial === undefined ? {} : { initial }), ...(timeLimitMs === undefined ? {} : { timeLimitMs }), ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }), ...(explain === undefined ? {} : { explain }) };
}

function linearizabilityResult({ valid, summary, anomalies, details }: ReturnType<typeof checkTable>, given: Accepted): LinearizabilityResult {
  const findings = (details?.findings ?? []) as readonly KeyFinding[];
  return { valid, summary, anomalies: located(anomalies, given), explained: findings.flatMap(({ explained }) => explained ?? []), findings };
}

function located(anomalies: readonly Anomaly[], given: Accepted): readonly LocatedAnomaly[] {
  return anomalies.map((anomaly) => ({ ...anomaly, at: given.at(anomaly.ops) }));
}

/** A register: the last value written is read. `read`, `write`. */
export const registerModel: AnyModel = modelOf('register');
/** A register with compare-and-set. `read`, `write`, `cas` of [from, to]. */
export const casRegisterModel: AnyModel = modelOf('cas-register');
/** Registers that transactions read and write at once. `txn`. */
export const multiRegisterModel: AnyModel = modelOf('multi-register');
/** Lists that transactions append to and read at once. `txn`. */
export const listAppendModel: AnyModel = modelOf('list-append');
/** A string. `get`, `put`, `append`. */
export const appendStringModel: AnyModel = modelOf('append-string');
/** A key-value store of strings. `get`, `put`, `append`, each with its key as the key of the operation. */
export const kvModel: AnyModel = modelOf('kv');
/** A list. `append`, `read` of the whole. */
export const appendListModel: AnyModel = modelOf('append-list');
/** A set. `add`, `remove`, `contains`, `read` of the whole. */
export const setModel: AnyModel = modelOf('set');
/** A counter. `add` of a number, `read`. */
export const counterModel: AnyModel = modelOf('counter');
/** A counter that only grows. `add`, `read`. */
export const growOnlyCounterModel: AnyModel = modelOf('grow-only-counter');
/** A queue, first in, first out. `enqueue`, `dequeue`; null: it was empty. */
export const fifoQueueModel: AnyModel = modelOf('fifo-queue');
/** A bag: a queue in any order. `enqueue`, `dequeue`; null: it was empty. */
export const unorderedQueueModel: AnyModel = modelOf('unordered-queue');
/** A priority queue. `insert`, `extract-min`; null: it was empty. */
export const priorityQueueModel: AnyModel = modelOf('priority-queue');
/** A stack. `push`, `pop`; null: it was empty. */
export const stackModel: AnyModel = modelOf('stack');
/** A lock that anybody may release. `acquire`, `release`. */
export const mutexModel: AnyModel = modelOf('mutex');
/** A lock that its owner releases. `acquire`, `release` of an owner. */
export const ownerMutexModel: AnyModel = modelOf('owner-mutex');
/** A lock with fencing tokens. `acquire`, which answers the token; `release` of a token. */
export const fencedMutexModel: AnyModel = modelOf('fenced-mutex');
/** A generator of identifiers, no two alike. `generate`. */
export const uniqueIdsModel: AnyModel = modelOf('unique-ids');
/** An object that is decided once: proposals that are all told the decision. */
export const consensusModel: AnyModel = modelOf('consensus');
