import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { main } from './main.js';

async function run(argv: readonly string[], options: { readonly signal?: AbortSignal; readonly terminal?: boolean } = {}): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(['explore', ...argv], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    environment: {},
    signal: options.signal ?? new AbortController().signal,
    terminal: options.terminal ?? false,
    columns: 100,
    stdin: Readable.from([]),
  });
  return { code, out, err };
}

describe('faultline explore', () => {
  it('lists the models with their options and bugs', async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    expect(out).toMatch(/^single-decree$/m);
    expect(out).toMatch(/--ballots <n> +number of ballots/);
    expect(out).toMatch(/Bugs \(--bug\): own-value/);
    expect(JSON.parse((await run(['--json'])).out)).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'single-decree' })]));
  });

  it('exits 0 when the whole scope is right, with the figures', async () => {
    const { code, out } = await run(['single-decree']);
    expect(code).toBe(0);
    expect(out).toMatch(/distinct states +3,921\n +states generated +23,563\n +depth +17\n/);
    expect(out).toMatch(/odds that two states were taken for one 4\.2e-12/);
    expect(out).toMatch(/^No violation/m);
  });

  it('exits 1 with numbered steps that can be followed', async () => {
    const { code, out } = await run(['single-decree', '--own-values', '--bug', 'own-value']);
    expect(code).toBe(1);
    expect(out).toMatch(/^VIOLATED: Agreement/m);
    expect(out).toMatch(/^ 1\. p1 -> all acceptors: prepare/m);
    expect(out).toMatch(/^12\. /m);
  });

  it('gives one JSON document', async () => {
    const { code, out } = await run(['single-decree', '--q1', '1', '--own-values', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ model: 'single-decree', scope: { q1: 1, q2: 2, ownValues: true }, outcome: 'violated', counterexample: { violated: 'Agreement: both v0 and v1 are chosen' } });
  });

  it('exits 2 when a limit comes first', async () => {
    const { code, out } = await run(['single-decree', '--max-states', '100']);
    expect(code).toBe(2);
    expect(out).toMatch(/^Unknown: there are more states than --max-states allows/m);
    expect((await run(['single-decree', '--ballots', '4', '--memory-limit', '1m'])).out).toMatch(/the memory limit came first/);
  });

  it('takes what a bug needs for its scope', async () => {
    expect((await run(['single-decree', '--own-values', '--bug', 'any-value'])).code).toBe(1);
    expect((await run(['single-decree', '--own-values', '--bug', 'any-value', '--ballots', '2'])).code).toBe(0);
  });

  it('shows a terminal how far it is, and leaves nothing there', async () => {
    const { err } = await run(['single-decree', '--ballots', '3'], { terminal: true });
    expect(err.endsWith('\r\u001b[K')).toBe(true);
  });

  it('can be interrupted', async () => {
    const { code } = await run(['single-decree', '--ballots', '4'], { signal: AbortSignal.abort() });
    expect(code).toBe(130);
  });

  it.each([
    [['sngle-decree'], /Did you mean single-decree\?/],
    [['single-decree', '--acceptors', '99'], /--acceptors: 99 is not from 1 to 8/],
    [['single-decree', '--acceptors', 'x'], /--acceptors: "x" is not a whole number/],
    [['single-decree', '--q1', '4'], /a quorum of 4 needs as many acceptors[^]*Give a smaller --q1/],
    [['core', '--values', '2'], /--values: the model core has no such option[^]*It has: .*--nodes/],
    [['core', '--q1', '1'], /q1 \+ q2 is 3; it must be more than 3/],
    [['single-decree', '--bug', 'own-valu'], /Did you mean own-value\?/],
  ])('%j is refused with what to do', async (argv, message) => {
    const { code, err } = await run(argv);
    expect([code, err]).toEqual([254, expect.stringMatching(message)]);
  });
});
