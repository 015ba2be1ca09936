import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../../src/index.js';
import { modelOf } from '../linearizable/index.js';
import { counterMachine, historyOf, listMachine, operationsOf, registerMachine, type Machine } from '../testing/arbitrary.js';
import { bruteForce } from '../testing/brute-force.js';
import { firstInvalid, reported } from '../testing/prefixes.js';

const MACHINES = [
  ['cas-register', 'unique values', registerMachine('unique')],
  ['cas-register', 'repeated values', registerMachine('small')],
  ['append-list', 'unique elements', listMachine],
  ['counter', 'positive amounts', counterMachine(fc.integer({ min: 1, max: 3 }))],
  ['counter', 'amounts of both signs', counterMachine(fc.integer({ min: -2, max: 2 }))],
] as const;

/** Nine operations that are all open at once make more configurations than a monitor holds by default. */
const PLENTY = 1 << 20;

/** Nine additions, open at once for the most part. */
const CROWDED: readonly Op[] = (
  [
    [1, 'invoke', -2], [3, 'invoke', 0], [100, 'invoke', 1], [101, 'invoke', -2], [102, 'invoke', 2], [1, 'info', -2], [0, 'invoke', 1], [103, 'invoke', 1],
    [104, 'invoke', 0], [100, 'ok', 1], [103, 'info', 1], [101, 'ok', -1], [0, 'ok', 0], [2, 'invoke', -1], [104, 'ok', -1], [2, 'ok', 1],
  ] as const
).map(([process, type, value], index) => ({ index, time: index, process, type, f: 'add', value }));

/** Several histories at once, each on a key and with processes of its own. */
function interleaved(histories: readonly (readonly Op[])[], order: readonly number[]): readonly Op[] {
  const next = histories.map(() => 0);
  const ops: Op[] = [];
  const take = (of: number): void => {
    const op = histories[of]?.[next[of] ?? 0];
    if (op === undefined) return;
    next[of] = (next[of] ?? 0) + 1;
    ops.push({ ...op, key: `k${of}`, process: 1000 * of + Number(op.process), index: ops.length, time: ops.length });
  };
  for (const of of order) take(of % histories.length);
  for (const [of, history] of histories.entries()) for (const _ of history) take(of);
  return ops;
}

describe.each(MACHINES)('watching a %s, %s', (model, _kind, machine) => {
  const opaque = machine as Machine<unknown>;

  it('reports at the very event that makes the prefix impossible', { timeout: 120_000 }, () => {
    const edited = historyOf(opaque, { maxOps: 9, processes: 4, edited: true });
    fc.assert(
      fc.property(edited, (ops) => {
        expect(reported(ops, model, PLENTY)).toEqual({ at: firstInvalid(ops, model), givenUp: 0 });
      }),
      { numRuns: 1200 },
    );
  });

  it('agrees with brute force', () => {
    const edited = historyOf(opaque, { maxOps: 7, processes: 4, edited: true });
    fc.assert(
      fc.property(edited, (ops) => {
        expect(reported(ops, model).at < 0).toBe(bruteForce(operationsOf(ops), modelOf(model)));
      }),
      { numRuns: 600 },
    );
  });

  it('reports at the very event in long histories, unless it gave the key up', { timeout: 120_000 }, () => {
    const edited = historyOf(opaque, { maxOps: 60, processes: 5, edited: true, spread: 4 });
    fc.assert(
      fc.property(edited, (ops) => {
        const { at, givenUp } = reported(ops, model);
        if (givenUp > 0) expect(at).toBe(-1);
        else expect(at).toBe(firstInvalid(ops, model));
      }),
      { numRuns: 100 },
    );
  });

  it('never blames a correct system', { timeout: 120_000 }, () => {
    const valid = historyOf(opaque, { maxOps: 40, processes: 8, edited: false, spread: 6 });
    fc.assert(fc.property(valid, (ops) => reported(ops, model).at === -1), { numRuns: 200 });
  });

  it('keeps keys apart', { timeout: 120_000 }, () => {
    const keys = fc.array(historyOf(opaque, { maxOps: 6, processes: 3, edited: true }), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(keys, fc.array(fc.nat()), (histories, order) => {
        const ops = interleaved(histories, order);
        expect(reported(ops, model, PLENTY)).toEqual({ at: firstInvalid(ops, model), givenUp: 0 });
      }),
      { numRuns: 300 },
    );
  });
});

it('gives a crowded key up past its limit, and follows it with a higher one', () => {
  expect(reported(CROWDED, 'counter')).toEqual({ at: -1, givenUp: 1 });
  expect(reported(CROWDED, 'counter', PLENTY)).toEqual({ at: firstInvalid(CROWDED, 'counter'), givenUp: 0 });
});
