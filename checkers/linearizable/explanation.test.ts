import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, listMachine, operationsOf, registerMachine, type Machine } from '../testing/arbitrary.js';
import { bruteForce } from '../testing/brute-force.js';
import { queueMachine } from '../testing/machines.js';
import { script } from '../testing/script.js';
import { stackMachine } from '../testing/stack-machines.js';
import { checkOperations, type KeyFinding } from './check.js';
import type { Explained } from './explanation.js';
import { modelOf } from './models/index.js';
import type { Op, Operation } from '../../src/index.js';

const LIMITS = { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 29 };

function explainedOf(ops: readonly Op[], model: string): Explained | undefined {
  const { details } = checkOperations(operationsOf(ops), model, { ...LIMITS, results: 'judge' });
  return (details?.findings as readonly KeyFinding[])[0]?.explained;
}

/** Whether what was invoked up to an event, of which the rest answered later what it did, allows all that had completed until then. */
function possibleUntil(operations: readonly Operation[], end: number, model: ReturnType<typeof modelOf>): boolean {
  return bruteForce(operations.filter(({ invoke }) => invoke.index <= end), model, undefined, ({ completion }) => (completion?.index ?? Infinity) <= end, 'judge');
}

const MACHINES: readonly (readonly [string, string, unknown])[] = [
  ['cas-register', 'unique values', registerMachine('unique')],
  ['cas-register', 'repeated values', registerMachine('small')],
  ['append-list', 'unique elements', listMachine],
  ['fifo-queue', 'unique elements', queueMachine('unique')],
  ['stack', 'unique elements', stackMachine()],
];

describe.each(MACHINES)('an explanation, %s of %s', (name, _, machine) => {
  const model = modelOf(name);
  const edited = historyOf(machine as Machine<never>, { maxOps: 9, processes: 5, edited: true });

  it('names operations that are impossible whatever the others did, mostly minimal, and where the order of all ends', () => {
    const seen = { invalid: 0, minimal: 0, ends: 0 };
    fc.assert(
      fc.property(edited, (ops) => {
        const operations = operationsOf(ops);
        const explained = explainedOf(ops, name);
        if (explained === undefined) return;
        seen.invalid++;
        if (explained.minimal) seen.minimal++;
        const core = new Set(explained.core);
        expect(bruteForce(operations, model, undefined, ({ invoke }) => core.has(invoke.index), 'judge')).toBe(false);
        // What makes a value stays with who saw it; a read is there only because without it the rest would be possible.
        const reads = explained.minimal ? operations.filter(({ invoke }) => core.has(invoke.index) && invoke.f === 'read') : [];
        for (const { invoke: left } of reads) expect(bruteForce(operations, model, undefined, ({ invoke }) => core.has(invoke.index) && invoke !== left, 'judge')).toBe(true);
        if (explained.prefix === undefined) return;
        seen.ends++;
        const end = explained.operations.find(({ id }) => id === explained.blocked)?.end ?? -1;
        // All that completed before the end is possible, and with the operation that ends there nothing is.
        expect(possibleUntil(operations, end - 1, model)).toBe(true);
        expect(possibleUntil(operations, end, model)).toBe(false);
      }),
      { numRuns: 2000 },
    );
    expect(seen.invalid).toBeGreaterThan(100);
    expect(seen.minimal).toBeGreaterThan(0.85 * seen.invalid);
    expect(seen.ends).toBeGreaterThan(0.5 * seen.invalid);
  });
});

describe('minimal', () => {
  it('is said of a read of what was overwritten, with the two writes', () => {
    const explained = explainedOf(script('0 write 1', '0 ok 1', '1 write 2', '1 ok 2', '2 read null', '2 ok 1'), 'register');
    expect(explained).toMatchObject({ minimal: true, core: [0, 2, 4], blocked: 4, prefix: { completions: 2, of: 3, states: ['2'] } });
  });
});
