import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../../src/index.js';
import { historyOf, operationsOf, registerMachine } from '../testing/arbitrary.js';
import { budgetOf, type Budget } from '../shared/budget.js';
import { blocksOf } from './blocks.js';
import { demandGraph } from './demands.js';
import { judgeLevel, LEVELS, weakerPromises, type Level } from './index.js';
import { GUARANTEES } from './levels.js';
import { guaranteeFault } from './session-guarantees.js';
import { saturate } from './saturate.js';
import { stepsOf, type Steps } from './steps.js';
import { oracle } from './testing/oracle.js';
import { findWitness } from './witness.js';
import { litmusHistories, weakHistories } from './testing/machines.js';

const LIMITS = { timeLimitMs: 20_000 };
const unique = weakHistories({ maxOps: 7, processes: 3, keys: 2, values: 'unique', edited: true });
const narrow = weakHistories({ minOps: 4, maxOps: 8, processes: 3, keys: 1, values: 'unique', edited: true });
const budget = (): Budget => budgetOf({ ...LIMITS, memoryLimitBytes: 2 ** 28 });
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

describe('sequential, where single keys are sound', () => {
  const litmus = litmusHistories({ minOps: 9, maxOps: 12, processes: 5, keys: 2 });
  const replicas = weakHistories({ minOps: 8, maxOps: 10, processes: 3, keys: 2, values: 'unique', edited: false, faults: false, weakness: { fallsBack: false, catchesUp: true } });
  it.each([
    ['reads of any value', litmus, 20],
    ['replicas that lag', replicas, 20],
  ])('agrees with the definition: %s', (_, histories, enough) => {
    let contradictions = 0;
    fc.assert(
      fc.property(histories, (ops) => {
        const operations = operationsOf(ops);
        const { valid } = judgeLevel('sequential', operations, LIMITS);
        expect(valid).toBe(oracle('sequential', operations));
        if (valid === false && judgeLevel('cache', operations, LIMITS).valid === true) contradictions++;
      }),
      { numRuns: 2000 },
    );
    expect(contradictions).toBeGreaterThan(enough);
  });

  it('is decided alike by the search alone, and with all demands drawn first', () => {
    fc.assert(
      fc.property(litmus, (ops) => {
        const history = stepsOf(operationsOf(ops), null);
        const blocks = blocksOf(history);
        const alone = findWitness(demandGraph(history, blocks), history, blocks, budget());
        const graph = demandGraph(history, blocks);
        saturate(graph, history, blocks, budget(), Infinity);
        const cycle = graph.cycle();
        expect(alone.kind).toBe(cycle === undefined ? findWitness(graph, history, blocks, budget()).kind : 'invalid');
        if (alone.kind === 'valid') expectLegal(alone.order, history);
      }),
      { numRuns: 2000 },
    );
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

/** Replays an order: every step finds the value it needs, and no session is turned round. */
function expectLegal(order: readonly number[], { steps, registers }: Steps): void {
  const values = registers.map(({ versions }) => versions[0]);
  const last = new Map<number, number>();
  for (const id of order) {
    const { register, needs, makes, session, certain } = steps[id] as Steps['steps'][number];
    if (needs >= 0) expect(values[register]).toBe(needs);
    if (makes >= 0) values[register] = makes;
    expect(id).toBeGreaterThan(last.get(session) ?? -1);
    if (certain) last.set(session, id);
  }
  expect(new Set(order).size).toBe(steps.length);
}
