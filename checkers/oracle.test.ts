import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../src/index.js';
import { checkOperations, modelOf, type KeyFinding } from './linearizable/index.js';
import { counterMachine, historyOf, listMachine, operationsOf, registerMachine, type Machine } from './testing/arbitrary.js';
import { bruteForce } from './testing/brute-force.js';
import { bagMachine, consensusMachine, fencedMachine, idMachine, listTxnMachine, memberSetMachine, mutexMachine, ownerMachine, queueMachine, readSetMachine, stringMachine, txnMachine, wildHistoryOf } from './testing/machines.js';
import { priorityQueueMachine, stackMachine } from './testing/stack-machines.js';

/** Generated histories that are judged in all; for a long run set ORACLE_HISTORIES. */
const HISTORIES = Number(process.env.ORACLE_HISTORIES ?? 100_000);
/** Histories judged together, as keys of one: that keys do not disturb each other is a part of what is tested. */
const KEYS = 25;
const LIMITS = { timeLimitMs: 60_000, memoryLimitBytes: 2 ** 29 };
const SIZES = [{ maxOps: 7, processes: 4 }, { maxOps: 9, processes: 3 }, { maxOps: 6, processes: 6, spread: 8 }] as const;

const CASES: readonly (readonly [string, string, unknown])[] = [
  ['register', 'unique values', withoutCas(registerMachine('unique'))],
  ['register', 'repeated values', withoutCas(registerMachine('small'))],
  ['cas-register', 'unique values', registerMachine('unique')],
  ['cas-register', 'repeated values', registerMachine('small')],
  ['append-string', 'two letters', stringMachine],
  ['kv', 'two letters', stringMachine],
  ['append-list', 'unique elements', listMachine],
  ['counter', 'amounts of both signs', counterMachine(fc.integer({ min: -2, max: 2 }))],
  ['grow-only-counter', 'small amounts', counterMachine(fc.nat({ max: 3 }))],
  ['fifo-queue', 'unique elements', queueMachine('unique')],
  ['fifo-queue', 'repeated elements', queueMachine('repeated')],
  ['unordered-queue', 'unique elements', bagMachine('unique')],
  ['unordered-queue', 'repeated elements', bagMachine('repeated')],
  ['stack', 'unique elements', stackMachine()],
  ['priority-queue', 'numbers', priorityQueueMachine('numbers')],
  ['priority-queue', 'pairs', priorityQueueMachine('pairs')],
  ['set', 'whole reads', readSetMachine],
  ['set', 'questions', memberSetMachine],
  ['mutex', 'anybody', mutexMachine],
  ['owner-mutex', 'owners', ownerMachine],
  ['fenced-mutex', 'tokens', fencedMachine('either')],
  ['unique-ids', 'numbers', idMachine],
  ['multi-register', 'two registers', txnMachine],
  ['consensus', 'few values', consensusMachine],
  ['list-append', 'two lists', listTxnMachine],
];

const EACH = Math.ceil(HISTORIES / CASES.length / 2 / KEYS);

describe.each(CASES)('against brute force over every order: %s, %s', (name, _, of) => {
  const model = modelOf(name);
  const machine = of as Machine<never>;
  const history = fc.oneof(...SIZES.flatMap((size) => [historyOf(machine, { ...size, edited: true }), wildHistoryOf(machine, size)]));

  it.each(['auto', 'search'] as const)('%s', (algorithm) => {
    const seen = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(fc.array(history, { minLength: KEYS, maxLength: KEYS, size: 'max' }), (histories) => {
        const expected = histories.map((ops) => bruteForce(operationsOf(ops), model, undefined, undefined, 'judge'));
        for (const valid of expected) seen[valid ? 'valid' : 'invalid']++;
        const { details } = checkOperations(operationsOf(together(histories)), model, { ...LIMITS, algorithm, results: 'judge', explain: algorithm === 'auto' });
        const found = new Map((details?.findings as readonly KeyFinding[]).map(({ key, valid }) => [key, valid]));
        expect(histories.map((_ops, key) => found.get(key) ?? true)).toEqual(expected);
      }),
      { numRuns: EACH, interruptAfterTimeLimit: 3_600_000, markInterruptAsFailure: true },
    );
    expect(seen.valid).toBeGreaterThan(EACH);
    expect(seen.invalid).toBeGreaterThan(EACH);
  }, 3_600_000);
});

/** Histories as keys of one, an event of each in turn. */
function together(histories: readonly (readonly Op[])[]): readonly Op[] {
  const length = Math.max(...histories.map((ops) => ops.length));
  const all = Array.from({ length }, (_, i) => histories.flatMap((ops, key) => (ops[i] === undefined ? [] : [{ ...ops[i], key, process: (ops[i].process as number) + 1000 * key }]))).flat();
  return all.map((op, index): Op => ({ ...op, index, time: index * 1000 }));
}

function withoutCas(machine: Machine<unknown>): Machine<unknown> {
  return { ...machine, draw: (serial) => machine.draw(serial).filter(({ f }) => f !== 'cas') };
}
