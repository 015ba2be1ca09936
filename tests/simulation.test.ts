import { execa } from 'execa';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

/** The command as a user runs it, in virtual time; `npm test` builds it first. */
const BIN = fileURLToPath(new URL('../bin/faultline.js', import.meta.url));
const results = mkdtempSync(join(tmpdir(), 'faultline-sim-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

function faultline(suite: string, ...argv: readonly string[]) {
  return execa(process.execPath, [BIN, 'test', '--cluster', 'sim', '--results', results, '--suite', suite, ...argv], { reject: false, stripFinalNewline: false, timeout: 100_000, killSignal: 'SIGKILL', env: { FAULTLINE_DEBUG: '' } });
}

function stored(suite: string, name: string): string {
  return readFileSync(join(results, suite, 'latest', name), 'utf8');
}

describe('faultline test --cluster sim', { timeout: 120_000 }, () => {
  it('finds the correct service valid, stores the run with its report, and gives the same history again', async () => {
    const argv = ['--nodes', '3', '--seed', '3', '--time', '5s', '--nemesis', 'partition,kill,pause', '--json'];
    const { exitCode, stdout, stderr } = await faultline('valid', ...argv);
    expect(stderr).toMatch(/VALID/);
    expect(exitCode, stderr).toBe(0);
    const { plan, results: { verdict } } = JSON.parse(stdout) as { readonly plan: { readonly world?: unknown; readonly command: string }; readonly results: { readonly verdict: string } };
    expect(verdict).toBe('valid');
    expect(plan.world).toBeDefined();
    for (const name of ['run.json', 'plan.json', 'history.ndjson', 'results.json', 'report.html', 'latency.svg']) expect(stored('valid', name).length, name).toBeGreaterThan(0);
    expect(existsSync(join(results, 'valid', 'latest', 'messages.html')), 'there is nothing to explain').toBe(false);
    const history = stored('valid', 'history.ndjson');
    const [, , ...again] = plan.command.split(' ');
    await execa(process.execPath, [BIN, 'test', ...again, '--results', results, '--suite', 'again'], { reject: false, timeout: 100_000 });
    expect(stored('again', 'history.ndjson')).toBe(history);
  });

  it('has the leader hand over, to whom it likes and to a node that is named, and others lead afterwards', async () => {
    const { exitCode, stdout, stderr } = await faultline('transfer', '--nodes', '3', '--seed', '5', '--time', '5s', '--nemesis', 'transfer', '--json');
    expect(exitCode, stderr).toBe(0);
    const { results: { faults, exercised } } = JSON.parse(stdout) as { readonly results: { readonly faults: readonly { readonly nemesis: string; readonly effect: { readonly observed: boolean } }[]; readonly exercised: Readonly<Record<string, number>> } };
    expect(faults.filter(({ effect }) => effect.observed).length).toBeGreaterThan(0.7 * faults.length);
    expect(faults.length).toBeGreaterThan(3);
    expect(exercised['transfers']).toBeGreaterThan(3);
  });

  it('searches for a switched-on bug, stores what it finds with the messages that explain it, and exits 1', async () => {
    const { exitCode, stdout, stderr } = await faultline('bug', '--bug', 'local-read', '--runs', '50', '--seed', '1', '--jobs', '2', '--time', '4s', '--json');
    expect(exitCode, stderr).toBe(1);
    expect(stderr).toMatch(/^seed 1: 50 runs in virtual time on 2 threads \(paxos, bugs: local-read\)\n/);
    expect(stderr).toMatch(/INVALID/);
    expect(stderr).not.toMatch(/deterministic/);
    const summary = JSON.parse(stdout.split('\n')[0] ?? '') as { readonly runs: number; readonly states: number; readonly failures: readonly { readonly verdict: string; readonly kind: string; readonly checker: string }[] };
    expect(summary.failures[0]).toMatchObject({ verdict: 'invalid', kind: 'safety', checker: 'linearizable' });
    expect(summary.runs).toBeLessThan(50);
    expect(summary.states).toBeGreaterThan(10);
    expect(stored('bug', 'messages.html')).toContain('<svg');
    expect(JSON.parse(stored('bug', 'results.json'))).toMatchObject({ verdict: 'invalid', kind: 'safety' });
    expect(JSON.parse(stored('bug', 'plan.json'))).toMatchObject({ cluster: 'sim', bugs: ['local-read'], timeMs: 4000 });
  });

  it('does what it found again, to the byte, and makes it small', async () => {
    const again = (command: string, ...argv: readonly string[]) => execa(process.execPath, [BIN, command, join(results, 'bug', 'latest'), '--results', results, ...argv], { reject: false, timeout: 100_000, killSignal: 'SIGKILL' });
    const shrunk = await again('shrink', '--time-limit', '30s', '--jobs', '2', '--json');
    expect(shrunk.exitCode, shrunk.stderr).toBe(1);
    const { before, after, dir } = JSON.parse(shrunk.stdout) as { readonly before: { readonly operations: number }; readonly after: { readonly operations: number; readonly faults: number }; readonly dir: string };
    expect(before.operations).toBeGreaterThan(50);
    expect(after.operations).toBeLessThanOrEqual(12);
    expect(after.faults).toBeLessThanOrEqual(3);
    expect(existsSync(join(dir, 'messages.html'))).toBe(true);
    const replayed = await again('replay');
    expect(replayed.stderr).toMatch(/the same history, to the byte: \d+ events/);
    expect(replayed.exitCode).toBe(1);
  });

  it('stores what it has found when it is interrupted', async () => {
    const search = faultline('interrupted', '--bug', 'local-read', '--runs', '100000', '--keep-going', '--seed', '1', '--jobs', '1', '--time', '2s');
    let [told, asked] = ['', false];
    search.stderr?.on('data', (text: Buffer) => {
      told += text.toString();
      if (asked || !/[1-9]\d* failed/.test(told)) return;
      asked = true;
      search.kill('SIGINT');
    });
    const { exitCode, stderr } = await search;
    expect(exitCode, stderr).toBe(130);
    expect(JSON.parse(stored('interrupted', 'results.json'))).toMatchObject({ verdict: 'invalid' });
    expect(stored('interrupted', 'report.html').length).toBeGreaterThan(0);
  });

  it('searches the correct service in vain', async () => {
    const { exitCode, stdout, stderr } = await faultline('search', '--runs', '6', '--seed', '40', '--time', '2s', '--json');
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ seed: 40, runs: 6, failures: [] });
    expect(stderr).toMatch(/6 runs in [\d.]+ s: /);
    expect(existsSync(join(results, 'search'))).toBe(false);
  });

  it('begins no run when the budget is spent', async () => {
    const { stdout, stderr } = await faultline('budget', '--runs', '5000', '--seed', '40', '--time', '2s', '--budget', '1s', '--jobs', '2', '--json');
    const { runs } = JSON.parse(stdout) as { readonly runs: number };
    expect(runs, stderr).toBeGreaterThan(0);
    expect(runs).toBeLessThan(500);
  });

  it('refuses what is said of a search where there is none', async () => {
    const { exitCode, stderr } = await faultline('budget', '--budget', '5s', '--keep-going');
    expect([exitCode, stderr]).toEqual([254, 'faultline: --keep-going, --budget: only for many runs in virtual time\n  Give --cluster sim and --runs 2 or more, or leave it out.\n']);
  });

  it.each([
    ['an image', ['--image', 'debian'], /--image: the cluster sim does not run images/],
    ['a nemesis that nobody knows', ['--nemesis', 'earthquake'], /earthquake/],
    ['an option that the system does not have', ['-o', 'q9=1'], /q9/],
  ])('refuses %s before anything is run', async (_, argv, words) => {
    const { exitCode, stderr } = await faultline('usage', ...argv);
    expect(exitCode, stderr).toBe(254);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(existsSync(join(results, 'usage'))).toBe(false);
  });
});
