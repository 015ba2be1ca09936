import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEdn, readJepsenEdn, readJepsenLog } from './index.js';
import { plain } from './edn.js';

const edn = (text: string): unknown => readEdn(text, 'x.edn').map(plain);

/** JSON data as EDN. */
function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(' ')}]`;
  if (value === null) return 'nil';
  if (typeof value === 'object') return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)} ${print(item)}`).join(', ')}}`;
  return JSON.stringify(value);
}

describe('readEdn', () => {
  it.each([
    ['nil true false', [null, true, false]],
    ['1 -2 +3 4N 1.5 2e3 -0.5M', [1, -2, 3, 4, 1.5, 2000, -0.5]],
    [':ok :a/b foo', ['ok', 'a/b', 'foo']],
    ['"a\\n\\"b\\" \\u0041"', ['a\n"b" A']],
    ['[1, 2 (3) #{4}]', [[1, 2, [3], [4]]]],
    ['{:a 1, "b" [2], 3 nil}', [{ a: 1, b: [2], 3: null }]],
    ['1 ; two\n3', [1, 3]],
    ['[1 #_2 #_ [3 4] 5 #_6]', [[1, 5]]],
    ['#inst "2020" #knossos.model.Register{:value 4}', ['2020', { value: 4 }]],
    ['\\a \\newline \\(', ['a', '\n', '(']],
    ['', []],
  ])('reads %s', (text, expected) => {
    expect(edn(text)).toEqual(expected);
  });

  it('reads back what was printed', () => {
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.constant(null), fc.boolean(), fc.integer(), fc.string(), fc.array(tie('value')), fc.dictionary(fc.string().filter((key) => key !== '__proto__'), tie('value'))),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        expect(edn(print(value))).toEqual([value]);
      }),
    );
  });

  it.each([
    ['[1\n 2', 'x.edn:1:1: not closed by "]"'],
    ['[1\n (2]', 'x.edn:2:4: not closed by ")"'],
    ['1\n }', 'x.edn:2:2: unexpected "}"'],
    ['{:a}', 'x.edn:1:1: a map with a key but no value'],
    ['\n "abc', 'x.edn:2:2: a string that does not end'],
    ['"\\q"', 'x.edn:1:2: unknown escape "\\q" in a string'],
    ['12ab', 'x.edn:1:1: "12ab" is not a number'],
    ['#_', 'x.edn:1:3: a form after #_ is missing'],
    ['['.repeat(300), 'x.edn:1:202: nested deeper than 200'],
  ])('says where %j is wrong', (text, message) => {
    expect(() => edn(text)).toThrow(message);
  });
});

describe('readJepsenEdn', () => {
  const read = (text: string, keyed = false): unknown => readJepsenEdn(text, { source: 'h.edn', keyed });

  it('takes a vector, lines of maps, and lines of tuples alike', () => {
    const expected = [
      { index: 0, time: 0, process: 3, type: 'invoke', f: 'write', value: 7 },
      { index: 1, time: 1, process: 3, type: 'ok', f: 'write', value: 7 },
    ];
    const maps = '{:process 3, :type :invoke, :f :write, :value 7, :index 5}\n{:process 3, :type :ok, :f :write, :value 7}';
    expect(read(maps)).toEqual(expected);
    expect(read(`[${maps}]`)).toEqual(expected);
    expect(read('[3 :invoke :write 7]\n[3 :ok :write 7]')).toEqual(expected);
  });

  it('gives fail and info their argument back, keeps the reason, and leaves the nemesis alone', () => {
    const text = '{:process 0 :type :invoke :f :cas :value [1 2] :time 10}{:process :nemesis :type :info :f :start}{:process 0 :type :info :f :cas :value :timed-out :error :timeout :time 20}';
    expect(read(text)).toEqual([
      { index: 0, time: 10, process: 0, type: 'invoke', f: 'cas', value: [1, 2] },
      { index: 1, time: 11, process: 'nemesis', type: 'info', f: 'start', value: null },
      { index: 2, time: 20, process: 0, type: 'info', f: 'cas', value: [1, 2], error: { code: 'timeout' } },
    ]);
  });

  it('splits keyed values when told so', () => {
    const text = '[0 :invoke :read ["a" nil]]\n[1 :invoke :cas [4 [0 2]]]\n[0 :ok :read ["a" 5]]\n[1 :fail :cas :why]';
    expect(read(text, true)).toMatchObject([
      { key: 'a', value: null },
      { key: 4, value: [0, 2] },
      { key: 'a', value: 5 },
      { key: 4, value: [0, 2] },
    ]);
    expect(() => read('[0 :invoke :read 5]', true)).toThrow('h.edn:1:1: the value of read is not a pair [key, value]');
  });

  it.each([
    ['{:process 0 :type :invoke :f :read}\n{:type :ok}', 'h.edn:2:1: txn (ok) has no process'],
    ['\n{:process 0}', 'h.edn:2:1: an event without a type'],
    ['{:process 0 :type :done :f :read}', 'h.edn:1:1: "done" is not a type of event'],
    ['{:process 0 :type :ok :f :read}', 'h.edn:1:1: process 0 completes read (ok) that it did not invoke'],
    ['42', 'h.edn:1:1: expected an event, found 42'],
  ])('says where %j is wrong', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('readJepsenLog', () => {
  it('takes event lines and passes over the rest', () => {
    const log = [
      'starting up', 'INFO  jepsen.util - 1\t:invoke\t:cas\t[0 1]', 'INFO  jepsen.util - :nemesis\t:info\t:start\tnil',
      'INFO  jepsen.util - 4  :invoke  :read  nil', 'INFO  jepsen.util - 1\t:info\t:cas\t:timed-out', 'INFO  jepsen.util - 4\t:ok\t:read\tnil', '4\t:ok\t:read\tnil',
    ].join('\n');
    expect(readJepsenLog(log, { source: 'x.log' })).toEqual([
      { index: 0, time: 0, process: 1, type: 'invoke', f: 'cas', value: [0, 1] },
      { index: 1, time: 1, process: 4, type: 'invoke', f: 'read', value: null },
      { index: 2, time: 2, process: 1, type: 'info', f: 'cas', value: [0, 1], error: { code: 'timed-out' } },
      { index: 3, time: 3, process: 4, type: 'ok', f: 'read', value: null },
    ]);
  });

  it('says if there is none, and where a value is broken', () => {
    expect(() => readJepsenLog('nothing here', { source: 'x.log' })).toThrow('x.log:1: no event line');
    expect(() => readJepsenLog('\nINFO  jepsen.util - 1 :invoke :cas [0 1', { source: 'x.log' })).toThrow('x.log:2:36: not closed');
  });
});
