import { execa } from 'execa';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

/** The command as a user runs it, on real processes; `npm test` builds it first. */
const BIN = fileURLToPath(new URL('../bin/faultline.js', import.meta.url));
const results = mkdtempSync(join(tmpdir(), 'faultline-e2e-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

interface Results {
  readonly verdict: string;
  readonly kind?: string;
  readonly runId: string;
  readonly durationMs: number;
  readonly endedEarly?: { readonly event: number };
  readonly checkers: readonly { readonly name: string; readonly valid: unknown; readonly summary: string; readonly anomalies: readonly { readonly ops: readonly number[] }[] }[];
}

function faultline(argv: readonly string[]) {
  return execa(process.execPath, [BIN, ...argv], { reject: false, stripFinalNewline: false, timeout: 100_000, killSignal: 'SIGKILL', env: { FAULTLINE_DEBUG: '' } });
}

function testArguments(suite: string, ...more: readonly string[]): readonly string[] {
  return ['test', '--results', results, '--suite', suite, '--nodes', '3', '--seed', '3', ...more];
}

function latest(suite: string): string {
  return join(results, suite, 'latest');
}

function readResults(suite: string): Results {
  return JSON.parse(readFileSync(join(latest(suite), 'results.json'), 'utf8')) as Results;
}

function historyLines(suite: string): number {
  const path = join(latest(suite), 'history.ndjson');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length : 0;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 30 s: ${what}`);
}

/** Processes of a run: they carry its id in their environment. */
function processesOf(suite: string): readonly string[] {
  const { id } = JSON.parse(readFileSync(join(latest(suite), 'run.json'), 'utf8')) as { id: string };
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`FAULTLINE_RUN=${id}`);
    } catch {
      return false;
    }
  });
}

describe('faultline test on real processes', () => {
  it('finds the correct service valid, stores the run, leaves nothing running, and checks it again with the same verdict', { timeout: 120_000 }, async () => {
    const { exitCode, stdout, stderr } = await faultline(testArguments('valid', '--time', '8s', '--nemesis', 'partition,kill,pause', '--json'));
    expect(stderr).toMatch(/VALID/);
    expect(exitCode, stderr).toBe(0);
    expect((JSON.parse(stdout) as { results: Results }).results.verdict).toBe('valid');
    for (const name of ['run.json', 'plan.json', 'history.ndjson', 'results.json', 'report.html', 'latency.svg', 'throughput.svg']) {
      expect(existsSync(join(latest('valid'), name)), name).toBe(true);
    }
    expect(readdirSync(join(latest('valid'), 'nodes'))).toEqual(['n1', 'n2', 'n3']);
    expect(processesOf('valid')).toEqual([]);
    const checked = await faultline(['check', latest('valid'), '--json']);
    expect(checked.exitCode).toBe(0);
    const again = JSON.parse(checked.stdout) as Results;
    const verdicts = ({ checkers }: Results): unknown => checkers.map(({ name, valid, summary }) => [name, valid, summary]);
    expect(verdicts(again)).toEqual(verdicts(readResults('valid')));
  });

  it('finds a switched-on bug, exits 1 and names the operations by index', { timeout: 120_000 }, async () => {
    const { exitCode, stderr } = await faultline(testArguments('bug', '--bug', 'local-read', '--runs', '5', '--fail-fast', '--time', '8s', '--nemesis', 'partition,pause'));
    expect(exitCode, stderr).toBe(1);
    expect(stderr).toMatch(/INVALID/);
    expect(stderr).toMatch(/#\d+/);
    expect(readResults('bug').kind).toBe('safety');
  });

  it('ends a run at the first violation that it proves, heals, leaves nothing running, and the final check agrees', { timeout: 120_000 }, async () => {
    const { exitCode, stderr } = await faultline(testArguments('fail-fast', '--bug', 'local-read', '--fail-fast', '--time', '60s', '--nemesis', 'partition,pause'));
    expect(exitCode, stderr).toBe(1);
    expect(processesOf('fail-fast')).toEqual([]);
    const { endedEarly, verdict, kind, durationMs, checkers } = readResults('fail-fast');
    expect({ verdict, kind }).toEqual({ verdict: 'invalid', kind: 'safety' });
    expect(durationMs).toBeLessThan(60_000);
    expect(stderr).toContain(`at event #${endedEarly?.event}`);
    expect(checkers.find(({ name }) => name === 'linearizable')?.anomalies[0]?.ops).toContain(endedEarly?.event);
    const events = readFileSync(join(latest('fail-fast'), 'history.ndjson'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { process: unknown; f: string; value: unknown });
    expect(events[(endedEarly?.event ?? 0) + 1]).toMatchObject({ process: 'runner', f: 'fail-fast' });
    expect(events.filter(({ process, f }) => process === 'runner' && f === 'phase').map(({ value }) => value)).toEqual(['load', 'heal', 'done']);
    const again = await faultline(['check', latest('fail-fast'), '--json']);
    expect(again.exitCode).toBe(1);
    expect((JSON.parse(again.stdout) as Results).endedEarly).toEqual(endedEarly);
  });

  it('ends in order at SIGINT: 130, no process left, a history that can be read', { timeout: 60_000 }, async () => {
    const running = faultline(testArguments('interrupted', '--time', '60s'));
    await until('the load phase', () => historyLines('interrupted') > 50);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect(exitCode, stderr).toBe(130);
    expect(processesOf('interrupted')).toEqual([]);
    const checked = await faultline(['check', latest('interrupted'), '--model', 'cas-register']);
    expect(checked.exitCode, checked.stderr).toBe(0);
  });

  it('is survived by its history when it is killed, and clean removes what is left', { timeout: 60_000 }, async () => {
    const running = faultline(testArguments('killed', '--time', '60s', '--nemesis', 'pause'));
    await until('the load phase', () => historyLines('killed') > 50);
    running.kill('SIGKILL');
    await running;
    const checked = await faultline(['check', latest('killed'), '--model', 'cas-register']);
    expect(checked.exitCode, checked.stderr).toBe(0);
    const whole = await faultline(['check', latest('killed')]);
    expect(whole.exitCode, 'a run without its final phase proves nothing').toBe(2);
    const cleaned = await faultline(['clean']);
    expect(cleaned.exitCode).toBe(0);
    expect(processesOf('killed')).toEqual([]);
  });

  it('says which port is in use', { timeout: 60_000 }, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { exitCode, stderr } = await faultline(testArguments('port', '--time', '2s', '--base-port', String(Math.min(port, 65_000))));
    server.close();
    expect(stderr).toMatch(new RegExp(`${Math.min(port, 65_000)}`));
    expect([254, 255]).toContain(exitCode);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });

  it('refuses quorums that need not meet, before anything is started', { timeout: 60_000 }, async () => {
    const { exitCode, stderr } = await faultline(testArguments('quorums', '-o', 'q1=1', '-o', 'q2=2'));
    expect(exitCode, stderr).toBe(254);
    expect(stderr).toMatch(/q1 \+ q2 more than 3/);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });
});
