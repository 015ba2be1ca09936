import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, tableOf, type Op, type Operation } from '../../src/index.js';
import { counterMachine, historyOf, listMachine, operationsOf, registerMachine } from '../testing/arbitrary.js';
import { bruteForce } from '../testing/brute-force.js';
import { script } from '../testing/script.js';
import { budgetOf } from '../shared/budget.js';
import { checkOperations } from './check.js';
import { searchOf } from './decide.js';
import { ignoredResults, resultsOf } from './entries.js';
import { Kinds } from './kinds.js';
import { modelOf, models } from './models/index.js';
import { modelOp, objectsOf, PENDING } from './object-history.js';
import { orderOf } from './order.js';
import { States } from './states.js';
import { classify } from './timeline.js';
import { UniqueChecker } from './unique.js';

const LIMITS = { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 29 };
const SIZE = { maxOps: 7, processes: 4 };
const RUNS = { numRuns: 1500 };

const MACHINES = [
  ['cas-register', 'unique values', registerMachine('unique')],
  ['cas-register', 'repeated values', registerMachine('small')],
  ['append-list', 'unique elements', listMachine],
  ['counter', 'positive amounts', counterMachine(fc.integer({ min: 1, max: 3 }))],
  ['counter', 'amounts of both signs', counterMachine(fc.integer({ min: -2, max: 2 }))],
] as const;

describe.each(MACHINES)('linearizable as %s, %s', (model, _kind, machine) => {
  const edited = historyOf(machine as typeof listMachine, { ...SIZE, edited: true });
  const valid = historyOf(machine as typeof listMachine, { maxOps: 40, processes: 8, edited: false, spread: 8 });

  it('gives the verdict of brute force by both algorithms', () => {
    fc.assert(
      fc.property(edited, (ops) => {
        const operations = operationsOf(ops);
        const expected = bruteForce(operations, modelOf(model));
        expect(checkOperations(operations, model, LIMITS).valid).toBe(expected);
        expect(checkOperations(operations, model, { ...LIMITS, algorithm: 'search' }).valid).toBe(expected);
      }),
      RUNS,
    );
  });

  it('never blames a correct system', () => {
    fc.assert(
      fc.property(valid, (ops) => {
        const operations = operationsOf(ops);
        expect(checkOperations(operations, model, LIMITS).anomalies).toEqual([]);
        expect(checkOperations(operations, model, { ...LIMITS, algorithm: 'search' }).valid).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('accepts every prefix of a valid history', () => {
    fc.assert(
      fc.property(valid, fc.nat(), (ops, cut) => {
        const operations = operationsOf(ops.slice(0, cut % (ops.length + 1)));
        expect(checkOperations(operations, model, LIMITS).valid).toBe(true);
        expect(checkOperations(operations, model, { ...LIMITS, algorithm: 'search' }).valid).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('names a counterexample that is impossible by itself', () => {
    fc.assert(
      fc.property(edited, (ops) => {
        const operations = operationsOf(ops);
        const result = checkOperations(operations, model, { ...LIMITS, algorithm: 'search' });
        if (result.valid !== false) return;
        const anomaly = result.anomalies[0];
        expect(anomaly?.message).toMatch(/cannot take effect/);
        const events = new Set(anomaly?.ops);
        const core = ({ invoke }: Operation): boolean => events.has(invoke.index);
        expect(bruteForce(operations, modelOf(model), undefined, core)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('renaming', () => {
  it('of values and processes keeps the verdict', () => {
    fc.assert(
      fc.property(historyOf(registerMachine('small'), { ...SIZE, edited: true }), (ops) => {
        const rename = (value: unknown): unknown => (Array.isArray(value) ? value.map(rename) : value === null ? null : { renamed: [value] });
        const renamed = ops.map((op): Op => ({ ...op, process: 900 - (op.process as number), value: op.f === 'cas' && Array.isArray(op.value) ? op.value.map(rename) : rename(op.value) }));
        expect(checkOperations(operationsOf(renamed), 'cas-register', LIMITS).valid).toBe(checkOperations(operationsOf(ops), 'cas-register', LIMITS).valid);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the near-linear algorithm', () => {
  it('gives an order that replays and that real time allows', () => {
    const model = modelOf('cas-register');
    let applied = 0;
    fc.assert(
      fc.property(historyOf(registerMachine('unique'), { maxOps: 60, processes: 10, edited: true }), (ops) => {
        const table = tableOf(operationsOf(ops));
        for (const object of objectsOf(table, 'judge', ignoredResults(model, 'judge'))) {
          const checker = new UniqueChecker(model, null, table.names, table.values);
          if (checker.check(object).kind !== 'valid') continue;
          applied++;
          let state: unknown = null;
          let latest = -1;
          const order = checker.order();
          for (const op of order) {
            expect(object.ret[op]).toBeGreaterThan(latest);
            latest = Math.max(latest, object.inv[op] ?? 0);
            const next = model.step(state, modelOp(object, op));
            expect(next).not.toBe(undefined);
            state = next;
          }
          expect(new Set(order).size).toBe(order.length);
          expect(order.filter((op) => object.ret[op] !== PENDING).length).toBe(object.ret.filter((ret) => ret !== PENDING).length);
        }
      }),
      { numRuns: 1000 },
    );
    expect(applied).toBeGreaterThan(100);
  });

  it('names operations that are impossible by themselves', () => {
    const model = modelOf('cas-register');
    let found = 0;
    fc.assert(
      fc.property(historyOf(registerMachine('unique'), { maxOps: 12, processes: 6, edited: true }), (ops) => {
        const operations = operationsOf(ops);
        const result = checkOperations(operations, model, LIMITS);
        const events = new Set(result.anomalies[0]?.ops);
        if (result.valid !== false || result.details?.unique !== 1) return;
        found++;
        expect(bruteForce(operations.filter(({ invoke }) => events.has(invoke.index)), model)).toBe(false);
      }),
      { numRuns: 1500 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('leaves repeated values to the search', () => {
    const twice = operationsOf(script('0 write 1', '0 ok 1', '1 write 1', '1 ok 1'));
    expect(checkOperations(twice, 'register', LIMITS).details).toMatchObject({ unique: 0, searched: 1 });
  });
});

describe.each(MACHINES)('the order that a search finds: %s, %s', (model, _kind, machine) => {
  it('holds every operation once, replays, and keeps to real time', () => {
    const chosen = modelOf(model);
    fc.assert(
      fc.property(historyOf(machine as typeof listMachine, { maxOps: 30, processes: 6, edited: false, spread: 6 }), (ops) => {
        const table = tableOf(operationsOf(ops));
        const results = resultsOf(table, chosen);
        for (const object of objectsOf(table, results, ignoredResults(chosen, results))) {
          const kinds = new Kinds(chosen, table.values);
          const context = { model: chosen, initial: undefined, kinds, states: new States(chosen, kinds) };
          const classified = classify(object, kinds);
          const made = searchOf(classified, context, { begin: 0, end: object.positions });
          expect(made?.search.run(budgetOf(LIMITS), 1e9)).toBe('valid');
          if (made === undefined) continue;
          const order = orderOf(made.search.way(), made.line, kinds, context.states, classified.kind);
          let state = chosen.init();
          let latest = -1;
          for (const { op, state: said } of order) {
            expect(object.ret[op]).toBeGreaterThan(latest);
            latest = Math.max(latest, object.inv[op] ?? 0);
            state = chosen.step(state, modelOp(object, op));
            expect(chosen.show?.(state) ?? chosen.key(state)).toBe(context.states.show(said));
          }
          expect(new Set(order.map(({ op }) => op)).size).toBe(order.length);
          expect(order.filter(({ op }) => object.ret[op] !== PENDING).length).toBe(object.ret.filter((ret) => ret !== PENDING).length);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('limits', () => {
  it('end in unknown, with how far it got', () => {
    const ops: Op[] = [];
    for (let i = 0; i < 40; i++) ops.push(event(ops.length, i, 'invoke', 'add', 2 ** i));
    for (let i = 0; i < 40; i++) ops.push(event(ops.length, i, 'ok', 'add', null));
    ops.push(event(ops.length, 99, 'invoke', 'read', null), event(ops.length + 1, 99, 'ok', 'read', 1));
    const result = checkOperations(operationsOf(ops), 'counter', { algorithm: 'search', timeLimitMs: 60_000, memoryLimitBytes: 4_000_000 });
    expect(result.valid).toBe('unknown');
    expect(result.summary).toMatch(/memory limit of 4 MiB was hit with .* of 41 completions in order, after [\d,]+ configurations/);
    expect(checkOperations(operationsOf(ops), 'counter', { algorithm: 'search', timeLimitMs: 1, memoryLimitBytes: 2 ** 30 }).summary).toMatch(/time limit of 0.001 s|not begun/);
  });

  it('of one key leave the others judged', () => {
    const bad = script('7 write 1', '7 ok 1', '8 read null', '8 ok 2').map((op) => ({ ...op, key: 'bad' }));
    const result = checkOperations(operationsOf(bad), 'register', { timeLimitMs: 0, memoryLimitBytes: 0 });
    expect(result.valid).toBe(false);
    expect(budgetOf({ timeLimitMs: 0, memoryLimitBytes: 0 }).timeMs).toBe(0);
  });
});

describe('what cannot be judged', () => {
  it('is a usage error that names event, model and remedy', () => {
    expect(() => checkOperations(operationsOf(script('0 cas [1,2]', '0 ok null')), 'register', LIMITS)).toThrow(/events 0 and 1: .*register.*no operation "cas"/);
    expect(() => checkOperations(operationsOf(script('0 cas 1', '0 ok null')), 'cas-register', LIMITS)).toThrow(/pair \[from, to\]/);
    expect(() => modelOf('regster')).toThrow(/no model "regster"/);
  });

  it('knows every model by its own name', () => {
    for (const [name, model] of Object.entries(models)) expect(model.name).toBe(name);
  });
});

describe('words', () => {
  it('tell a stale read by its operations', () => {
    const ops = script('1 write 7', '1 ok 7', '1 write 9', '1 ok 9', '3 read null', '3 ok 7');
    const result = checkOperations(operationsOf(ops), 'register', LIMITS);
    expect(result.anomalies[0]).toMatchObject({ kind: 'stale-read', ops: [0, 1, 2, 3, 4, 5] });
    expect(result.anomalies[0]?.message).toBe(
      'read 7 (#4–#5, process 3) found 7 in place, but write 9 (#2–#3, process 1) had ended at #3 before that began, with 9 in place, which came after 7: write 7 (#0–#1, process 1) had ended at #1 before write 9 (#2–#3, process 1) began. A value that was overwritten does not come back, as each was written once.',
    );
  });

  it.each([
    ['phantom-value', ['0 read null', '0 ok 5']],
    ['aborted-write-seen', ['0 write 5', '0 fail 5', '1 read null', '1 ok 5']],
    ['lost-update', ['0 write 1', '0 ok 1', '1 cas [1,2]', '2 cas [1,3]', '1 ok null', '2 ok null']],
    ['cyclic-cas', ['1 cas [1,2]', '2 cas [2,1]', '1 ok null', '2 ok null']],
    ['stale-read', ['0 write 1', '0 ok 1', '1 cas [1,2]', '1 ok null', '2 read null', '2 ok 1']],
    ['future-read', ['2 read null', '2 ok 1', '0 write 1', '0 ok 1']],
    ['stale-read', ['0 write 1', '0 ok 1', '1 read null', '1 ok null']],
    ['stale-cas', ['0 write 1', '0 ok 1', '1 write 2', '1 ok 2', '2 cas [1,3]', '2 ok null']],
  ])('call %s by its name', (kind, lines) => {
    const result = checkOperations(operationsOf(script(...lines)), 'cas-register', LIMITS);
    expect(result.anomalies.map((anomaly) => anomaly.kind)).toEqual([kind]);
  });

  it('of a search name the core and nothing else', () => {
    const noise = Array.from({ length: 30 }, (_, i) => [`5 write ${i % 3}`, `5 ok null`]).flat();
    const ops = script(...noise, '1 write 7', '1 ok null', ...noise, '1 write 8', '1 ok null', '2 read null', '2 ok 7', ...noise);
    const result = checkOperations(operationsOf(ops), 'register', LIMITS);
    expect(result.details).toMatchObject({ searched: 1, findings: [{ prefix: { completions: 62, of: 93, states: ['8'] } }] });
    expect(result.anomalies[0]?.message).toMatch(/read 7 .* cannot take effect: .*the state is 8, and no operation .* these two cannot both be right: write 8 \(#122–#123, process 1\) and read 7/);
    expect(result.anomalies[0]?.ops).toEqual([60, 61, 122, 123, 124, 125]);
  });
});

function event(index: number, process: number, type: Op['type'], f: string, value: unknown): Op {
  return { index, time: index, process, type, f, value };
}

describe('an indeterminate blind write of the value that is there already', () => {
  // Found by the oracle: append b, put a and put "" are open together, put "" hides put a, and the read sees b.
  it('still hides another one', () => {
    const ops = script('0 append "b"', '3 put ""', '1 put "a"', '0 ok null', '3 info ""', '1 ok null', '1 get null', '1 ok "b"');
    for (const algorithm of ['auto', 'search'] as const) expect(checkOperations(operationsOf(ops), modelOf('kv'), { ...LIMITS, algorithm }).valid).toBe(true);
  });
});

describe('keys', () => {
  it('are judged each on its own', () => {
    const ops = [...script('0 write 1', '0 ok 1').map((op) => ({ ...op, key: 'a' })), ...script('0 read null', '0 ok 1').map((op) => ({ ...op, index: op.index + 2, key: 'b' }))];
    const result = checkOperations(History.from(ops).clientOperations(), 'register', LIMITS);
    expect(result.anomalies).toMatchObject([{ kind: 'phantom-value', key: 'b', ops: [2, 3] }]);
    expect(result.summary).toBe('not linearizable as register: key b (2 keys, 2 operations)');
  });
});
