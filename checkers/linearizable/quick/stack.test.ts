import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf } from '../../testing/arbitrary.js';
import { agrees } from '../../testing/brute-lifo.js';
import { anyHistory, historyColumns, stackMachine } from '../../testing/stack-machines.js';
import { stack } from '../models/stack.js';
import { quickStack } from './stack.js';

const ELEMENTS = [1, 2, 3, 4, 5, 6, 7, 8];
const ARBITRARIES = [
  ['edited', historyOf(stackMachine(), { maxOps: 8, processes: 5, edited: true })],
  ['edited, wide', historyOf(stackMachine(2), { maxOps: 8, processes: 8, edited: true, spread: 6 })],
  ['unedited', historyOf(stackMachine(), { maxOps: 8, processes: 5, edited: false, spread: 5 })],
  ['drawn without a stack', anyHistory('push', 'pop', ELEMENTS, { maxOps: 8, open: false })],
  ['drawn without a stack, with unknown outcomes', anyHistory('push', 'pop', ELEMENTS, { maxOps: 8, open: true })],
] as const;

/** Histories of each kind; set from outside for a long run, which prints what was decided. */
const RUNS = Number(process.env['QUICK_RUNS'] ?? 3000);

describe.each(ARBITRARIES)('a stack, histories %s', (name, arbitrary) => {
  it('is decided as brute force does, mostly without a search', () => {
    const counts = { valid: 0, invalid: 0, 'not-applicable': 0 };
    fc.assert(
      fc.property(arbitrary, name === 'unedited' ? fc.constant(undefined) : fc.constantFrom(undefined, undefined, [9], [7, 8]), (ops, initial) => {
        const history = historyColumns(ops);
        const quick = quickStack(history, initial);
        counts[quick.kind]++;
        expect(agrees(history, stack, quick, initial)).not.toBe(false);
      }),
      { numRuns: RUNS },
    );
    if (RUNS > 3000) process.stdout.write(`stack, ${name}: ${JSON.stringify(counts)}\n`);
    expect(counts['not-applicable']).toBeLessThan(RUNS / 4);
    expect(counts.valid).toBeGreaterThan(RUNS / 10);
    if (name !== 'unedited') expect(counts.invalid).toBeGreaterThan(RUNS / 10);
    else expect(counts.invalid).toBe(0);
  }, 3_600_000);
});
