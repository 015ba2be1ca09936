import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ednLine, ndjsonLine } from '../export/index.js';
import type { Op } from '../op.js';
import { detectFormat, openHistory, readJepsenEdn, readJepsenLog, type OpenOptions } from './index.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const present = existsSync(DATA);

async function read(source: string | AsyncIterable<Uint8Array>, options: Partial<OpenOptions> = {}): Promise<{ readonly format: string; readonly ops: readonly Op[] }> {
  const { format, batches } = await openHistory(source, { name: 'h', ...options });
  const ops: Op[] = [];
  for await (const batch of batches) ops.push(...batch);
  return { format, ops };
}

/** A text as a stream of pieces of the given lengths, over and over. */
async function* pieces(text: string, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const length = lengths[i % Math.max(1, lengths.length)] ?? bytes.length;
    yield bytes.subarray(from, from + length);
    from += length;
  }
}

const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const SAMPLES: readonly (readonly [string, string])[] = [
  ['edn', '; a history\n[{:process 3, :type :invoke, :f :write, :value #my/tag "é\\n\\u00e9", :index 5}\n #_ {:no 1} {:process 3, :type :ok :f :write :value #{1 2N 3.5M -7/2} :time 9}, {:process :nemesis :type :info :f :start :value ^{:m 1} [\\a \\newline ##Inf]}]\n'],
  ['edn', '{:process 0 :type :invoke :f :read :value nil}{:process 0 :type :ok :f :read :value {:a {1 2}}}\n\n'],
  ['edn', '[81 :invoke :read [8 nil]]\n[81 :ok :read [8 3]]\n'],
  ['json', '[{"process":0,"type":"invoke","f":"txn","value":[["r","x",null]]},\n{"process":0,"type":"ok","f":"txn","value":[["r","x","a]}\\" é"]]} ]\n'],
  ['jepsen-txt', '1\t:invoke\t:txn\t[[:append 9 2] [:r 8 nil]]\n:nemesis\t:info\t:kill\t#object[x 1]\n1\t:info\t:txn\t[[:append 9 2] [:r 8 nil]]\t:timeout\n'],
  ['jepsen-txt', '94  :invoke :write  0\n94  :fail :write  0 :conn-not-ready\n'],
  ['jepsen-log', 'starting\nINFO  jepsen.util - 1\t:invoke\t:cas\t[0 1]\nINFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n'],
  ['ndjson', '{"process":0,"type":"invoke","f":"read","value":null}\n{"process":0,"type":"ok","f":"read","value":"é"}\n'],
];

describe('openHistory', () => {
  it.each(SAMPLES)('knows %s by its beginning, and reads it in pieces of any size: %j', async (format, text) => {
    const whole = await read(pieces(text, []));
    expect(whole.format).toBe(format);
    expect(whole.ops.length).toBeGreaterThan(1);
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        expect(await read(pieces(text, lengths))).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['edn', '[{:process 0 :type :invoke :f :read}\n {:process 0 :type :ok', /^h:2:2: not closed by "}"|^h:2/],
    ['edn', '[{:process 0 :type :invoke :f :read}', /the list of events is not closed by "\]"/],
    ['edn', '[{:process 0 :type :invoke :f :read}]\n{:process 0 :type :ok :f :read}', /^h:2:1: nothing more was expected/],
    ['edn', '{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f}', /^h:2:1: a map with a key but no value/],
    ['edn', '{:process 0 :type :invoke :f :read}\n  {:process 0 :type :ok :f :read :value 1x}', /^h:2:41: "1x" is not a number/],
    ['json', '[{"process":0,"type":"invoke","f":"read"},\n {"process":0 "type":"ok"}]', /^h:2:15: not JSON: expected/],
    ['json', '[{"process":0,"type":"invoke","f":"read"}\n', /^h:2:1: the list of events is not closed by "\]"/],
    ['json', '[{"process":0,"type":"invoke","f":"read"}, 7]', /^h:1:44: expected an event or "\]", found "7"/],
    ['jepsen-txt', '0 :invoke :read nil\noops\n', /^h:2:1: expected "process :type :name value", found "oops"/],
    ['jepsen-txt', '0 :invoke :write [1 2\n', /^h:1:18: not closed by "\]"/],
  ])('says where %s is malformed: %j', async (format, text, message) => {
    await expect(read(pieces(text, [3, 7]), { format: format as 'edn' })).rejects.toThrow(message);
    await expect(read(pieces(text, []), { format: format as 'edn' })).rejects.toThrow(message);
  });

  it('says what it saw when it knows no such format', async () => {
    await expect(read(pieces('<html>', []))).rejects.toThrow(/h: not a history of a known format, it begins with "<html>"/);
    expect(() => detectFormat(Uint8Array.of(0x1f, 0x8b, 8), 'h.gz')).toThrow(/compressed/);
    await expect(read('/no/such/file')).rejects.toThrow(/cannot be read/);
  });

  it('tells how far it is', async () => {
    const told: (readonly [number, number | undefined])[] = [];
    await read(pieces(SAMPLES[0]?.[1] ?? '', [50]), { onProgress: (bytes, total) => told.push([bytes, total]) });
    expect(told.at(-1)).toEqual([Buffer.byteLength(SAMPLES[0]?.[1] ?? ''), undefined]);
  });
});

const value = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)), fc.string({ unit: 'binary' }), fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 3 }), fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer(), { maxKeys: 2, noNullPrototype: true }));
const history = fc.array(fc.record({ f: fc.constantFrom('read', 'write', 'two words'), value, result: value, key: fc.oneof(fc.integer(), fc.string()), type: fc.constantFrom('ok', 'fail', 'info') }), { maxLength: 12 }).map((drafts) =>
  drafts.flatMap(({ f, value: argument, result, key, type }, i): readonly Op[] => [
    { index: 2 * i, time: 20 * i, process: i, type: 'invoke', f, value: argument, key },
    { index: 2 * i + 1, time: 20 * i + 5, process: i, type: type, f, value: type === 'ok' ? result : argument, key, ...(type === 'ok' ? {} : { error: { code: 'timeout' } }) },
  ]),
);

describe('what is written', () => {
  it('as edn reads as the same history', () => {
    fc.assert(
      fc.property(history, (ops) => {
        expect(readJepsenEdn(ops.map(ednLine).join('\n'), { source: 'h', keyed: true })).toEqual(ops);
      }),
      { numRuns: 500 },
    );
  });

  it('as ndjson reads as the same history', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (ops) => {
        expect((await read(pieces(ops.map((op) => `${ndjsonLine(op)}\n`).join(''), []), { format: 'ndjson' })).ops).toEqual(ops);
      }),
      { numRuns: 300 },
    );
  });

  it('names nemeses and notes as Jepsen would', () => {
    expect(ednLine({ index: 3, time: 4, process: 'nemesis/kill', type: 'info', f: 'start', value: { 'a b': ['n1'] } })).toBe('{:type :info, :f :start-kill, :value {"a b" ["n1"]}, :process :nemesis, :time 4, :index 3}');
    expect(ednLine({ index: 3, time: 4, process: 'runner', type: 'info', f: 'phase', value: 'load' })).toBe('{:type :info, :f :phase, :value "load", :process :runner, :time 4, :index 3}');
  });
});

interface Row {
  readonly file: string;
  readonly format: string;
}

describe.skipIf(!present)(present ? 'recorded histories' : 'recorded histories [SKIPPED: ../shared/data is not here]', () => {
  const rows = present ? (JSON.parse(readFileSync(`${DATA}manifest.json`, 'utf8')) as readonly Row[]) : [];
  const of = (folder: string): readonly string[] => rows.map(({ file }) => file).filter((file) => file.startsWith(folder) && existsSync(DATA + file));

  it('are all told and read as a stream', async () => {
    const files = ['porcupine/jepsen/', 'porcupine/kv/', 'knossos/', 'knossos-old/history.edn', 'history-sim/', 'elle-cli/elle/paper-example.json', 'elle-cli/knossos/'].flatMap(of);
    expect(files.length).toBeGreaterThan(140);
    for (const file of files) {
      const { ops, format } = await read(DATA + file, { name: file });
      expect([file, format, ops.length > 3]).toEqual([file, format, true]);
    }
  });

  it('read the same by the readers of whole texts', async () => {
    for (const file of [...of('porcupine/jepsen/').slice(0, 5), ...of('knossos/').slice(0, 5)]) {
      const text = readFileSync(DATA + file, 'utf8');
      const whole = file.startsWith('porcupine') ? readJepsenLog(text, { source: file }) : readJepsenEdn(text, { source: file });
      expect((await read(pieces(text, [1000, 7]), { name: file })).ops).toEqual(whole);
    }
  });
});
