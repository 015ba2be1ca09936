import { mergeVerdicts, type Anomaly, type Verdict } from '../../src/index.js';
import { atMost, remainingMs, type Budget } from '../shared/budget.js';
import { count, listOf } from '../shared/words.js';
import { blocksOf, fromNowhere, valueFaults } from './blocks.js';
import { cacheFault } from './cache.js';
import type { Guarantee, LevelResult } from './levels.js';
import { sequential } from './sequential.js';
import { guaranteeFault } from './session-guarantees.js';
import { stepsOf, type Register, type Steps } from './steps.js';

/** What was found for one key. */
export interface KeyResult {
  readonly register: Register;
  readonly valid: Verdict;
  readonly anomalies: readonly Anomaly[];
  /** Why it is unknown. */
  readonly why?: string;
}

/** Judges cache consistency of every key: exactly and at once where values are unique, by search, one key after the other, where they repeat. */
export function cacheOfKeys(history: Steps, budget: Budget): readonly KeyResult[] {
  const faults = history.registers.map((register) => valueFaults(history, register));
  const sound = faults.every((found) => found.length === 0) ? history : without(history, (i) => (faults[i] ?? []).length > 0);
  const blocks = blocksOf(sound);
  const found = history.registers.map((register, i): KeyResult | undefined => {
    const wrong = faults[i] ?? [];
    if (wrong.length > 0) return { register, valid: false, anomalies: wrong };
    if (register.repeated !== undefined) return undefined;
    const fault = cacheFault(history, register, blocks);
    return { register, valid: fault === undefined, anomalies: fault === undefined ? [] : [fault] };
  });
  let searches = found.filter((result) => result === undefined).length;
  return found.map((result, i) => result ?? bySearch(history, history.registers[i] as Register, atMost(budget, remainingMs(budget) / searches--)));
}

/** The keys together, as the result of the level. */
export function cacheLevel(keys: readonly KeyResult[]): LevelResult {
  return levelOf(keys, 'cache consistent');
}

/** Judges a session guarantee on every key. Where values repeat it is only known if the key is cache consistent, which implies it, or a value came from nowhere. */
export function guaranteeLevel(guarantee: Guarantee, history: Steps, cache: readonly KeyResult[]): LevelResult {
  const keys = cache.map((coherent): KeyResult => {
    const { register } = coherent;
    if (coherent.valid === true) return { register, valid: true, anomalies: [] };
    const fault = register.repeated === undefined ? guaranteeFault(guarantee, history, register) : fromNowhere(history, register);
    if (fault !== undefined) return { register, valid: false, anomalies: [fault] };
    if (register.repeated === undefined) return { register, valid: true, anomalies: [] };
    return { register, valid: 'unknown', anomalies: [], why: `not applicable, as ${register.repeated}` };
  });
  return levelOf(keys, guarantee);
}

function bySearch(history: Steps, register: Register, budget: Budget): KeyResult {
  const operations = register.steps.map((id) => (history.steps[id] as Steps['steps'][number]).operation);
  const [root] = register.versions;
  const alone = stepsOf(operations, history.versions[root as number]?.value);
  const { valid, anomalies, summary } = sequential(alone, { ...budget, timeMs: remainingMs(budget) });
  const keyed = anomalies.map((anomaly) => (register.key === undefined ? anomaly : { ...anomaly, key: register.key }));
  return { register, valid, anomalies: keyed, ...(valid === 'unknown' ? { why: `${register.repeated}; ${summary}` } : {}) };
}

/** Registers at fault count as ones whose values tell nothing. */
function without(history: Steps, faulty: (register: number) => boolean): Steps {
  return { ...history, registers: history.registers.map((register, i) => (faulty(i) ? { ...register, repeated: 'faulty' } : register)) };
}

function levelOf(keys: readonly KeyResult[], name: string): LevelResult {
  const valid = mergeVerdicts(keys.map((key) => key.valid));
  const bad = keys.filter((key) => key.valid === false);
  const named = ({ register }: KeyResult): string => (register.key === undefined ? 'the register' : `key ${register.key}`);
  const open = keys.flatMap((key) => (key.why === undefined ? [] : [`${named(key)}: ${key.why}`]));
  const summary =
    valid === true ? `${name} (${count(keys.length, 'key')})`
    : valid === false ? `not ${name}: ${bad.length > 3 ? `${bad.length} of ${count(keys.length, 'key')}` : listOf(bad.map(named))}`
    : `undecided: ${listOf(open, 3)}`;
  return {
    valid,
    summary,
    anomalies: bad.flatMap(({ anomalies }) => anomalies),
    detail: { keys: keys.length, violated: bad.length, undecided: open.length },
  };
}
