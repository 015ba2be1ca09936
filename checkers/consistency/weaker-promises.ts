import type { Clock, Operation, Verdict } from '../../src/index.js';
import { budgetOf, type Budget } from '../shared/budget.js';
import { listOf } from '../shared/words.js';
import { GUARANTEES, LEVELS, type Guarantee, type Level, type LevelResult } from './levels.js';
import { cacheLevel, cacheOfKeys, guaranteeLevel } from './per-key.js';
import { sequential } from './sequential.js';
import { stepsOf } from './steps.js';

/** Conventions and limits of the judgement of weaker promises. */
export interface PromiseOptions {
  /** State of a key that was never written; default: null. */
  readonly initial?: unknown;
  /** Milliseconds. */
  readonly timeLimitMs: number;
  /** Bytes; default: 512 MiB. */
  readonly memoryLimitBytes?: number;
  /** The verdict on linearizability, if it is known: true implies all that is judged here. */
  readonly linearizable?: Verdict;
  readonly clock?: Clock;
}

/** The strongest promise that certainly holds. A list: only these session guarantees do, perhaps none. */
export type Strongest = 'linearizable' | 'sequential' | 'cache' | 'all-session-guarantees' | readonly Guarantee[];

/** What was found for all levels. */
export interface WeakerPromises {
  readonly strongest: Strongest;
  /** Levels that could not be decided, strongest first: what is stronger than `strongest` and not listed here is violated. */
  readonly undecided: readonly Level[];
  /** One line. */
  readonly summary: string;
  readonly levels: Readonly<Record<Level, LevelResult>>;
}

const MEMORY_BYTES = 2 ** 29;

/**
 * Which promises weaker than linearizability a history of registers (read, write, cas) keeps. Sequential implies cache consistency, and that implies the
 * session guarantees, which are independent of each other. Throws FaultlineError `model-operation` (usage) for operations that are none of a register.
 */
export function weakerPromises(operations: readonly Operation[], options: PromiseOptions): WeakerPromises {
  const levels = options.linearizable === true ? implied('linearizable', LEVELS) : judgeAll(operations, options);
  const undecided = LEVELS.filter((level) => levels[level].valid === 'unknown');
  const strongest = strongestOf(levels, options.linearizable);
  return { strongest, undecided, summary: inWords(strongest, undecided), levels };
}

/** Judges one level only. */
export function judgeLevel(level: Level, operations: readonly Operation[], options: PromiseOptions): LevelResult {
  if (options.linearizable === true) return implied('linearizable', [level])[level];
  const history = stepsOf(operations, options.initial);
  const budget = budgetFor(options);
  if (level === 'sequential') return sequential(history, budget);
  const keys = cacheOfKeys(history, budget);
  return level === 'cache' ? cacheLevel(keys) : guaranteeLevel(level, history, keys);
}

function judgeAll(operations: readonly Operation[], options: PromiseOptions): Readonly<Record<Level, LevelResult>> {
  const history = stepsOf(operations, options.initial);
  const budget = budgetFor(options);
  // Where values repeat, keys are searched one by one. Half of the time is kept for that.
  const searches = history.registers.some(({ repeated }) => repeated !== undefined);
  const first = searches ? budgetFor({ ...options, timeLimitMs: options.timeLimitMs / 2 }) : budget;
  const whole = sequential(history, first);
  if (whole.valid === true) return { sequential: whole, ...implied('sequential', ['cache', ...GUARANTEES]) };
  const keys = cacheOfKeys(history, budget);
  const cache = cacheLevel(keys);
  const found: LevelResult = whole.valid === 'unknown' && cache.valid === false ? { ...whole, valid: false, summary: 'not sequentially consistent, as not cache consistent', anomalies: cache.anomalies } : whole;
  if (cache.valid === true) return { sequential: found, cache, ...implied('cache', GUARANTEES) };
  const guarantees = Object.fromEntries(GUARANTEES.map((guarantee) => [guarantee, guaranteeLevel(guarantee, history, keys)])) as Record<Guarantee, LevelResult>;
  return { sequential: found, cache, ...guarantees };
}

function budgetFor({ timeLimitMs, memoryLimitBytes = MEMORY_BYTES, clock }: PromiseOptions): Budget {
  return budgetOf({ timeLimitMs, memoryLimitBytes }, clock);
}

function implied<L extends Level>(by: string, levels: readonly L[]): Readonly<Record<L, LevelResult>> {
  const result: LevelResult = { valid: true, summary: `holds, as the history is ${by === 'linearizable' ? by : `${by === 'sequential' ? 'sequentially' : 'cache'} consistent`}`, anomalies: [] };
  return Object.fromEntries(levels.map((level) => [level, result])) as Record<L, LevelResult>;
}

function strongestOf(levels: Readonly<Record<Level, LevelResult>>, linearizable: Verdict | undefined): Strongest {
  if (linearizable === true) return 'linearizable';
  if (levels.sequential.valid === true) return 'sequential';
  if (levels.cache.valid === true) return 'cache';
  const held = GUARANTEES.filter((guarantee) => levels[guarantee].valid === true);
  return held.length === GUARANTEES.length ? 'all-session-guarantees' : held;
}

function inWords(strongest: Strongest, undecided: readonly Level[]): string {
  const open = undecided.length === 0 ? '' : `; undecided: ${listOf(undecided)}`;
  if (strongest === 'linearizable') return 'linearizable, which implies every weaker promise';
  if (strongest === 'sequential') return `sequentially consistent${open}`;
  if (strongest === 'cache') return `cache consistent: each key alone is sequentially consistent${open}`;
  if (strongest === 'all-session-guarantees') return `all session guarantees hold, and nothing stronger is known to${open}`;
  return strongest.length === 0 ? `no promise is known to hold${open}` : `only ${listOf(strongest)}${open}`;
}
