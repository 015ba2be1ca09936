import { execa } from 'execa';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execIn } from '../clusters/docker/program/exec.js';
import { engineObstacle } from '../clusters/docker/testing/engine.js';

/** The command as a user runs it, on a real engine; `npm test` builds it first. */
const BIN = fileURLToPath(new URL('../bin/faultline.js', import.meta.url));
const results = mkdtempSync(join(tmpdir(), 'faultline-docker-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

const obstacle = await engineObstacle();
if (obstacle !== undefined) process.stderr.write(`tests/docker.test.ts: what needs a Docker engine is skipped: ${obstacle}\n`);

interface Results {
  readonly verdict: string;
  readonly kind?: string;
  readonly runId: string;
  readonly faults: readonly { readonly nemesis: string; readonly kind: string; readonly by?: string; readonly appliedMs?: readonly [number, number]; readonly effect?: { readonly observed: boolean; readonly evidence: string }; readonly healed?: { readonly observed: boolean } }[];
  readonly nodes: readonly { readonly unexpectedExits: readonly string[] }[];
  readonly troubles: readonly string[];
  readonly checkers: readonly { readonly name: string; readonly summary: string }[];
}

function faultline(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return execa(process.execPath, [BIN, ...argv], { reject: false, stripFinalNewline: false, timeout: 150_000, killSignal: 'SIGKILL', env: { FAULTLINE_DEBUG: '', ...env } });
}

function onDocker(suite: string, ...more: readonly string[]): readonly string[] {
  return ['test', '--cluster', 'docker', '--results', results, '--suite', suite, '--seed', '3', ...more];
}

function read<T>(suite: string, file: string): T {
  return JSON.parse(readFileSync(join(results, suite, 'latest', file), 'utf8')) as T;
}

function resultsOf(suite: string): Results {
  return read<Results>(suite, 'results.json');
}

function history(suite: string): readonly { readonly process: unknown; readonly type: string; readonly f: string; readonly value: unknown }[] {
  const path = join(results, suite, 'latest', 'history.ndjson');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as { process: unknown; type: string; f: string; value: unknown });
}

/** What the engine holds of a run, by its label. */
async function leftOf(suite: string): Promise<readonly string[]> {
  const { id } = read<{ id: string }>(suite, 'run.json');
  const docker = new Docker();
  const filters = { label: [`faultline.run=${id}`] };
  const [containers, networks, volumes] = await Promise.all([docker.listContainers({ all: true, filters }), docker.listNetworks({ filters }), docker.listVolumes({ filters: JSON.stringify(filters) as unknown as Record<string, string[]> })]);
  return [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name), ...volumes.Volumes.map(({ Name }) => Name)];
}

async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 30 s: ${what}`);
}

describe.skipIf(obstacle !== undefined)('runs on a Docker engine', { timeout: 170_000 }, () => {
  beforeAll(async () => {
    const { exitCode, stderr } = await faultline(['image', 'build', '--offline']);
    if (exitCode !== 0) throw new Error(`no node image: ${stderr}`);
  }, 300_000);

  it('is valid under every fault that the engine can make, each of them seen, and leaves nothing', async () => {
    const { exitCode, stderr } = await faultline(onDocker('all', '--time', '60s'));
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('VALID')]);
    const { faults, nodes, troubles } = resultsOf('all');
    expect(troubles).toEqual([]);
    expect(nodes.flatMap(({ unexpectedExits }) => unexpectedExits)).toEqual([]);
    const { nemeses } = read<{ nemeses: readonly string[] }>('all', 'plan.json');
    const seen = new Set(faults.flatMap(({ nemesis, effect }) => (effect?.observed === true ? [nemesis] : [])));
    expect([...seen].sort()).toEqual([...nemeses].sort());
    expect(nemeses).toEqual(expect.arrayContaining(['partition', 'kill', 'pause', 'slow', 'terminate', 'memory', 'packet']));
    expect(readFileSync(join(results, 'all', 'latest', 'nodes', 'n1', 'log', 'paxos.log'), 'utf8')).toContain('"serving"');
    expect(await leftOf('all')).toEqual([]);
  });

  it('applies a partition to all nodes at once, and says by what and when', async () => {
    await faultline(onDocker('partition', '--time', '8s', '--nemesis', 'partition'));
    const starts = history('partition').filter(({ process, type, f }) => process === 'nemesis/partition' && type === 'info' && f === 'start');
    expect(starts.length).toBeGreaterThan(1);
    for (const { value } of starts) {
      const { by, interval } = value as { readonly by: string; readonly interval: readonly [number, number] };
      expect(by).toBe('nftables');
      expect(interval[1]).toBeGreaterThan(interval[0]);
    }
    const { verdict, faults } = resultsOf('partition');
    expect(verdict).toBe('valid');
    for (const { by, appliedMs: [from, to] = [0, 0] } of faults) expect([by, to > from]).toEqual(['nftables', true]);
    expect(readFileSync(join(results, 'partition', 'latest', 'report.html'), 'utf8')).toMatch(/nftables, in \d/);
  });

  it('finds a stale read, and two runs at once do not disturb each other', async () => {
    const [bug, correct] = await Promise.all([
      faultline(onDocker('bug', '--nodes', '3', '--time', '15s', '--bug', 'local-read', '--nemesis', 'partition', '--fail-fast')),
      faultline(onDocker('correct', '--nodes', '3', '--time', '10s', '--nemesis', 'kill,partition')),
    ]);
    expect([bug.exitCode, resultsOf('bug').verdict]).toEqual([1, 'invalid']);
    expect([correct.exitCode, correct.stderr]).toEqual([0, expect.stringContaining('VALID')]);
    expect([...(await leftOf('bug')), ...(await leftOf('correct'))]).toEqual([]);
  });

  it('ends in order at Ctrl-C', async () => {
    const run = faultline(onDocker('interrupt', '--nodes', '3', '--time', '60s'));
    await until('operations', () => existsSync(join(results, 'interrupt')) && history('interrupt').length > 50);
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(130);
    expect(await leftOf('interrupt')).toEqual([]);
    expect(existsSync(join(results, 'interrupt', 'latest', 'report.html'))).toBe(true);
  });

  it('that was killed loses its rules by itself, and clean removes the rest and nothing of a live run', async () => {
    const other = faultline(onDocker('bystander', '--nodes', '1', '--time', '60s', '--nemesis', 'none'));
    const run = faultline(onDocker('killed', '--nodes', '3', '--time', '60s', '--nemesis', 'partition'));
    await until('a partition', () => existsSync(join(results, 'killed')) && history('killed').some(({ process, type, f }) => process === 'nemesis/partition' && type === 'info' && f === 'start'));
    await until('operations', () => existsSync(join(results, 'bystander')) && history('bystander').length > 20);
    expect((await rulesOf('killed')).filter((text) => text.includes('faultline_'))).toHaveLength(3);
    run.kill('SIGKILL');
    await run;
    expect((await leftOf('killed')).length).toBeGreaterThan(6);
    await until('the end of the rules', async () => (await rulesOf('killed')).every((text) => !text.includes('faultline')));
    const { stdout, exitCode } = await faultline(['clean']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/removed container faultline-.*-n1 \(/)]);
    expect(await leftOf('killed')).toEqual([]);
    expect((await leftOf('bystander')).length).toBeGreaterThan(3);
    other.kill('SIGINT');
    expect((await other).exitCode).toBe(130);
    expect(await leftOf('bystander')).toEqual([]);
  });

  it.each([
    ['faultline/no-such-image:1', 254, 'the engine has no image "faultline/no-such-image:1"'],
    [undefined, 254, 'does not have /opt/faultline/'],
  ])('says in one message that it cannot run the image %s, and leaves nothing', async (image, code, words) => {
    const empty = `faultline-test/empty:${process.pid}`;
    const docker = new Docker();
    if (image === undefined) await importEmpty(docker, empty);
    const { exitCode, stderr } = await faultline(onDocker('image', '--nodes', '1', '--time', '2s', '--image', image ?? empty));
    if (image === undefined) await docker.getImage(empty).remove();
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(words)]);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await leftOf('image')).toEqual([]);
  });

  it('says in one message that a port is taken, and leaves nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { exitCode, stderr } = await faultline(onDocker('port', '--nodes', '1', '--time', '2s', '--base-port', String(Math.min(port, 65_000))));
    server.close();
    expect(exitCode).toBe(254);
    expect(stderr).toMatch(new RegExp(`port ${port} of the engine's host is taken`));
    expect(await leftOf('port')).toEqual([]);
  });
});

/** An image with no program at all. */
async function importEmpty(docker: Docker, name: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: 'nothing' }, 'here');
  archive.finalize();
  const [repo, tag] = name.split(':') as [string, string];
  const answer = await (docker.importImage(archive as unknown as NodeJS.ReadableStream, { repo, tag } as never) as unknown as Promise<NodeJS.ReadableStream>);
  await new Promise((resolve, reject) => answer.resume().on('end', resolve).on('error', reject));
}

/** The rule sets in the network namespaces of a run's holders. */
async function rulesOf(suite: string): Promise<readonly string[]> {
  const { id } = read<{ id: string }>(suite, 'run.json');
  const docker = new Docker();
  const holders = await docker.listContainers({ filters: { label: [`faultline.run=${id}`, 'faultline.role=holder'] } });
  if (holders.length === 0) throw new Error('its holders are gone');
  return Promise.all(holders.map(async ({ Id }) => (await execIn(docker.getContainer(Id), { argv: ['nft', 'list', 'ruleset'], timeoutMs: 10_000 })).stdout));
}

describe('an engine that is not there', () => {
  it('is one clear message and exit code 255', async () => {
    const { exitCode, stderr } = await faultline(onDocker('down', '--time', '2s'), { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect([exitCode, stderr]).toEqual([255, expect.stringContaining('/nowhere/docker.sock')]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('that is misspelt is a usage error that names the variable', async () => {
    const { exitCode, stderr } = await faultline(onDocker('misspelt', '--time', '2s'), { DOCKER_HOST: 'tpc://localhost' });
    expect([exitCode, stderr]).toEqual([254, expect.stringContaining('DOCKER_HOST')]);
  });

  it('is what doctor says, with exit code 255', async () => {
    const { exitCode, stdout } = await faultline(['doctor', '--cluster', 'docker'], { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect([exitCode, stdout]).toEqual([255, expect.stringMatching(/no +engine/)]);
  });
});
