import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalWriter, readHistory } from './journal.js';
import { locateJsonError } from './json-error.js';
import type { Op } from './op.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-journal-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const someOp = fc.record(
  {
    process: fc.oneof(fc.nat(), fc.constantFrom('nemesis/partition', 'monitor', 'runner "x"\n')),
    type: fc.constantFrom('invoke', 'ok', 'fail', 'info'),
    f: fc.oneof(fc.constantFrom('read', 'write', 'cas'), fc.string({ minLength: 1, unit: 'binary' })),
    value: fc.jsonValue(),
    key: fc.oneof(fc.string(), fc.integer()),
    node: fc.string(),
    error: fc.oneof(fc.record({ code: fc.string() }), fc.record({ code: fc.string(), message: fc.string({ unit: 'grapheme' }) })),
  },
  { requiredKeys: ['process', 'type', 'f', 'value'], noNullPrototype: true },
);
const someOps = fc.array(someOp, { maxLength: 30 }).map((list) => list.map((op, index) => ({ index, time: index * 1000, ...op })));

function write(path: string, ops: readonly Op[]): void {
  using journal = new JournalWriter(path);
  for (const op of ops) journal.append(op);
}

/** What JSON keeps of a value: -0 becomes 0. */
function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('JournalWriter and readHistory', () => {
  it('give back what was written, however the bytes are cut into chunks', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(someOps, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (ops, sizes) => {
        const path = join(folder, `round-${n++}`);
        write(path, ops);
        const read = await readHistory(chunksOf(readFileSync(path), sizes));
        expect(read).toEqual({ ops: asJson(ops), torn: undefined, renumbered: false });
      }),
    );
  });

  it('leave a readable prefix wherever the file is cut off', async () => {
    const ops: Op[] = Array.from({ length: 6 }, (_, index) => ({ index, time: index, process: index, type: 'invoke', f: 'write', value: { é: [index, '"}\n'] } }));
    const path = join(folder, 'whole');
    write(path, ops);
    const bytes = readFileSync(path);
    for (let length = 0; length <= bytes.length; length++) {
      const { ops: read, torn } = await readHistory(chunksOf(bytes.subarray(0, length), [7]), 'cut');
      expect(read).toEqual(ops.slice(0, read.length));
      const complete = bytes.subarray(0, length).toString().split('\n').length - 1;
      expect(read.length - complete).toBeLessThanOrEqual(1);
      expect(read.length).toBeGreaterThanOrEqual(complete);
      if (read.length === complete) expect(torn === undefined).toBe(length === 0 || bytes[length - 1] === 0x0a);
    }
  });

  it('write within milliseconds, and after SIGKILL a prefix is there', async () => {
    const path = join(folder, 'killed');
    const module = new URL('./journal.ts', import.meta.url);
    const source = `const { JournalWriter } = await import(${JSON.stringify(await compiled(module.pathname))});
      const journal = new JournalWriter(${JSON.stringify(path)});
      for (let index = 0; ; index++) { journal.append({ index, time: index, process: 0, type: 'invoke', f: 'write', value: 'x'.repeat(50) }); if (index % 50 === 0) await new Promise((r) => setTimeout(r, 1)); }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'ignore', 'inherit'] });
    try {
      await expect.poll(() => size(path), { timeout: 10_000, interval: 5 }).toBeGreaterThan(20_000);
    } finally {
      child.kill('SIGKILL');
    }
    await new Promise((resolve) => child.once('close', resolve));
    const { ops } = await readHistory(path);
    expect(ops.length).toBeGreaterThan(100);
    expect(ops.map((op) => op.index)).toEqual(ops.map((_, i) => i));
  });

  it('write a lone event without further ado', async () => {
    const path = join(folder, 'lone');
    using journal = new JournalWriter(path);
    journal.append({ index: 0, time: 0, process: 0, type: 'invoke', f: 'read', value: null });
    await expect.poll(() => size(path), { timeout: 5000, interval: 2 }).toBeGreaterThan(0);
  });

  it('never overwrite a file', () => {
    const path = join(folder, 'taken');
    writeFileSync(path, 'precious');
    expect(() => new JournalWriter(path)).toThrow(expect.objectContaining({ code: 'journal-exists' }) as Error);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('report a value that is not JSON by its event, and a disk that takes nothing', async () => {
    const op: Op = { index: 3, time: 0, process: 1, type: 'invoke', f: 'write', value: 10n };
    using journal = new JournalWriter(join(folder, 'bad-value'));
    expect(() => journal.append(op)).toThrow(/event 3 \(invoke write of process 1\)/);
    const closed = new JournalWriter(join(folder, 'closed'));
    closed.close();
    closed.close();
    expect(() => closed.append({ ...op, value: 1 })).toThrow(expect.objectContaining({ code: 'journal-closed' }) as Error);
    const full = new JournalWriter(join(folder, 'full'));
    closeSync(lastDescriptor());
    full.append({ ...op, value: 1 });
    await expect.poll(() => failure(() => full.append({ ...op, value: 1 }))).toMatchObject({ code: 'journal-write' });
  });
});

/** The descriptor that was opened last: descriptors are handed out from the lowest. */
function lastDescriptor(): number {
  const next = openSync(folder, 'r');
  closeSync(next);
  return next - 1;
}

function failure(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Compiles a module and what it imports to JavaScript in the test's folder. */
async function compiled(path: string): Promise<string> {
  const { build } = await import('vite');
  await build({
    logLevel: 'silent',
    configFile: false,
    build: { ssr: path, outDir: join(folder, 'out'), emptyOutDir: false, rollupOptions: { output: { entryFileNames: 'journal.mjs', inlineDynamicImports: true } } },
    ssr: { noExternal: ['zod'] },
  });
  return join(folder, 'out', 'journal.mjs');
}

async function read(text: string): ReturnType<typeof readHistory> {
  return readHistory(chunksOf(Buffer.from(text), [5]), 'h.ndjson');
}

describe('readHistory', () => {
  it('fills in what a bare history leaves out', async () => {
    const { ops, renumbered, torn } = await read('{"process":0,"type":"invoke","f":"read"}\n{"process":0,"type":"ok","f":"read","value":null}');
    expect(ops).toEqual([
      { index: 0, time: 0, process: 0, type: 'invoke', f: 'read', value: null },
      { index: 1, time: 1, process: 0, type: 'ok', f: 'read', value: null },
    ]);
    expect([renumbered, torn]).toEqual([true, undefined]);
  });

  it('takes CRLF, a byte order mark, blank lines and unknown fields; keeps the rest', async () => {
    const { ops } = await read('\uFEFF{"process":"nemesis","type":"info","f":"start","value":1,"extra":[]}\r\n\r\n  \n{"process":4,"type":"info","f":"w","value":2,"key":7,"node":"n1","error":"boom"}\r\n');
    expect(ops).toEqual([
      { index: 0, time: 0, process: 'nemesis', type: 'info', f: 'start', value: 1 },
      { index: 1, time: 1, process: 4, type: 'info', f: 'w', value: 2, key: 7, node: 'n1', error: { code: 'boom' } },
    ]);
  });

  it('numbers a filtered history anew and says so', async () => {
    const { ops, renumbered } = await read('{"index":4,"time":9,"process":0,"type":"invoke","f":"r","value":1}\n{"index":7,"time":9,"process":0,"type":"ok","f":"r","value":1}\n');
    expect(ops.map((op) => [op.index, op.time])).toEqual([[0, 9], [1, 9]]);
    expect(renumbered).toBe(true);
  });

  it('says of an empty history that it has no events', async () => {
    expect(await read('')).toEqual({ ops: [], torn: undefined, renumbered: false });
  });

  const good = '{"process":0,"type":"invoke","f":"r","value":1}\n';
  it.each([
    [`${good}{"process":0,"type":"ok","f":"r",}\n`, 'history-json', 'h.ndjson:2:34: not JSON: expected a name in double quotes'],
    [`{"process":0\n`, 'history-json', 'h.ndjson:1:13: not JSON: expected "," or "}"'],
    [`${good}\n[1]\n`, 'history-line', 'h.ndjson:3:1: expected a JSON object'],
    [`${good}[1]`, 'history-line', 'h.ndjson:2:1: expected a JSON object'],
    ['{"process":"3","type":"ok","f":"r","value":1}\n', 'history-line', ':1:2: process: expected a whole number from 0 up for a client (without quotes)'],
    ['{"process":-1,"type":"ok","f":"r","value":1}\n', 'history-line', ':1:2: process: expected a whole number'],
    ['{"process":1.5,"type":"ok","f":"r","value":1}\n', 'history-line', ':1:2: process: expected a whole number'],
    ['{"process":0,"type":"OK","f":"r","value":1}\n', 'history-line', ':1:14: type: expected "invoke", "ok", "fail" or "info", found "OK"'],
    ['{"process":0,"type":"ok","value":1}\n', 'history-line', ':1:1: f: expected the name of the operation, such as "read", it is missing'],
    ['{"process":0,"type":"ok","f":"","value":1}\n', 'history-line', 'f: expected the name'],
    ['{"process":0,"type":"ok","f":"r"}\n', 'history-line', 'value: expected the result of the operation'],
    ['{"process":0,"type":"ok","f":"r","value":1,"key":{}}\n', 'history-line', ':1:44: key: expected a text or a number, found {}'],
    ['{"process":0,"type":"ok","f":"r","value":1,"index":-1}\n', 'history-line', 'index: expected a whole number from 0 up'],
    ['{"process":0,"type":"ok","f":"r","value":1,"time":"1"}\n', 'history-line', 'time: expected nanoseconds'],
    ['{"process":0,"type":"ok","f":"r","value":1,"node":1}\n', 'history-line', 'node: expected the name of a node'],
    ['{"process":0,"type":"ok","f":"r","value":1,"error":{"message":1}}\n', 'history-line', 'error: expected {"code"'],
    ['{"index":1,"process":0,"type":"ok","f":"r","value":1}\n{"index":1,"process":0,"type":"ok","f":"r","value":1}\n', 'history-order', ':2:2: index: expected a number above 1, found 1'],
    ['{"time":5,"process":0,"type":"ok","f":"r","value":1}\n{"time":4,"process":0,"type":"ok","f":"r","value":1}\n', 'history-order', ':2:2: time: expected at least 5, found 4'],
  ])('refuses %j', async (text, code, message) => {
    await expect(read(text)).rejects.toMatchObject({ code, exitCode: 254, message: expect.stringContaining(message) as string, hint: expect.any(String) as string });
  });

  it('refuses what is not text, with the line, and names a compressed file as such', async () => {
    const bytes = Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0x0a])]);
    await expect(readHistory(chunksOf(bytes, [9]), 'b')).rejects.toMatchObject({ code: 'history-encoding', message: 'b:2: not UTF-8 text' });
    await expect(readHistory(chunksOf(Buffer.from([0x1f, 0x8b, 0x0a]), [9]), 'b')).rejects.toMatchObject({ hint: 'The file is compressed: unpack it first.' });
  });

  it('says so if the file is not there', async () => {
    await expect(readHistory(join(folder, 'none'))).rejects.toMatchObject({ code: 'history-file', exitCode: 254 });
  });

  it('reports a torn line that broke inside a character', async () => {
    const path = join(folder, 'torn');
    writeFileSync(path, `${good}{"process":0,"type":"invoke","f":"é`);
    truncateSync(path, statSync(path).size - 1);
    const { ops, torn } = await readHistory(path);
    expect(ops).toHaveLength(1);
    expect(torn?.line).toBe(2);
  });
});

describe('locateJsonError', () => {
  it('finds an error exactly where JSON.parse does', () => {
    const mutated = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '{', ']', '\\', '1', 'x', '\u0001', 'nul')).map(([text, at, insert]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + (insert === '' ? 1 : 0));
    });
    fc.assert(
      fc.property(mutated, (text) => {
        const parses = failure(() => void JSON.parse(text)) === undefined;
        expect(locateJsonError(text) === undefined).toBe(parses);
      }),
      { numRuns: 2000 },
    );
  });

  it('blames a place up to which the text could still have become JSON', () => {
    expect(locateJsonError('{"a":1,"b":tru}')).toEqual({ offset: 11, expected: 'a value' });
    expect(locateJsonError('{"a":"\\x"}')).toEqual({ offset: 6, expected: expect.stringContaining('escape') as string });
    expect(locateJsonError('[1 2]')).toEqual({ offset: 3, expected: '"," or "]"' });
    expect(locateJsonError('1 2')).toEqual({ offset: 2, expected: 'the end of the line' });
    expect(locateJsonError('')).toEqual({ offset: 0, expected: 'a value' });
    expect(locateJsonError('['.repeat(100_000))?.expected).toContain('levels');
  });
});
