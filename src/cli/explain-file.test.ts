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

function write(name: string, results: unknown): { readonly path: string; readonly said: string } {
  let said = '';
  const path = join(FOLDER, name);
  const context = { err: (text: string) => { said += text; } } satisfies Partial<CliContext>;
  writeExplanation(path, results, { title: 'a history' }, context as unknown as CliContext);
  return { path, said };
}

describe('writeExplanation', () => {
  it('writes a page for an invalid history, and says where', () => {
    const { path, said } = write('why.html', INVALID);
    expect(readFileSync(path, 'utf8')).toContain('read 2 is impossible');
    expect(said).toContain(path);
  });

  it.each([
    ['a valid history', { valid: true, details: { findings: [] } }, 'nothing to explain'],
    ['a valid run', { verdict: 'valid', checkers: [] }, 'nothing to explain'],
    ['one that is invalid for another reason', { valid: false, anomalies: [] }, 'not written'],
  ])('writes nothing for %s, and says so', (_, results, words) => {
    const { path, said } = write('nothing.html', results);
    expect(existsSync(path)).toBe(false);
    expect(said).toContain(words);
  });

  it('never overwrites a file', () => {
    const path = join(FOLDER, 'precious.html');
    writeFileSync(path, 'mine');
    expect(() => explainTarget(path)).toThrow('never overwritten');
    expect(() => write('precious.html', INVALID)).toThrow('cannot write');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(() => explainTarget(join(FOLDER, 'other.html'))).not.toThrow();
  });
});
