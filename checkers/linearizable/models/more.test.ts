import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, tableOf, type Op } from '../../../src/index.js';
import { readJepsenEdn } from '../../../src/history/import/index.js';
import { historyOf, operationsOf, type Machine } from '../../testing/arbitrary.js';
import { bruteObject } from '../../testing/brute-object.js';
import { corporaPresent, overCorpora, recorded } from '../../testing/corpora.js';
import { bagMachine, consensusMachine, fencedMachine, idMachine, memberSetMachine, mutexMachine, ownerMachine, queueMachine, readSetMachine, txnMachine, wildHistoryOf } from '../../testing/machines.js';
import { script } from '../../testing/script.js';
import { checkOperations } from '../check.js';
import type { Model } from '../model.js';
import { objectsOf } from '../object-history.js';
import { moreModels } from './more.js';

const LIMITS = { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 29 };
const SIZE = { maxOps: 7, processes: 4 };

const model = (name: string): Model<unknown> => moreModels.find((other) => other.name === name) as Model<unknown>;

const MACHINES: readonly (readonly [string, string, unknown])[] = [
  ['fifo-queue', 'unique elements', queueMachine('unique')],
  ['fifo-queue', 'repeated elements', queueMachine('repeated')],
  ['unordered-queue', 'unique elements', bagMachine('unique')],
  ['unordered-queue', 'repeated elements', bagMachine('repeated')],
  ['set', 'whole reads', readSetMachine],
  ['set', 'questions', memberSetMachine],
  ['mutex', 'anybody', mutexMachine],
  ['owner-mutex', 'owners', ownerMachine],
  ['fenced-mutex', 'tokens', fencedMachine('either')],
  ['unique-ids', 'numbers', idMachine],
  ['multi-register', 'two registers', txnMachine],
  ['consensus', 'few values', consensusMachine],
];

describe.each(MACHINES)('linearizable as %s (%s)', (name, _, of) => {
  const machine = of as Machine<never>;
  const judged = model(name);

  it('has the verdict of brute force, by search and by whatever is quickest', () => {
    let invalid = 0;
    fc.assert(
      fc.property(fc.oneof(historyOf(machine, { ...SIZE, edited: true }), wildHistoryOf(machine, SIZE)), (ops) => {
        const operations = operationsOf(ops);
        const history = objectsOf(tableOf(operations), 'judge', judged.silent ?? [])[0];
        const expected = history === undefined || bruteObject(history, judged);
        if (!expected) invalid++;
        for (const algorithm of ['auto', 'search'] as const) {
          expect(checkOperations(operations, judged, { ...LIMITS, algorithm, results: 'judge' }).valid).toBe(expected);
        }
      }),
      { numRuns: 600 },
    );
    expect(invalid).toBeGreaterThan(20);
  });

  it('takes what its machine does', () => {
    fc.assert(
      fc.property(historyOf(machine, { maxOps: 30, processes: 6, edited: false, spread: 5 }), (ops) => {
        expect(checkOperations(operationsOf(ops), judged, { ...LIMITS, results: 'judge' }).valid).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('violations', () => {
  it.each([
    ['fifo-queue', 'never-added', ['0 dequeue null', '0 ok 5']],
    ['fifo-queue', 'duplicate-delivery', ['0 enqueue 5', '1 dequeue null', '2 dequeue null', '0 ok 5', '1 ok 5', '2 ok 5']],
    ['fifo-queue', 'too-early', ['0 dequeue null', '0 ok 5', '0 enqueue 5', '0 ok 5']],
    ['fifo-queue', 'out-of-order', ['0 enqueue 1', '0 ok 1', '0 enqueue 2', '0 ok 2', '1 dequeue null', '1 ok 2', '1 dequeue null', '1 ok 1']],
    ['fifo-queue', 'lost-element', ['0 enqueue 1', '0 ok 1', '0 enqueue 2', '0 ok 2', '1 dequeue null', '1 ok 2']],
    ['fifo-queue', 'false-empty', ['0 enqueue 1', '0 ok 1', '1 dequeue null', '1 ok null', '1 dequeue null', '1 ok 1']],
    ['unordered-queue', 'false-empty', ['0 enqueue 1', '0 ok 1', '1 dequeue null', '2 enqueue 2', '2 ok 2', '3 dequeue null', '3 ok 1', '1 ok null']],
    ['set', 'lost-element', ['0 add 1', '0 ok 1', '1 read null', '1 ok []']],
    ['set', 'stale-read', ['0 add 1', '1 read null', '1 ok [1]', '0 ok 1', '2 read null', '2 ok []']],
    ['set', 'incomparable-reads', ['0 add 1', '1 add 2', '2 read null', '3 read null', '2 ok [1]', '3 ok [2]', '0 ok 1', '1 ok 2']],
    ['set', 'reordered', ['0 add 1', '0 ok 1', '1 add 2', '1 ok 2', '2 read null', '2 ok [2]']],
    ['set', 'duplicate-element', ['0 add 1', '1 read null', '1 ok [1,1]']],
    ['set', 'never-added', ['1 contains 1', '1 ok true']],
    ['set', 'lost-element', ['0 add 1', '0 ok true', '1 contains 1', '1 ok false']],
    ['mutex', 'double-grant', ['0 acquire null', '0 ok null', '1 acquire null', '1 ok null']],
    ['mutex', 'release-of-free', ['0 release null', '0 ok null']],
    ['unique-ids', 'duplicate-id', ['0 generate null', '0 ok 7', '0 generate null', '0 ok 7']],
    ['grow-only-counter', 'lost-add', ['0 add 2', '0 ok null', '0 read null', '0 ok 0']],
    ['grow-only-counter', 'over-count', ['0 add 2', '0 ok null', '0 read null', '0 ok 4']],
    ['fenced-mutex', 'double-grant', ['0 acquire null', '0 ok 1', '1 acquire null', '1 ok 2']],
    ['fenced-mutex', 'duplicate-token', ['0 acquire null', '0 ok 1', '0 release 1', '0 ok null', '1 acquire null', '1 ok 1']],
    ['fenced-mutex', 'double-release', ['0 acquire null', '0 ok 1', '0 release 1', '0 ok null', '0 release 1', '0 ok null']],
    ['fenced-mutex', 'never-granted', ['0 release [3]', '0 ok null']],
    ['fenced-mutex', 'tokens-against-time', ['0 acquire null', '0 ok 2', '0 release 2', '0 ok null', '0 acquire null', '0 ok 1', '0 release 1', '0 ok null']],
    ['multi-register', 'never-written', ['0 txn [["r","x",null]]', '0 ok [["r","x",1]]']],
    ['multi-register', 'internal', ['0 txn [["w","x",1],["r","x",null]]', '0 ok [["w","x",1],["r","x",null]]']],
  ])('of a %s are named %s', (name, kind, lines) => {
    const result = checkOperations(operationsOf(script(...lines)), model(name), { ...LIMITS, results: 'judge' });
    expect(result.anomalies.map((anomaly) => anomaly.kind)).toEqual([kind]);
  });

  it('are told in plain words', () => {
    const ops = script('0 enqueue 1', '0 ok 1', '1 enqueue 2', '1 ok 2', '2 dequeue null', '2 ok 2');
    expect(checkOperations(operationsOf(ops), model('fifo-queue'), LIMITS).anomalies[0]?.message).toBe(
      '1 is lost: enqueue 1 (#0–#1, process 0) had ended before enqueue 2 (#2–#3, process 1) began, which came out by dequeue 2 (#4–#5, process 2); no dequeue can have taken it.',
    );
  });
});

describe('what a model does not take', () => {
  it.each([
    ['fifo-queue', ['0 enqueue null']],
    ['grow-only-counter', ['0 add -1']],
    ['multi-register', ['0 txn [["q","x",null]]']],
    ['multi-register', ['0 txn [["r","x",null]]', '0 ok [["r","y",null]]']],
    ['set', ['0 contains 1', '0 ok 1']],
    ['fenced-mutex', ['0 acquire null', '0 ok 1.5']],
    ['owner-mutex', ['0 acquire null']],
  ])('%s: %j is a usage error', (name, lines) => {
    expect(() => checkOperations(operationsOf(script(...lines)), model(name), LIMITS)).toThrow(/not an operation of the model/);
  });
});

describe('initial states', () => {
  it.each([
    ['fifo-queue', [1], ['0 dequeue null', '0 ok 1']],
    ['unordered-queue', [1, 2], ['0 dequeue null', '0 ok 2']],
    ['set', [1], ['0 read null', '0 ok [1]']],
    ['mutex', true, ['0 release null', '0 ok null']],
    ['owner-mutex', 'a', ['0 release "a"', '0 ok null']],
    ['fenced-mutex', 7, ['0 acquire null', '0 ok 8']],
    ['multi-register', { x: 1, 2: 5 }, ['0 txn [["r","x",null],["r",2,null],["r","y",null]]', '0 ok [["r","x",1],["r",2,5],["r","y",null]]']],
    ['multi-register', 0, ['0 txn [["r","x",null]]', '0 ok [["r","x",0]]']],
  ])('of a %s count', (name, initial, lines) => {
    const operations = operationsOf(script(...lines));
    expect(checkOperations(operations, model(name), { ...LIMITS, initial, results: 'judge' }).valid).toBe(true);
    expect(checkOperations(operations, model(name), { ...LIMITS, results: 'judge' }).valid).toBe(name === 'fenced-mutex');
  });
});

describe.skipIf(!corporaPresent)(overCorpora('recorded histories'), () => {
  it("are judged as by Jepsen's checkers of queues, sets and identifiers, where those are sure", () => {
    interface Case { readonly id: string; readonly checker: string; readonly expected: { readonly 'valid?': unknown }; readonly history: readonly Op[] }
    const by: Readonly<Record<string, string>> = { queue: 'unordered-queue', 'total-queue': 'unordered-queue', set: 'set', 'set-full': 'set', 'unique-ids': 'unique-ids' };
    const rows = recorded('jepsen-checker-tests/cases.ndjson').trim().split('\n').map((line) => JSON.parse(line) as Case);
    const cases = rows.filter(({ checker, expected }) => by[checker] !== undefined && expected['valid?'] !== 'unknown');
    const verdicts = cases.map(({ id, checker, history }) => {
      const operations = History.from(history.map((op, index) => ({ ...op, index, time: index, value: unwrapped(op.value) }))).clientOperations();
      return [id, checkOperations(operations, model(by[checker] ?? ''), LIMITS).valid];
    });
    expect(cases.length).toBeGreaterThan(6);
    expect(verdicts).toEqual(cases.map(({ id, expected }) => [id, expected['valid?']]));
  });

  it("have Knossos's multi-register history valid", () => {
    const history = History.from(readJepsenEdn(recorded('knossos-old/data/multi-register.edn'), { source: 'multi-register.edn' }));
    expect(checkOperations(history.clientOperations(), model('multi-register'), { ...LIMITS, initial: 0 })).toMatchObject({ valid: true, anomalies: [] });
  });

  it.each(['ok', 'bad'])("have Porcupine's key-value log c10-%s by its name", (kind) => {
    const history = History.from(readJepsenEdn(recorded(`porcupine/kv/c10-${kind}.txt`), { source: kind }));
    expect(checkOperations(history.clientOperations(), model('kv'), LIMITS).valid).toBe(kind === 'ok');
  });
});

/** The corpus writes a set as { "$set": [...] }. */
function unwrapped(value: unknown): unknown {
  return value !== null && typeof value === 'object' && '$set' in value ? value.$set : value;
}
