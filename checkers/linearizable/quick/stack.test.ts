import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf } from '../../testing/arbitrary.js';
import { agrees, isImpossible } from '../../testing/brute-lifo.js';
import { anyHistory, historyColumns, stackMachine } from '../../testing/stack-machines.js';
import { script } from '../../testing/script.js';
import { stack } from '../models/stack.js';
import { quickStack } from './stack.js';

const ELEMENTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const ARBITRARIES = [
  ['edited', historyOf(stackMachine(), { maxOps: 10, processes: 5, edited: true })],
  ['edited, wide', historyOf(stackMachine(2), { maxOps: 12, processes: 8, edited: true, spread: 6 })],
  ['unedited', historyOf(stackMachine(), { maxOps: 8, processes: 5, edited: false, spread: 5 })],
  ['drawn without a stack', anyHistory('push', 'pop', ELEMENTS, { maxOps: 10, open: false })],
  ['drawn without a stack, with unknown outcomes', anyHistory('push', 'pop', ELEMENTS, { maxOps: 10, open: true })],
] as const;

/** Histories of each kind; set from outside for a long run, which prints what was decided. */
const RUNS = Number(process.env['QUICK_RUNS'] ?? 3000);

describe.each(ARBITRARIES)('a stack, histories %s', (name, arbitrary) => {
  it('is decided as brute force does, mostly without a search', () => {
    const counts = { valid: 0, invalid: 0, 'not-applicable': 0 };
    fc.assert(
      fc.property(arbitrary, name === 'unedited' ? fc.constant(undefined) : fc.constantFrom(undefined, undefined, [20], [21, 22]), (ops, initial) => {
        const history = historyColumns(ops);
        const quick = quickStack(history, initial);
        counts[quick.kind]++;
        expect(agrees(history, stack, quick, initial)).not.toBe(false);
      }),
      { numRuns: RUNS },
    );
    if (RUNS > 3000) process.stdout.write(`stack, ${name}: ${JSON.stringify(counts)}\n`);
    expect(counts['not-applicable']).toBeLessThan(RUNS / 20);
    expect(counts.valid).toBeGreaterThan(RUNS / 10);
    if (name !== 'unedited') expect(counts.invalid).toBeGreaterThan(RUNS / 10);
    else expect(counts.invalid).toBe(0);
  }, 3_600_000);
});

describe('a long history of a stack', () => {
  it.each([['push', 1], ['push and pop twice as often', 2]])('is never blamed if it is right, and decided: %s', (_, pops) => {
    fc.assert(
      fc.property(historyOf(stackMachine(pops), { maxOps: 150, processes: 12, edited: false, spread: 12 }), (ops) => {
        expect(quickStack(historyColumns(ops), undefined).kind).not.toBe('invalid');
      }),
      { numRuns: 300 },
    );
  });

  it('is blamed for operations that are impossible by themselves', () => {
    let few = 0;
    fc.assert(
      fc.property(historyOf(stackMachine(), { maxOps: 60, processes: 6, edited: true, spread: 4 }), (ops) => {
        const history = historyColumns(ops);
        const quick = quickStack(history, undefined);
        if (quick.kind !== 'invalid' || quick.violation.operations.length > 12) return;
        few++;
        expect(isImpossible(history, quick.violation.operations, stack)).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(few).toBeGreaterThan(300);
  });
});

describe('what is impossible of a stack', () => {
  it.each([
    ['never-pushed', 1, ['0 pop', '0 ok 7']],
    ['popped-too-early', 2, ['0 pop', '0 ok 7', '0 push 7', '0 ok 7']],
    ['popped-twice', 3, ['0 push 7', '0 ok 7', '0 pop', '1 pop', '0 ok 7', '1 ok 7']],
    ['not-empty', 3, ['0 push 7', '0 ok 7', '1 pop', '1 ok', '0 pop', '0 ok 7']],
    ['out-of-order', 4, ['0 push 1', '0 ok', '0 push 2', '0 ok', '0 push 3', '0 ok', '0 pop', '0 ok 3', '0 pop', '0 ok 1', '0 pop', '0 ok 2']],
    ['lost-element', 3, ['0 push 1', '0 ok', '0 push 2', '0 ok', '0 pop', '0 ok 1']],
    // One pop of unknown outcome may have taken one of them.
    ['lost-element', 5, ['0 push 1', '0 ok', '0 push 2', '0 ok', '1 pop', '0 push 3', '0 ok', '0 pop', '0 ok 1']],
    // Three of which any two are possible: 1 and 3 are both below 2, and 1 is below 3, but is popped first.
    ['out-of-order', 6, ['0 push 1', '0 ok', '3 push 3', '2 push 2', '2 ok', '0 pop', '3 ok', '2 pop', '0 ok 1', '2 ok 2', '3 pop', '3 ok 3']],
  ])('is %s, by %d operations', (kind, size, lines) => {
    const quick = quickStack(historyColumns(script(...lines)), undefined);
    if (quick.kind !== 'invalid') expect.fail(quick.kind);
    expect([quick.violation.kind, quick.violation.operations.length]).toEqual([kind, size]);
    expect(quick.violation.message).toMatch(/^\S.*\.$/);
  });

  it.each([
    ['an element is pushed twice', ['0 push 7', '0 ok', '0 push 7', '0 ok']],
    ['null is pushed', ['0 push null', '0 ok']],
  ])('is not said if %s', (_, lines) => {
    expect(quickStack(historyColumns(script(...lines)), undefined).kind).toBe('not-applicable');
  });

  it('does not count what may not have happened', () => {
    expect(quickStack(historyColumns(script('0 push 1', '0 info', '1 pop', '1 ok', '2 push 2', '2 ok', '3 pop', '1 pop', '1 ok')), undefined).kind).toBe('valid');
    expect(quickStack(historyColumns(script('0 push 1', '0 info', '1 pop', '1 ok', '1 pop', '1 ok 1')), undefined).kind).toBe('valid');
  });
});
