import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, type Machine } from '../testing/arbitrary.js';
import { bagMachine, fencedMachine, idMachine, memberSetMachine, mutexMachine, ownerMachine, queueMachine, readSetMachine, txnMachine, wildHistoryOf } from '../testing/machines.js';
import { firstInvalid, reported } from '../testing/prefixes.js';
import { priorityQueueMachine, stackMachine } from '../testing/stack-machines.js';

/** Models with their machines; the last column: whether the effect of an operation is known before its answer, so that a key is given up only for too many configurations. */
const MACHINES: readonly (readonly [string, string, unknown, boolean])[] = [
  ['fifo-queue', 'unique elements', queueMachine('unique'), true],
  ['fifo-queue', 'repeated elements', queueMachine('repeated'), true],
  ['unordered-queue', 'unique elements', bagMachine('unique'), false],
  ['set', 'whole reads', readSetMachine, true],
  ['set', 'questions', memberSetMachine, true],
  ['mutex', 'anybody', mutexMachine, true],
  ['owner-mutex', 'owners', ownerMachine, true],
  ['fenced-mutex', 'tokens', fencedMachine('either'), false],
  ['unique-ids', 'numbers', idMachine, false],
  ['multi-register', 'two registers', txnMachine, true],
  ['stack', 'numbers', stackMachine(), true],
  ['priority-queue', 'pairs', priorityQueueMachine('pairs'), false],
];

describe.each(MACHINES)('watching a %s, %s', (model, _kind, of, foreseen) => {
  const machine = of as Machine<never>;

  it('reports at the very event that makes the prefix impossible, unless it gave the key up', { timeout: 120_000 }, () => {
    const histories = fc.oneof(historyOf(machine, { maxOps: 8, processes: 4, edited: true }), wildHistoryOf(machine, { maxOps: 8, processes: 4 }));
    let kept = 0;
    fc.assert(
      fc.property(histories, (ops) => {
        const { at, givenUp } = reported(ops, model);
        kept += givenUp === 0 ? 1 : 0;
        if (givenUp > 0) expect(at).toBe(-1);
        else expect(at).toBe(firstInvalid(ops, model));
      }),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(foreseen ? 270 : 0);
  });

  it('never blames a correct system', { timeout: 120_000 }, () => {
    const valid = historyOf(machine, { maxOps: 20, processes: 5, edited: false, spread: 5 });
    fc.assert(fc.property(valid, (ops) => reported(ops, model).at === -1), { numRuns: 60 });
  });
});
