import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, registerMachine, type Machine } from '../testing/arbitrary.js';
import { firstInvalid, reported } from '../testing/prefixes.js';

const MODEL = 'cas-register';

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

describe('values that are written again', () => {
  it.each([6, 12, 20, 30])('are other values once they were forgotten: period %d', { timeout: 120_000 }, (period) => {
    const histories = historyOf(recurring(period), { maxOps: 80, processes: 4, edited: true, spread: 2 });
    let kept = 0;
    fc.assert(
      fc.property(histories, (ops) => {
        const { at, givenUp } = reported(ops, MODEL);
        if (givenUp > 0) expect(at).toBe(-1);
        else expect(at).toBe(firstInvalid(ops, MODEL));
        kept += givenUp === 0 ? 1 : 0;
      }),
      { numRuns: 200 },
    );
    expect(kept).toBeGreaterThan(0);
  });
});
