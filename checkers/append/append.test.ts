import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, type Op } from '../../src/index.js';
import { checkOperations, modelOf } from '../linearizable/index.js';
import { historyOf, listMachine, operationsOf } from '../testing/arbitrary.js';
import { bruteForce } from '../testing/brute-force.js';
import { CONTEXT, script } from '../testing/script.js';
import { append } from './index.js';

const check = (ops: readonly Op[], initial?: unknown): ReturnType<typeof append.check> => append.check(History.from(ops), { ...CONTEXT, initial });

describe('append', () => {
  it('gives the verdict of brute force', async () => {
    let invalid = 0;
    await fc.assert(
      fc.asyncProperty(historyOf(listMachine, { maxOps: 8, processes: 4, edited: true }), async (ops) => {
        const expected = bruteForce(operationsOf(ops), modelOf('append-list'));
        if (!expected) invalid++;
        expect((await check(ops)).valid).toBe(expected);
      }),
      { numRuns: 2500 },
    );
    expect(invalid).toBeGreaterThan(200);
  });

  it.each([true, false])('gives the verdict of the search on longer histories (answers are lengths: %s)', async (lengths) => {
    let undecided = 0;
    await fc.assert(
      fc.asyncProperty(historyOf(listMachine, { maxOps: 30, processes: 6, edited: true }), async (ops) => {
        const told = lengths ? ops : ops.map((op) => (op.type === 'ok' && op.f === 'append' ? { ...op, value: null } : op));
        const { valid } = checkOperations(operationsOf(told), 'append-list', { timeLimitMs: 2000, memoryLimitBytes: 2 ** 27 });
        // Many indeterminate appends: more orders than a search can try.
        if (valid === 'unknown') undecided++;
        else expect((await check(told)).valid).toBe(valid);
      }),
      { numRuns: 600 },
    );
    expect(undecided).toBeLessThan(20);
  });

  it.each([
    ['duplicate', ['0 append 5', '0 ok null', '1 read null', '1 ok [5,5]']],
    ['phantom', ['1 read null', '1 ok [6]']],
    ['aborted-append-seen', ['0 append 5', '0 fail 5', '1 read null', '1 ok [5]']],
    ['lost-append', ['0 append 5', '0 ok null', '1 read null', '1 ok []']],
    ['stale-read', ['0 append 5', '0 ok null', '1 read null', '1 ok []', '1 read null', '1 ok [5]']],
    ['stale-read', ['0 append 5', '1 read null', '1 ok [5]', '1 read null', '1 ok []', '0 ok null']],
    ['future-read', ['1 read null', '1 ok [5]', '0 append 5', '0 ok null']],
    ['reordered', ['0 append 5', '0 ok null', '0 append 6', '0 ok null', '1 read null', '1 ok [6,5]']],
    ['fork', ['0 append 5', '2 append 6', '1 read null', '3 read null', '1 ok [5]', '3 ok [6]', '0 ok null', '2 ok null']],
    ['wrong-length', ['0 append 5', '0 ok 2', '1 read null', '1 ok [5]']],
  ])('names a %s', async (kind, lines) => {
    const result = await check(script(...lines));
    expect(result.valid).toBe(false);
    expect(result.anomalies.map((anomaly) => anomaly.kind)).toContain(kind);
  });

  it('says in words what was lost, and where to look', async () => {
    const result = await check(script('0 append 5', '0 ok 1', '0 append 6', '0 ok 2', '1 read null', '1 ok [5]'));
    expect(result.anomalies).toEqual([
      { kind: 'lost-append', message: '6 is lost: append 6 → 2 (#2–#3, process 0) had been acknowledged before the read (#4–#5, process 1) began, which does not have it; nor does any read.', ops: [2, 3, 4, 5] },
    ]);
    expect(result.summary).toBe('1 × lost-append (1 key, 3 operations)');
  });

  it('starts from the initial list', async () => {
    const ops = script('0 append 5', '0 ok null', '1 read null', '1 ok [1,5]');
    expect((await check(ops, [1])).valid).toBe(true);
    expect((await check(ops)).valid).toBe(false);
    expect((await check(script('1 read null', '1 ok []'), [1])).anomalies).toMatchObject([{ kind: 'fork' }]);
  });

  it('searches where elements repeat', async () => {
    const twice = ['0 append 5', '0 info 5', '1 append 5', '1 ok null', '2 read null'];
    expect(await check(script(...twice, '2 ok [5,5]'))).toMatchObject({ valid: true, details: { searched: 1 } });
    expect((await check(script(...twice, '2 ok [5,5,5]'))).valid).toBe(false);
  });

  it('calls a read that is no list a usage error', async () => {
    await expect(check(script('1 read null', '1 ok 5'))).rejects.toThrow(/events 0 and 1: .*a read of a list gives an array/);
  });
});
