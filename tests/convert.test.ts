import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { main } from '../src/cli/main.js';
import { FORMATS, openHistory, type HistoryFormat } from '../src/history/import/index.js';
import type { Op } from '../src/history/op.js';

const DATA = fileURLToPath(new URL('../../shared/data/', import.meta.url));
const DOCUMENT = readFileSync(new URL('../docs/formats.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'faultline-convert-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(argv: readonly string[], stdin = ''): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await main(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    environment: {},
    signal: new AbortController().signal,
    terminal: false,
    columns: 100,
    stdin: Readable.from([Buffer.from(stdin)]),
  });
  return { code, out, err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A stale read, in every format: process 0 writes 1, process 1 reads 0; a write of 2 is left open, and one of 3 fails. */
const STALE: Readonly<Record<HistoryFormat, string>> = {
  ndjson: lines('{"process":0,"type":"invoke","f":"write","value":1}', '{"process":0,"type":"ok","f":"write","value":1}', '{"process":2,"type":"invoke","f":"write","value":2}', '{"process":1,"type":"invoke","f":"read","value":null}', '{"process":1,"type":"ok","f":"read","value":0}', '{"process":0,"type":"invoke","f":"write","value":3}', '{"process":0,"type":"fail","f":"write","value":3,"error":{"code":"refused"}}'),
  json: '[{"process":0,"type":"invoke","f":"write","value":1},\n{"process":0,"type":"ok","f":"write","value":1},\n{"process":2,"type":"invoke","f":"write","value":2},\n{"process":1,"type":"invoke","f":"read","value":null},\n{"process":1,"type":"ok","f":"read","value":0},\n{"process":0,"type":"invoke","f":"write","value":3},\n{"process":0,"type":"fail","f":"write","value":3,"error":"refused"}]\n',
  edn: '[{:process 0, :type :invoke, :f :write, :value 1}\n {:process 0, :type :ok, :f :write, :value 1}\n {:process 2, :type :invoke, :f :write, :value 2}\n {:process 1, :type :invoke, :f :read, :value nil}\n {:process 1, :type :ok, :f :read, :value 0}\n {:process 0, :type :invoke, :f :write, :value 3}\n {:process 0, :type :fail, :f :write, :value 3, :error :refused}]\n',
  'jepsen-log': lines('starting', 'INFO  jepsen.util - 0\t:invoke\t:write\t1', 'INFO  jepsen.util - 0\t:ok\t:write\t1', 'INFO  jepsen.util - 2\t:invoke\t:write\t2', 'INFO  jepsen.util - 1\t:invoke\t:read\tnil', 'INFO  jepsen.util - 1\t:ok\t:read\t0', 'INFO  jepsen.util - 0\t:invoke\t:write\t3', 'INFO  jepsen.util - 0\t:fail\t:write\t:refused', 'done'),
  'jepsen-txt': lines('0  :invoke :write  1', '0  :ok :write  1', '2  :invoke :write  2', '1  :invoke :read  nil', '1  :ok :read  0', '0\t:invoke\t:write\t3', '0\t:fail\t:write\t3\t:refused'),
};

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

async function opsOf(text: string, options: { readonly keyed?: boolean } = {}): Promise<readonly Op[]> {
  const ops: Op[] = [];
  const { batches } = await openHistory(Readable.from([Buffer.from(text)]), { name: 'written', ...options });
  for await (const batch of batches) ops.push(...batch);
  return ops;
}

const PAIRS = FORMATS.flatMap((from) => (['ndjson', 'edn'] as const).map((to) => [from, to] as const));

describe('faultline convert', () => {
  it.each(PAIRS)('reads %s and writes %s, to a file and to standard output', async (from, to) => {
    const source = file(`stale.${from}`, STALE[from]);
    const out = join(folder, `${from}.${to}`);
    const written = await run(['convert', source, '--out', out]);
    expect(written).toEqual({ code: 0, out: '', err: `${out}: 7 events (from ${from})\n` });
    const text = readFileSync(out, 'utf8');
    expect(await run(['convert', '-', '--to', to], STALE[from])).toEqual({ code: 0, out: text, err: '' });
    expect(await run(['convert', source, '--to', to, '--format', from])).toEqual({ code: 0, out: text, err: '' });
    expect(await opsOf(text)).toEqual(await opsOf(STALE.ndjson));
  });

  it('writes the same again from what it wrote', async () => {
    for (const to of ['ndjson', 'edn']) {
      const once = (await run(['convert', '-', '--to', to], STALE.edn)).out;
      expect((await run(['convert', '-', '--to', to], once)).out).toBe(once);
    }
  });

  it('keeps keys: as a field of ndjson, as a tuple of edn', async () => {
    const tuples = '{:process 0, :type :invoke, :f :read, :value ["x" nil]}{:process 0, :type :ok, :f :read, :value ["x" [1 2]]}';
    const keyed = (await run(['convert', '-', '--keyed', '--to', 'ndjson'], tuples)).out;
    expect(keyed.split('\n')[1]).toBe('{"index":1,"time":1,"process":0,"type":"ok","f":"read","value":[1,2],"key":"x"}');
    const back = (await run(['convert', '-', '--to', 'edn'], keyed)).out;
    expect(back.split('\n')[1]).toBe('{:type :ok, :f :read, :value ["x" [1 2]], :process 0, :time 1, :index 1}');
    expect(await opsOf(back, { keyed: true })).toEqual(await opsOf(keyed));
    // Nobody but the user knows that it is a tuple.
    expect((await opsOf(back))[1]).toMatchObject({ value: ['x', [1, 2]] });
  });

  it('replaces a file only if it is told to', async () => {
    const out = file('there.ndjson', 'mine');
    const refused = await run(['convert', '-', '--out', out], STALE.edn);
    expect(refused).toMatchObject({ code: 254, out: '' });
    expect(refused.err).toMatch(/there\.ndjson is there already\n.*--force/);
    expect(readFileSync(out, 'utf8')).toBe('mine');
    expect((await run(['convert', '-', '--out', out, '--force'], STALE.edn)).code).toBe(0);
    expect(await opsOf(readFileSync(out, 'utf8'))).toHaveLength(7);
  });

  it.each<readonly [string, string, RegExp]>([
    ['broken.ndjson', '{"process":0,"type":"invoke","f":"read","value":null}\n{oops}\n', /broken\.ndjson:2:2: not JSON/],
    ['broken.edn', '[{:process 0, :type :invoke, :f :read}\n {:process 0, :type :okay, :f :read}]', /broken\.edn:2:2: "okay" is not a type of event/],
    ['cut.edn', '[{:process 0, :type :invoke, :f :read}\n', /cut\.edn:2:1: the list of events is not closed/],
    ['broken.json', '[{"process":0,"type":"invoke","f":"read"},\n {"process":0 "type":"ok"}]', /broken\.json:2:15: not JSON/],
    ['broken.txt', '0 :invoke :read nil\noops\n', /broken\.txt:2:1: expected "process :type :name value"/],
    ['broken.log', 'INFO  jepsen.util - 0 :invoke :write [1 2\n', /broken\.log:1:38: not closed by "\]"/],
    ['page.html', '<html>', /page\.html: not a history of a known format, it begins with "<html>"/],
    ['unpaired.edn', '{:process 0, :type :ok, :f :read, :value 3}', /unpaired\.edn:1:1: process 0 completes read \(ok\) that it did not invoke/],
  ])('says where %s is malformed, exits 254 and leaves nothing behind', async (name, text, message) => {
    const source = file(name, text);
    const before = readdirSync(folder);
    const ran = await run(['convert', source, '--out', join(folder, 'never.ndjson')]);
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(ran).toMatchObject({ code: 254, out: '' });
    expect(readdirSync(folder)).toEqual(before);
    const checked = await run(['check', source, '--model', 'register']);
    expect(checked.err).toMatch(message);
    expect(checked.code).toBe(254);
  });

  it('refuses what cannot be written, and leaves nothing behind', async () => {
    mkdirSync(join(folder, 'a-folder'));
    const before = readdirSync(folder);
    for (const out of [join(folder, 'missing', 'x.ndjson'), join(folder, 'a-folder')]) {
      const ran = await run(['convert', '-', '--out', out, '--force'], STALE.edn);
      expect(ran).toMatchObject({ code: 254, out: '' });
      expect(ran.err).toContain(`${out} cannot be written`);
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  it('leaves a file alone that was to be replaced by what is malformed', async () => {
    const out = file('kept.ndjson', STALE.ndjson);
    expect((await run(['convert', '-', '--out', out, '--force'], `${STALE.edn}]`)).code).toBe(254);
    expect(readFileSync(out, 'utf8')).toBe(STALE.ndjson);
    expect(existsSync(`${out}.part`)).toBe(false);
  });

  it('leaves out a last line that was cut off, and says so', async () => {
    const ran = await run(['convert', '-', '--to', 'ndjson'], `${STALE.ndjson}{"process":0,"ty`);
    expect(ran.code).toBe(0);
    expect(ran.err).toMatch(/line 8 was cut off/);
    expect(await opsOf(ran.out)).toHaveLength(7);
  });

  it('names the formats that it knows', async () => {
    const reading = await run(['convert', '-', '--format', 'xml'], STALE.edn);
    expect(reading).toMatchObject({ code: 254 });
    for (const format of FORMATS) expect(reading.err).toContain(format);
    expect((await run(['convert', '-', '--to', 'json'], STALE.edn)).err).toMatch(/unknown format to write "json".*\n.*ndjson, edn/);
  });
});

describe('faultline check', () => {
  it.each(FORMATS)('gives the verdict on %s, from a file and from standard input', async (format) => {
    const direct = await run(['check', file(`judged.${format}`, STALE[format]), '--model', 'register', '--init', '0', '--json']);
    const piped = await run(['check', '-', '--model', 'register', '--init', '0', '--json'], STALE[format]);
    for (const { code, out } of [direct, piped]) {
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({ valid: false, operations: 4, anomalies: [{ kind: 'stale-read', ops: [0, 1, 3, 4] }] });
    }
  });

  it('takes keyed tuples as registers of their own', async () => {
    const tuples = '{:process 0, :type :invoke, :f :write, :value [1 5]}{:process 0, :type :ok, :f :write, :value [1 5]}{:process 0, :type :invoke, :f :read, :value [2 nil]}{:process 0, :type :ok, :f :read, :value [2 nil]}';
    expect((await run(['check', '-', '--model', 'register', '--keyed'], tuples)).code).toBe(0);
    expect((await run(['check', '-', '--model', 'register', '--keyed'], tuples.replace(/\[2 nil\]\}$/, '[2 7]}'))).code).toBe(1);
  });
});

interface Row {
  readonly file: string;
  readonly expected: string | null;
}

const CORPORA = [['porcupine/jepsen/', 12, 'cas-register'], ['knossos/cas-register/', 60, 'cas-register'], ['porcupine/kv/', 9, 'kv']] as const;

describe.each(CORPORA)('recorded histories of %s', (prefix, most, model) => {
  const present = existsSync(DATA + prefix);

  it.skipIf(!present)(`have their verdicts, as they are and converted${present ? '' : ` (skipped: ../shared/data/${prefix} is missing)`}`, async () => {
    const rows = (JSON.parse(readFileSync(`${DATA}manifest.json`, 'utf8')) as readonly Row[]).filter((row) => row.file.startsWith(prefix) && existsSync(DATA + row.file));
    const chosen = rows.filter((_, i) => i % Math.ceil(rows.length / most) === 0 || rows.length <= most);
    expect(chosen.length).toBeGreaterThan(1);
    const flags = ['--model', model];
    for (const row of chosen) {
      const expected = row.expected === 'valid' ? 0 : 1;
      expect([row.file, (await run(['check', DATA + row.file, ...flags])).code]).toEqual([row.file, expected]);
      for (const to of ['ndjson', 'edn']) {
        const { out } = await run(['convert', DATA + row.file, '--to', to]);
        const keyed = to === 'edn' && model === 'kv' ? ['--keyed'] : [];
        expect([row.file, to, (await run(['check', '-', ...flags, ...keyed], out)).code]).toEqual([row.file, to, expected]);
      }
    }
  }, 120_000);
});

describe('docs/formats.md', () => {
  it('has a section for every format, with an example that reads as that format', async () => {
    const found = [...DOCUMENT.matchAll(/^## `([a-z-]+)`.*\n\n((?: {4}.*\n)+)/gm)].map(([, format = '', example = '']) => ({ format, text: example.replace(/^ {4}/gm, '') }));
    expect(found.map(({ format }) => format)).toEqual([...FORMATS]);
    for (const { format, text } of found) {
      const opened = await openHistory(Readable.from([Buffer.from(text)]), { name: format });
      const ops: Op[] = [];
      for await (const batch of opened.batches) ops.push(...batch);
      expect([format, opened.format, ops.map(({ type, f, value }) => [type, f, value])]).toEqual([format, format, [['invoke', 'write', 3], ['ok', 'write', 3], ['invoke', 'cas', [3, 4]], ['fail', 'cas', [3, 4]]]]);
    }
  });
});

describe('a signal', () => {
  const COMMAND = fileURLToPath(new URL('../bin/faultline.js', import.meta.url));
  const LINES = '{"process":0,"type":"invoke","f":"read","value":null}\n{"process":0,"type":"ok","f":"read","value":null}\n'.repeat(5000);

  /** Starts the command on a history that does not end, and sends the signal once it has taken more of it than a pipe holds. */
  async function interrupted(args: readonly string[]): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = new Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>((resolve) => void child.once('exit', (code, signal) => resolve({ code, signal })));
    child.stdin.on('error', () => undefined);
    let taken = 0;
    const feed = (): void => {
      taken++;
      if (!child.stdin.destroyed && child.exitCode === null && child.signalCode === null) child.stdin.write(LINES, () => setImmediate(feed));
    };
    feed();
    await vi.waitUntil(() => taken > 20, { timeout: 20_000, interval: 10 });
    child.kill('SIGINT');
    return ended;
  }

  it('ends a conversion with exit code 130, and leaves nothing behind', async () => {
    const out = join(folder, 'endless.ndjson');
    expect(await interrupted(['convert', '-', '--out', out])).toEqual({ code: 130, signal: null });
    expect([existsSync(out), existsSync(`${out}.part`)]).toEqual([false, false]);
  });

  it('ends a check at once', async () => {
    expect(await interrupted(['check', '-', '--model', 'register'])).toEqual({ code: null, signal: 'SIGINT' });
  });
});
