import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

/** The program as it is installed; `npm test` builds it first. */
const PROGRAM = fileURLToPath(new URL('../../../dist/systems/synod/synod-server/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'faultline-synod-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spawnServer = (argv: readonly string[]) => execa(process.execPath, [PROGRAM, ...argv], { reject: false, timeout: 60_000, killSignal: 'SIGKILL' });
type Running = ReturnType<typeof spawnServer>;
const running = new Set<Running>();
afterEach(async () => {
  for (const server of running) server.kill('SIGKILL');
  await Promise.all(running);
  running.clear();
});

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function decide(address: string, key: string, value: unknown): Promise<{ readonly status: number; readonly body: unknown } | undefined> {
  const response = await fetch(`http://${address}/decide/${key}`, { method: 'POST', body: JSON.stringify(value), signal: AbortSignal.timeout(3000) }).catch(() => undefined);
  return response === undefined ? undefined : { status: response.status, body: await response.json() };
}

describe('three nodes', () => {
  it('decide a key once, whoever asks and whoever was killed meanwhile', { timeout: 60_000 }, async () => {
    const ports = await freePorts(6);
    const address = (i: number): string => `127.0.0.1:${ports[i]}`;
    const start = (i: number): Running => {
      const peers = [0, 1, 2].flatMap((j) => (j === i ? [] : [`${j + 1}=${address(3 + j)}`])).join(',');
      const server = spawnServer(['--id', String(i + 1), '--client', address(i), '--peer', address(3 + i), '--peers', peers, '--data', join(folder, `n${i + 1}`)]);
      running.add(server);
      return server;
    };
    for (const i of [0, 1, 2]) expect((await spawnServer(['init', '--id', String(i + 1), '--data', join(folder, `n${i + 1}`)])).stderr).toBe('');
    const nodes = [0, 1, 2].map(start);
    await expect.poll(() => decide(address(0), 'a', 'first'), { timeout: 10_000 }).toEqual({ status: 200, body: { value: 'first' } });
    for (const i of [1, 2, 0]) await expect.poll(() => decide(address(i), 'a', `late ${i}`), { timeout: 10_000 }).toEqual({ status: 200, body: { value: 'first' } });
    const many = await Promise.all([0, 1, 2, 0, 1, 2].map((i, n) => decide(address(i), 'b', n)));
    expect(new Set(many.map((answer) => JSON.stringify(answer))).size).toBe(1);
    for (const node of nodes) node.kill('SIGKILL');
    await Promise.all(nodes);
    void start(1);
    // One of three knows the vote that it cast, and cannot decide alone.
    await expect.poll(() => decide(address(1), 'c', 1), { timeout: 10_000 }).toMatchObject({ status: 504, body: { error: { code: 'unknown', definite: false } } });
    void start(2);
    await expect.poll(() => decide(address(2), 'a', 'much later'), { timeout: 10_000 }).toEqual({ status: 200, body: { value: 'first' } });
    expect(await decide(address(2), 'd', null)).toMatchObject({ status: 400, body: { error: { definite: true } } });
    expect((await (await fetch(`http://${address(2)}/status`)).json())).toMatchObject({ node: 3, incarnation: 2, counters: { adopted: 1 } });
  });

  it('hold their data folders: no second process comes in, and the next life does', { timeout: 60_000 }, async () => {
    const argv = ['--id', '1', '--client', '127.0.0.1:0', '--peer', '127.0.0.1:0', '--data', join(folder, 'held')];
    const start = (): Running => {
      const server = spawnServer(argv);
      running.add(server);
      return server;
    };
    const serving = (server: Running): Promise<void> => new Promise((resolve) => server.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('"serving"') && resolve()));
    await spawnServer(['init', '--id', '1', '--data', join(folder, 'held')]);
    const first = start();
    await serving(first);
    const { exitCode, stderr } = await spawnServer(argv);
    expect([stderr, exitCode]).toEqual([expect.stringMatching(new RegExp(`process ${first.pid} uses this data folder`)), 78]);
    first.kill('SIGKILL');
    await first;
    await serving(start());
  });

  it.each([
    [['--id', 'one'], /--id: "one" will not do: not a number from 1/],
    [['--id', '1', '--data', 'x'], /--client is missing/],
    [['--frob'], /--frob/],
    [['--id', '1', '--data', 'x', '--client', '127.0.0.1:0', '--peer', '127.0.0.1:0', '--peers', '2'], /--peers: "2" will not do: not ID=HOST:PORT/],
  ])('refuse %j in one line', async (argv, message) => {
    const { exitCode, stderr } = await spawnServer(argv);
    expect([stderr, exitCode]).toEqual([expect.stringMatching(message), 64]);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
  });
});
