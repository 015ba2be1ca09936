import { describe, expect, it } from 'vitest';
import { History, type Op } from '../../src/index.js';
import { readJepsenEdn, readJepsenLog } from '../../src/history/import/index.js';
import { corporaPresent, manifest, overCorpora, recorded, type ManifestEntry } from '../testing/corpora.js';
import { checkOperations } from './check.js';

const LIMITS = { timeLimitMs: 20_000, memoryLimitBytes: 2 ** 30 };
const ALGORITHMS = ['auto', 'search'] as const;

interface OracleRecord {
  readonly id: string;
  readonly init: unknown;
  readonly valid: boolean;
  readonly history: readonly Pick<Op, 'process' | 'type' | 'f' | 'value'>[];
}

describe.skipIf(!corporaPresent)(overCorpora('recorded histories with known verdicts'), () => {
  it.each(ALGORITHMS)('oracle: every record (%s)', (algorithm) => {
    const records = recorded('oracle/register.ndjson').trim().split('\n').map((line) => JSON.parse(line) as OracleRecord);
    const wrong = records.filter(({ history, init, valid }) => {
      const operations = History.from(history.map((op, index) => ({ ...op, index, time: index }))).clientOperations();
      return checkOperations(operations, 'cas-register', { ...LIMITS, initial: init, algorithm }).valid !== valid;
    });
    expect(records.length).toBe(2500);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it.each(ALGORITHMS)('etcd: every log (%s)', (algorithm) => {
    const rows = manifest('porcupine/jepsen/');
    const verdicts = rows.map(({ file }) => verdictOf(History.from(readJepsenLog(recorded(file), { source: file })), 'cas-register', algorithm));
    expect(rows.length).toBeGreaterThan(40);
    expect(verdicts).toEqual(rows.map(({ expected }) => expected === 'valid'));
  });

  it.each(ALGORITHMS)('knossos: every file (%s)', (algorithm) => {
    const rows = manifest('knossos/cas-register/').filter(({ expected }) => expected === 'valid' || expected === 'invalid');
    const verdicts = rows.map(({ file }) => [file, verdictOf(History.from(readJepsenEdn(recorded(file), { source: file })), 'cas-register', algorithm)]);
    expect(rows.length).toBeGreaterThan(50);
    expect(verdicts).toEqual(rows.map(({ file, expected }) => [file, expected === 'valid']));
  });

  it.each(['ok', 'bad'])('porcupine kv: c10-%s', (kind) => {
    const history = History.from(readJepsenEdn(recorded(`porcupine/kv/c10-${kind}.txt`), { source: kind }));
    expect(verdictOf(history, 'append-string', 'auto')).toBe(kind === 'ok');
  });

  it('transactions on lists: every record is strictly serializable or not, also where Elle does not see it', () => {
    const records = recorded('oracle/list-append.ndjson').trim().split('\n').map((line) => JSON.parse(line) as { readonly id: string; readonly strict: boolean; readonly history: readonly Op[] });
    const wrong = records.filter(({ history, strict }) => verdictOf(History.from(history), 'list-append', 'auto') !== strict);
    expect(records.length).toBe(1000);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it('transactions on lists: simulated databases, up to 10,000 transactions, as Elle', () => {
    const rows = manifest('history-sim/') as readonly (ManifestEntry & { readonly elle_run: { readonly 'strict-serializable': boolean } })[];
    const verdicts = rows.map(({ file }) => {
      const lines = recorded(file).trim().split('\n').map((line) => JSON.parse(line) as Op);
      return [file, verdictOf(History.from(lines.map((op, index) => ({ ...op, index, time: index }))), 'list-append', 'auto')];
    });
    expect(rows.length).toBe(28);
    expect(verdicts).toEqual(rows.map(({ file, elle_run }) => [file, elle_run['strict-serializable']]));
  });
});

function verdictOf(history: History, model: string, algorithm: 'auto' | 'search'): unknown {
  return checkOperations(history.clientOperations(), model, { ...LIMITS, initial: null, algorithm }).valid;
}
