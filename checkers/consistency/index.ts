import { FaultlineError, type Checker } from '../../src/index.js';
import { LEVELS, PROMISES, type Level } from './levels.js';
import { judgeLevel } from './weaker-promises.js';

export { GUARANTEES, LEVELS, PROMISES, type Guarantee, type Level, type LevelResult } from './levels.js';
export { judgeLevel, weakerPromises, type PromiseOptions, type Strongest, type WeakerPromises } from './weaker-promises.js';

/** Options of the checker `consistency`. */
export interface ConsistencyOptions {
  readonly level: Level;
  /** State of a key that was never written; default: the context's, else null. */
  readonly init?: unknown;
}

/**
 * Judges a promise weaker than linearizability, for registers with read, write and cas. Throws FaultlineError `unknown-level` (usage).
 *
 * @example
 * checker: { checker: 'consistency', options: { level: 'sequential' } }
 */
export function consistency({ level, init }: ConsistencyOptions): Checker {
  if (!LEVELS.includes(level)) throw new FaultlineError('unknown-level', `there is no level of consistency "${String(level)}"`, { kind: 'usage', hint: `Known are: ${LEVELS.join(', ')}.` });
  return {
    name: `consistency/${level}`,
    description: PROMISES[level],
    judges: 'safety',
    check: async (history, context) => {
      const { valid, summary, anomalies, detail } = judgeLevel(level, history.clientOperations(), {
        initial: init === undefined ? context.initial : init,
        timeLimitMs: context.timeLimitMs,
        memoryLimitBytes: context.memoryLimitBytes,
      });
      return { valid, summary, anomalies, details: { level, ...detail } };
    },
  };
}
