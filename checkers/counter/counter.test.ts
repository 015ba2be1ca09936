import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, type Op } from '../../src/index.js';
import { modelOf } from '../linearizable/index.js';
import { counterMachine, historyOf, operationsOf } from '../testing/arbitrary.js';
import { bruteForce } from '../testing/brute-force.js';
import { corporaPresent, overCorpora, recorded } from '../testing/corpora.js';
import { CONTEXT, script } from '../testing/script.js';
import { boundAnomalies } from './bounds.js';
import { counter } from './index.js';

const check = (ops: readonly Op[]): ReturnType<typeof counter.check> => counter.check(History.from(ops), CONTEXT);

describe.each([
  ['positive amounts', fc.integer({ min: 1, max: 3 })],
  ['amounts of both signs', fc.integer({ min: -2, max: 2 })],
])('counter, %s', (_, amounts) => {
  it('gives the verdict of brute force, and bounds are never wrong', async () => {
    let byBounds = 0;
    await fc.assert(
      fc.asyncProperty(historyOf(counterMachine(amounts), { maxOps: 7, processes: 4, edited: true }), async (ops) => {
        const expected = bruteForce(operationsOf(ops), modelOf('counter'));
        const result = await check(ops);
        if (boundAnomalies(operationsOf(ops), 0, result.details?.totalsJudged === true).length > 0) {
          byBounds++;
          expect(expected).toBe(false);
        }
        expect(result.valid).toBe(expected);
      }),
      { numRuns: 1500 },
    );
    expect(byBounds).toBeGreaterThan(100);
  });
});

describe('counter', () => {
  it.each([
    ['lost-add', ['0 add 2', '0 ok null', '1 read null', '1 ok 1']],
    ['over-count', ['0 add 2', '0 ok null', '1 read null', '1 ok 4']],
    ['stale-read', ['0 add 2', '1 read null', '1 ok 2', '1 read null', '1 ok 0', '0 ok null']],
    ['over-count', ['0 add 2', '0 ok 3', '1 add 1', '1 ok 3']],
    ['not-linearizable', ['0 add 2', '1 add 3', '0 ok 2', '1 ok 3', '0 add 2', '0 ok 7']],
  ])('names a %s', async (kind, lines) => {
    const result = await check(script(...lines));
    expect(result.valid).toBe(false);
    expect(result.anomalies[0]?.kind).toBe(kind);
  });

  it('does the sums in its words', async () => {
    const result = await check(script('0 add 2', '0 ok null', '1 add 5', '2 read null', '2 ok 9', '1 ok null'));
    expect(result.anomalies[0]?.message).toBe(
      'read 9 (#3–#4, process 2): too much. 1 addition had been acknowledged before it began, which make 2, or 7 with every addition that may have happened: 2 was never added, or was added twice.',
    );
  });

  it('takes the answers of additions for totals unless all of them echo', async () => {
    const echoes = script('0 add 1', '0 ok 1', '0 add 1', '0 ok 1', '1 read null', '1 ok 2');
    expect(await check(echoes)).toMatchObject({ valid: true, details: { totalsJudged: false } });
    const totals = script('0 add 1', '0 ok 1', '0 add 1', '0 ok 2', '0 add 1', '0 ok 2');
    expect(await check(totals)).toMatchObject({ valid: false, details: { totalsJudged: true } });
  });

  it('says unknown where a search is cut short, but bounds hold', async () => {
    const adds = Array.from({ length: 40 }, (_, i) => [`${i} add ${2 ** i}`]).flat();
    const ends = Array.from({ length: 40 }, (_, i) => `${i} ok null`);
    const result = await counter.check(History.from(script(...adds, '99 read null', '99 ok 0.5', ...ends)), { ...CONTEXT, memoryLimitBytes: 1_000_000 });
    expect(result.valid).toBe('unknown');
    expect(result.summary).toMatch(/within bounds.*memory limit/);
  });
});

describe.skipIf(!corporaPresent)(overCorpora("Jepsen's own cases for its counter"), () => {
  it('are judged the same, or more strictly', async () => {
    interface Case { readonly checker: string; readonly expected: { readonly 'valid?': boolean }; readonly history: readonly Op[] }
    const cases = recorded('jepsen-checker-tests/cases.ndjson').trim().split('\n').map((line) => JSON.parse(line) as Case).filter((row) => row.checker === 'counter');
    expect(cases.length).toBeGreaterThan(2);
    for (const { expected, history } of cases) {
      const { valid } = await check(history.map((op, index) => ({ ...op, index, time: index })));
      if (!expected['valid?']) expect(valid).toBe(false);
      else expect(valid).toBe(true);
    }
  });
});
