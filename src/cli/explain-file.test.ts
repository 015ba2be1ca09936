import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CliContext } from './context.js';
import { explainTarget, writeExplanation } from './explain-file.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'faultline-explain-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const INVALID = {
  valid: false,
  details: {
    findings: [{ valid: false, explained: { model: 'register', message: 'read 2 is impossible.', operations: [{ id: 0, process: 1, call: 'read 2', begin: 0, end: 1, beginTime: 0, endTime: 1, outcome: 'ok' }], hidden: 0, core: [0], minimal: true, without: [] } }],
  },
};

async function write(name: string, results: unknown, history?: string): Promise<{ readonly path: string; readonly said: string }> {
  let said = '';
  const path = join(FOLDER, name);
  const context = { err: (text: string) => { said += text; } } satisfies Partial<CliContext>;
  await writeExplanation(path, results, { title: 'a history' }, context as unknown as CliContext, history === undefined ? undefined : { file: history, format: {} });
  return { path, said };
}

describe('writeExplanation', () => {
  it('writes a page for an invalid history, and says where', async () => {
    const { path, said } = await write('why.html', INVALID);
    expect(readFileSync(path, 'utf8')).toContain('read 2 is impossible');
    expect(said).toContain(path);
  });

  it('takes times and nodes from the file that was judged', async () => {
    const history = join(FOLDER, 'history.ndjson');
    writeFileSync(history, '{"process":1,"type":"invoke","f":"read","value":null,"time":5000000,"node":"n7"}\n{"process":1,"type":"ok","f":"read","value":2,"time":9000000,"node":"n7"}\n');
    const { path } = await write('timed.html', INVALID, history);
    expect(readFileSync(path, 'utf8')).toContain('n7');
    expect(readFileSync(path, 'utf8')).toContain('"timed":true');
    expect(readFileSync((await write('untimed.html', INVALID)).path, 'utf8')).toContain('"timed":false');
  });

  it.each([
    ['a valid history', { valid: true, details: { findings: [] } }, 'nothing to explain'],
    ['a valid run', { verdict: 'valid', checkers: [] }, 'nothing to explain'],
    ['one that is invalid for another reason', { valid: false, anomalies: [] }, 'not written'],
  ])('writes nothing for %s, and says so', async (_, results, words) => {
    const { path, said } = await write('nothing.html', results);
    expect(existsSync(path)).toBe(false);
    expect(said).toContain(words);
  });

  it('never overwrites a file', async () => {
    const path = join(FOLDER, 'precious.html');
    writeFileSync(path, 'mine');
    expect(() => explainTarget(path)).toThrow('never overwritten');
    await expect(write('precious.html', INVALID)).rejects.toThrow('cannot write');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(() => explainTarget(join(FOLDER, 'other.html'))).not.toThrow();
  });
});
