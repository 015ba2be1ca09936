import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableOf, type Op } from '../../../src/index.js';
import { counterMachine, historyOf, operationsOf, type Machine } from '../../testing/arbitrary.js';
import { bruteObject } from '../../testing/brute-object.js';
import { bagMachine, fencedMachine, idMachine, memberSetMachine, mutexMachine, queueMachine, readSetMachine, txnMachine, wildHistoryOf } from '../../testing/machines.js';
import type { Model } from '../model.js';
import { counterModel } from '../models/counter.js';
import { moreModels } from '../models/more.js';
import { objectsOf, type ObjectHistory } from '../object-history.js';

const SIZE = { maxOps: 9, processes: 4, edited: true };
/** Histories for each algorithm; for a long run set QUICK_RUNS. */
const RUNS = Number(process.env.QUICK_RUNS ?? 2500);

interface Case {
  readonly name: string;
  readonly model: Model<unknown>;
  readonly machine: Machine<never>;
  /** Operations whose answers are not judged, besides the model's. */
  readonly silent?: readonly string[];
  /** How many of 100 histories it must decide at least. */
  readonly decides: number;
  /** Whether the operations of a violation are impossible whatever the others did. */
  readonly core: boolean;
}

const model = (name: string): Model<unknown> => moreModels.find((other) => other.name === name) as Model<unknown>;
const ADDS = counterModel as Model<unknown>;
const machine = (of: unknown): Machine<never> => of as Machine<never>;

const CASES: readonly Case[] = [
  { name: 'fifo-queue of unique elements', model: model('fifo-queue'), machine: machine(queueMachine('unique')), decides: 100, core: true },
  { name: 'fifo-queue of repeated elements', model: model('fifo-queue'), machine: machine(queueMachine('repeated')), decides: 40, core: true },
  { name: 'unordered-queue of unique elements', model: model('unordered-queue'), machine: machine(bagMachine('unique')), decides: 100, core: true },
  { name: 'unordered-queue of repeated elements', model: model('unordered-queue'), machine: machine(bagMachine('repeated')), decides: 40, core: true },
  { name: 'set with whole reads', model: model('set'), machine: machine(readSetMachine), decides: 100, core: true },
  { name: 'set with questions', model: model('set'), machine: machine(memberSetMachine), decides: 60, core: true },
  { name: 'mutex', model: model('mutex'), machine: machine(mutexMachine), decides: 100, core: false },
  { name: 'fenced-mutex', model: model('fenced-mutex'), machine: machine(fencedMachine('named')), decides: 50, core: false },
  { name: 'unique-ids', model: model('unique-ids'), machine: machine(idMachine), decides: 100, core: true },
  { name: 'counter of ones with totals', model: ADDS, machine: machine(counterMachine(fc.constant(1))), decides: 100, core: false },
  { name: 'counter of ones', model: ADDS, machine: machine(counterMachine(fc.constant(1))), silent: ['add'], decides: 100, core: false },
  { name: 'counter of zeros and twos', model: ADDS, machine: machine(counterMachine(fc.constantFrom(0, 2))), silent: ['add'], decides: 100, core: false },
  { name: 'counter of several amounts', model: model('grow-only-counter'), machine: machine(counterMachine(fc.nat({ max: 3 }))), silent: ['add'], decides: 55, core: false },
  { name: 'multi-register', model: model('multi-register'), machine: machine(txnMachine), decides: 30, core: true },
];

describe.each(CASES)('the quick algorithm for a $name', ({ model, machine, silent, decides, core }) => {
  const edited = fc.oneof(historyOf(machine, SIZE), wildHistoryOf(machine, SIZE));
  const valid = historyOf(machine, { maxOps: 60, processes: 10, edited: false, spread: 10 });
  const objectOf = (ops: readonly Op[]): ObjectHistory | undefined => objectsOf(tableOf(operationsOf(ops)), 'judge', [...(model.silent ?? []), ...(silent ?? [])])[0];

  it('is right where it decides, and decides often', () => {
    let [decided, invalid] = [0, 0];
    fc.assert(
      fc.property(edited, (ops) => {
        const history = objectOf(ops);
        const quick = history === undefined ? undefined : model.quick?.(history, undefined);
        if (history === undefined || quick === undefined || quick.kind === 'not-applicable') return;
        decided++;
        expect(quick.kind).toBe(bruteObject(history, model) ? 'valid' : 'invalid');
        if (quick.kind !== 'invalid') return;
        invalid++;
        const { operations } = quick.violation;
        expect(operations.length).toBeGreaterThan(0);
        if (core) expect(bruteObject(history, model, undefined, (op) => operations.includes(op))).toBe(false);
      }),
      { numRuns: RUNS },
    );
    expect(100 * decided).toBeGreaterThanOrEqual(decides * RUNS);
    expect(invalid).toBeGreaterThan(RUNS / 50);
  });

  it('never blames a correct system, nor a prefix of what it did', () => {
    fc.assert(
      fc.property(valid, fc.nat(), (ops, cut) => {
        for (const part of [ops, ops.slice(0, cut % (ops.length + 1))]) {
          const history = objectOf(part);
          if (history !== undefined) expect(model.quick?.(history, undefined)).not.toMatchObject({ kind: 'invalid' });
        }
      }),
      { numRuns: 300 },
    );
  });
});
