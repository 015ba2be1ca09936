import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../../src/index.js';
import { historyOf, operationsOf, registerMachine } from '../testing/arbitrary.js';
import { judgeLevel, LEVELS, weakerPromises, type Level } from './index.js';
import { GUARANTEES } from './levels.js';
import { guaranteeFault } from './session-guarantees.js';
import { stepsOf } from './steps.js';
import { oracle } from './testing/oracle.js';
import { weakHistories } from './testing/machines.js';

const LIMITS = { timeLimitMs: 20_000 };
const unique = weakHistories({ maxOps: 7, processes: 3, keys: 2, values: 'unique', edited: true });
const narrow = weakHistories({ maxOps: 8, processes: 3, keys: 1, values: 'unique', edited: true });
const small = weakHistories({ maxOps: 6, processes: 3, keys: 2, values: 'small', edited: true });

function agree(histories: fc.Arbitrary<readonly Op[]>, level: Level, numRuns: number): { readonly valid: number; readonly invalid: number } {
  const seen = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(histories, (ops) => {
      const operations = operationsOf(ops);
      const expected = oracle(level, operations);
      const { valid, anomalies } = judgeLevel(level, operations, LIMITS);
      expect(valid).toBe(expected);
      expect(anomalies.length > 0).toBe(!expected);
      seen[expected ? 'valid' : 'invalid']++;
    }),
    { numRuns },
  );
  return seen;
}

describe.each(LEVELS)('%s', (level) => {
  it('agrees with the definition on two keys', () => {
    const { valid, invalid } = agree(unique, level, 3000);
    expect(valid).toBeGreaterThan(300);
    expect(invalid).toBeGreaterThan(150);
  });

  it('agrees with the definition on one key', () => {
    const { valid, invalid } = agree(narrow, level, 3000);
    expect(valid).toBeGreaterThan(300);
    expect(invalid).toBeGreaterThan(150);
  });
});

describe.each(['sequential', 'cache'] as const)('%s of values that repeat', (level) => {
  it('agrees with the definition', () => {
    const { valid, invalid } = agree(small, level, 2000);
    expect(valid).toBeGreaterThan(300);
    expect(invalid).toBeGreaterThan(150);
  });
});

describe('session guarantees', () => {
  it('are judged alike without the shortcut through cache consistency', () => {
    fc.assert(
      fc.property(narrow, (ops) => {
        const operations = operationsOf(ops);
        const history = stepsOf(operations, null);
        for (const guarantee of GUARANTEES) {
          expect(history.registers.every((register) => guaranteeFault(guarantee, history, register) === undefined)).toBe(oracle(guarantee, operations));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the levels', () => {
  it('are implied by stronger ones', () => {
    fc.assert(
      fc.property(fc.oneof(unique, small), (ops) => {
        const verdicts = LEVELS.map((level) => judgeLevel(level, operationsOf(ops), LIMITS).valid);
        const [sequential, cache, ...guarantees] = verdicts;
        if (sequential === true) expect(cache).toBe(true);
        if (cache === true) expect(guarantees).toEqual([true, true, true, true]);
      }),
      { numRuns: 2000 },
    );
  });

  it('together give what each gives alone', () => {
    fc.assert(
      fc.property(fc.oneof(unique, small), (ops) => {
        const { levels } = weakerPromises(operationsOf(ops), LIMITS);
        for (const level of LEVELS) expect(levels[level].valid).toBe(judgeLevel(level, operationsOf(ops), LIMITS).valid);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['unique', 'small'] as const)('hold in every linearizable history of %s values', (values) => {
    fc.assert(
      fc.property(historyOf(registerMachine(values), { maxOps: values === 'unique' ? 40 : 12, processes: 4, edited: false }), (ops) => {
        for (const level of LEVELS) expect(judgeLevel(level, operationsOf(ops), LIMITS).valid).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
