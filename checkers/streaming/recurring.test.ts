import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../../src/index.js';
import { checkOperations, modelOf } from '../linearizable/index.js';
import { historyOf, operationsOf, registerMachine, type Machine } from '../testing/arbitrary.js';
import { streamingMonitor } from './index.js';

const MODEL = modelOf('cas-register');

/** A register whose values come back after a while: by then most have been forgotten, some crashed or are open. */
function recurring(period: number): Machine<unknown> {
  const unique = registerMachine('unique');
  const fold = (value: unknown): unknown => (typeof value === 'number' ? value % period : value);
  return {
    ...unique,
    draw: (serial) => unique.draw(serial).map(({ f, value }) => ({ f, value: Array.isArray(value) ? value.map(fold) : fold(value) })),
    edit: (draft, salt) => fold(unique.edit(draft, salt)),
  };
}

function validUpTo(ops: readonly Op[]): boolean {
  return checkOperations(operationsOf(ops), MODEL, { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 29 }).valid === true;
}

describe('values that are written again', () => {
  it.each([6, 12, 20, 30])('are other values once they were forgotten: period %d', { timeout: 120_000 }, (period) => {
    const histories = historyOf(recurring(period), { maxOps: 80, processes: 4, edited: true, spread: 2 });
    let kept = 0;
    fc.assert(
      fc.property(histories, (ops) => {
        const monitor = streamingMonitor(MODEL);
        const at = ops.findIndex((op) => monitor.observe(op) !== undefined);
        if (at >= 0) {
          expect(validUpTo(ops.slice(0, at))).toBe(true);
          expect(validUpTo(ops.slice(0, at + 1))).toBe(false);
          return;
        }
        if (monitor.watching.givenUp > 0) return;
        kept++;
        expect(validUpTo(ops)).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(kept).toBeGreaterThan(0);
  });
});
