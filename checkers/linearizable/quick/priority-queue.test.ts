import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf } from '../../testing/arbitrary.js';
import { agrees } from '../../testing/brute-lifo.js';
import { anyHistory, historyColumns, priorityQueueMachine } from '../../testing/stack-machines.js';
import { priorityQueue } from '../models/priority-queue.js';
import { quickPriorityQueue } from './priority-queue.js';

const NUMBERS = [5, 2, 4, 1, 3, 8, 0, 6];
const PAIRS = [[1, 'a'], [0, 'b'], [2, 'c'], [1, 'd'], [0, 'e'], [2, 'f'], [1, 'g'], [0, 'h']];
const ARBITRARIES = [
  ['edited, of numbers', historyOf(priorityQueueMachine('numbers'), { maxOps: 8, processes: 5, edited: true })],
  ['edited, wide, of pairs', historyOf(priorityQueueMachine('pairs', 2), { maxOps: 8, processes: 8, edited: true, spread: 6 })],
  ['unedited', historyOf(priorityQueueMachine('pairs'), { maxOps: 8, processes: 5, edited: false, spread: 5 })],
  ['drawn without a queue, of numbers', anyHistory('insert', 'extract-min', NUMBERS, { maxOps: 8, open: false })],
  ['drawn without a queue, of pairs', anyHistory('insert', 'extract-min', PAIRS, { maxOps: 8, open: false })],
  ['drawn without a queue, of numbers, with unknown outcomes', anyHistory('insert', 'extract-min', NUMBERS, { maxOps: 8, open: true })],
  ['drawn without a queue, of pairs, with unknown outcomes', anyHistory('insert', 'extract-min', PAIRS, { maxOps: 8, open: true })],
] as const;

/** Histories of each kind; set from outside for a long run, which prints what was decided. */
const RUNS = Number(process.env['QUICK_RUNS'] ?? 3000);

describe.each(ARBITRARIES)('a priority queue, histories %s', (name, arbitrary) => {
  it('is decided as brute force does, mostly without a search', () => {
    const counts = { valid: 0, invalid: 0, 'not-applicable': 0 };
    fc.assert(
      fc.property(arbitrary, name === 'unedited' ? fc.constant(undefined) : fc.constantFrom(undefined, undefined, [3.5], [4.5, [1, 'x']]), (ops, initial) => {
        const history = historyColumns(ops);
        const quick = quickPriorityQueue(history, initial);
        counts[quick.kind]++;
        expect(agrees(history, priorityQueue, quick, initial)).not.toBe(false);
      }),
      { numRuns: RUNS },
    );
    if (RUNS > 3000) process.stdout.write(`priority-queue, ${name}: ${JSON.stringify(counts)}\n`);
    expect(counts['not-applicable']).toBeLessThan(RUNS / 4);
    expect(counts.valid).toBeGreaterThan(RUNS / 10);
    if (name !== 'unedited') expect(counts.invalid).toBeGreaterThan(RUNS / 10);
    else expect(counts.invalid).toBe(0);
  }, 3_600_000);
});
