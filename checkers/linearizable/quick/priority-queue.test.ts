import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf } from '../../testing/arbitrary.js';
import { agrees, isImpossible } from '../../testing/brute-lifo.js';
import { anyHistory, historyColumns, priorityQueueMachine } from '../../testing/stack-machines.js';
import { script } from '../../testing/script.js';
import { priorityQueue } from '../models/priority-queue.js';
import { quickPriorityQueue } from './priority-queue.js';

const NUMBERS = [5, 2, 4, 1, 3, 8, 0, 6, 9, 7];
const PAIRS = [[1, 'a'], [0, 'b'], [2, 'c'], [1, 'd'], [0, 'e'], [2, 'f'], [1, 'g'], [0, 'h'], [1, 'i'], [2, 'j']];
const ARBITRARIES = [
  ['edited, of numbers', historyOf(priorityQueueMachine('numbers'), { maxOps: 10, processes: 5, edited: true })],
  ['edited, wide, of pairs', historyOf(priorityQueueMachine('pairs', 2), { maxOps: 12, processes: 8, edited: true, spread: 6 })],
  ['unedited', historyOf(priorityQueueMachine('pairs'), { maxOps: 8, processes: 5, edited: false, spread: 5 })],
  ['drawn without a queue, of numbers', anyHistory('insert', 'extract-min', NUMBERS, { maxOps: 10, open: false })],
  ['drawn without a queue, of pairs', anyHistory('insert', 'extract-min', PAIRS, { maxOps: 10, open: false })],
  ['drawn without a queue, of numbers, with unknown outcomes', anyHistory('insert', 'extract-min', NUMBERS, { maxOps: 10, open: true })],
  ['drawn without a queue, of pairs, with unknown outcomes', anyHistory('insert', 'extract-min', PAIRS, { maxOps: 10, open: true })],
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
    expect(counts['not-applicable']).toBeLessThan(RUNS / 20);
    expect(counts.valid).toBeGreaterThan(RUNS / 10);
    if (name !== 'unedited') expect(counts.invalid).toBeGreaterThan(RUNS / 10);
    else expect(counts.invalid).toBe(0);
  }, 3_600_000);
});

describe('a long history of a priority queue', () => {
  it.each(['numbers', 'pairs'] as const)('is never blamed if it is right: %s', (elements) => {
    fc.assert(
      fc.property(historyOf(priorityQueueMachine(elements), { maxOps: 150, processes: 12, edited: false, spread: 12 }), (ops) => {
        expect(quickPriorityQueue(historyColumns(ops), undefined).kind).not.toBe('invalid');
      }),
      { numRuns: 300 },
    );
  });

  it('is blamed for operations that are impossible by themselves', () => {
    let few = 0;
    fc.assert(
      fc.property(historyOf(priorityQueueMachine('pairs'), { maxOps: 60, processes: 6, edited: true, spread: 4 }), (ops) => {
        const history = historyColumns(ops);
        const quick = quickPriorityQueue(history, undefined);
        if (quick.kind !== 'invalid' || quick.violation.operations.length > 12) return;
        few++;
        expect(isImpossible(history, quick.violation.operations, priorityQueue)).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(few).toBeGreaterThan(300);
  });
});

describe('what is impossible of a priority queue', () => {
  const [one, two] = ['0 insert [1,"a"]', '0 insert [2,"b"]'];
  it.each([
    ['never-inserted', 1, ['0 extract-min', '0 ok 7']],
    ['extracted-too-early', 2, ['0 extract-min', '0 ok 7', '0 insert 7', '0 ok 7']],
    ['extracted-twice', 3, ['0 insert 7', '0 ok 7', '0 extract-min', '1 extract-min', '0 ok 7', '1 ok 7']],
    ['not-empty', 2, [one, '0 ok', '0 extract-min', '0 ok']],
    ['not-least', 4, [one, '0 ok', two, '0 ok', '0 extract-min', '0 ok [2,"b"]', '0 extract-min', '0 ok [1,"a"]']],
    ['lost-element', 3, [one, '0 ok', two, '0 ok', '0 extract-min', '0 ok [2,"b"]']],
    // One after the other two smaller elements are there all the time.
    ['not-least', 6, ['0 insert 3', '0 ok', '0 insert 1', '0 ok', '1 extract-min', '0 insert 2', '0 ok', '0 extract-min', '0 ok 1', '1 ok 3', '0 extract-min', '0 ok 2']],
  ])('is %s, by %d operations', (kind, size, lines) => {
    const quick = quickPriorityQueue(historyColumns(script(...lines)), undefined);
    if (quick.kind !== 'invalid') expect.fail(quick.kind);
    expect([quick.violation.kind, quick.violation.operations.length]).toEqual([kind, size]);
    expect(quick.violation.message).toMatch(/^\S.*\.$/);
  });

  it.each([
    ['an element is inserted twice', ['0 insert 7', '0 ok', '0 insert 7', '0 ok']],
    ['an element has no priority', ['0 insert "x"', '0 ok']],
  ])('is not said if %s', (_, lines) => {
    expect(quickPriorityQueue(historyColumns(script(...lines)), undefined).kind).toBe('not-applicable');
  });

  it('is no order of equal priorities', () => {
    expect(quickPriorityQueue(historyColumns(script('0 insert [1,"a"]', '0 ok', '0 insert [1,"b"]', '0 ok', '0 extract-min', '0 ok [1,"b"]', '0 extract-min', '0 ok [1,"a"]')), undefined).kind).toBe('valid');
  });
});
