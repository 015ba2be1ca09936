import { execa } from 'execa';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

/** The program as it is installed; `npm test` builds it first. */
const PROGRAM = fileURLToPath(new URL('../../../dist/systems/paxos/server/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'faultline-server-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function spawnServer(argv: readonly string[]) {
  return execa(process.execPath, [PROGRAM, ...argv], { reject: false, timeout: 60_000, killSignal: 'SIGKILL' });
}

async function init(id: number, data: string): Promise<void> {
  const { exitCode, stderr } = await spawnServer(['init', '--id', String(id), '--data', data]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
}

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

/** Three nodes; `start(i)` starts node i + 1 (again). */
async function trio(name: string, ...more: readonly string[]) {
  const ports = await freePorts(6);
  const address = (i: number): string => `127.0.0.1:${ports[i]}`;
  const dataOf = (i: number): string => join(folder, name, `n${i + 1}`);
  const start = (i: number, ...flags: readonly string[]): Running => {
    const peers = [0, 1, 2].flatMap((j) => (j === i ? [] : [`${j + 1}=${address(3 + j)}`])).join(',');
    const server = spawnServer(['--id', String(i + 1), '--client', address(i), '--peer', address(3 + i), '--peers', peers, '--data', dataOf(i), '--election-timeout-ms', '200', '--heartbeat-ms', '20', ...more, ...flags]);
    running.add(server);
    return server;
  };
  await Promise.all([0, 1, 2].map((i) => init(i + 1, dataOf(i))));
  return { address, start, nodes: [0, 1, 2].map((i) => start(i)) };
}

interface Answer {
  readonly status: number;
  readonly body: { readonly value?: unknown; readonly error?: { readonly code: string; readonly definite: boolean; readonly actual?: unknown } } & Record<string, unknown>;
}

async function http(method: string, url: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`http://${url}`, { method, signal: AbortSignal.timeout(3000), ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Repeats until the node serves: elections take their time. */
async function served(method: string, url: string, body?: unknown): Promise<Answer> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await http(method, url, body).catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${method} ${url} is not served`);
}

describe('three nodes', () => {
  it('serve every route, wherever the request arrives', { timeout: 60_000 }, async () => {
    const { address } = await trio('routes');
    expect((await served('PUT', `${address(0)}/kv/color`, 'red')).status).toBe(200);
    for (const i of [0, 1, 2]) expect((await served('GET', `${address(i)}/kv/color`)).body.value).toBe('red');
    expect((await served('GET', `${address(2)}/kv/color?via=read-index`)).body.value).toBe('red');
    expect((await served('GET', `${address(1)}/kv/nothing`)).body.value).toBeNull();
    expect((await served('POST', `${address(1)}/kv/color/cas`, { from: 'red', to: 'blue' })).status).toBe(200);
    expect(await served('POST', `${address(2)}/kv/color/cas`, { from: 'red', to: 'green' })).toMatchObject({ status: 409, body: { error: { code: 'cas-mismatch', definite: true, actual: 'blue' } } });
    expect((await served('POST', `${address(0)}/kv/list/append`, 7)).body.value).toBe(1);
    expect((await served('POST', `${address(1)}/kv/hits/add`, 5)).body.value).toBe(5);
    expect(await http('POST', `${address(0)}/kv/list/add`, 1)).toMatchObject({ status: 422 });
    expect(await http('GET', `${address(0)}/nowhere`)).toMatchObject({ status: 404 });
    expect(await http('POST', `${address(0)}/op`, { f: 'fly' })).toMatchObject({ status: 400, body: { error: { definite: true } } });
  });

  it('execute a retry within a session once, also at another node', { timeout: 60_000 }, async () => {
    const { address } = await trio('sessions');
    const session = (await served('POST', `${address(0)}/session`)).body.value;
    const command = { f: 'append', key: 'l', value: 1, session, seq: 1, firstUnacked: 1 };
    for (const i of [0, 1, 2, 1]) expect((await served('POST', `${address(i)}/op`, command)).body.value).toBe(1);
    expect((await served('GET', `${address(2)}/kv/l`)).body.value).toEqual([1]);
    expect(await served('POST', `${address(0)}/op`, { ...command, session: 4_000_000 })).toMatchObject({ status: 410 });
  });

  it('keep what they acknowledged when all are killed and started again', { timeout: 60_000 }, async () => {
    const { address, start, nodes } = await trio('durable');
    for (let i = 0; i < 20; i++) await served('PUT', `${address(i % 3)}/kv/k${i}`, i);
    for (const node of nodes) node.kill('SIGKILL');
    await Promise.all(nodes);
    for (const i of [0, 1, 2]) void start(i);
    for (let i = 0; i < 20; i++) expect((await served('GET', `${address(0)}/kv/k${i}`)).body.value).toBe(i);
    expect((await http('GET', `${address(0)}/status`)).body['incarnation']).toBe(2);
  });

  it('read in every mode at every node, and say what was read as of which slot', { timeout: 60_000 }, async () => {
    const { address } = await trio('reads');
    const { at } = (await served('PUT', `${address(0)}/kv/color`, 'red')).body;
    expect(at).toBeGreaterThan(0);
    for (const i of [0, 1, 2]) {
      for (const via of ['log', 'read-index', 'lease', 'quorum']) expect((await served('GET', `${address(i)}/kv/color?via=${via}`)).body).toMatchObject({ value: 'red', at: expect.any(Number) as unknown });
      expect((await served('GET', `${address(i)}/kv/color?via=stale&after=${String(at)}`)).body.value).toBe('red');
    }
    const counted = await Promise.all([0, 1, 2].map(async (i) => (await http('GET', `${address(i)}/status`)).body['counters'] as Record<string, number>));
    const sum = (name: string): number => counted.reduce((total, counters) => total + (counters[name] ?? 0), 0);
    expect(['leaseReads', 'quorumReads', 'followerReads', 'staleReads'].filter((name) => sum(name) === 0)).toEqual([]);
    expect(await http('GET', `${address(0)}/kv/color?via=psychic`)).toMatchObject({ status: 400 });
    const metrics = await (await fetch(`http://${address(1)}/metrics`)).text();
    expect(metrics).toMatch(/^paxos_stale_reads_total\{cluster="paxos",node="2"\} 1$/m);
  });

  it('hand leadership over when they are told to, and when their leader is ended in order', { timeout: 60_000 }, async () => {
    const { address, nodes } = await trio('transfer', '--lease-ms', '2000');
    await served('PUT', `${address(0)}/kv/a`, 1);
    const leader = async (): Promise<number> => {
      const roles = await Promise.all([0, 1, 2].map(async (i) => ({ i, role: (await http('GET', `${address(i)}/status`).catch(() => undefined))?.body['role'] })));
      return roles.find(({ role }) => role === 'leader')?.i ?? -1;
    };
    const first = await leader();
    const heir = (first + 1) % 3;
    expect(await http('POST', `${address(first)}/transfer`, { to: heir + 1 })).toMatchObject({ status: 200, body: { value: heir + 1 } });
    await served('PUT', `${address(0)}/kv/a`, 2);
    expect(await leader()).toBe(heir);
    expect(await http('POST', `${address(first)}/transfer`, {})).toMatchObject({ status: 503, body: { error: { code: 'not-leader', leader: heir + 1 } } });
    nodes[heir]?.kill('SIGTERM');
    expect((await nodes[heir])?.exitCode).toBe(0);
    expect((await served('PUT', `${address(first)}/kv/a`, 3)).status).toBe(200);
  });

  it('take a fourth in, by snapshot, let one go, and tell it', { timeout: 60_000 }, async () => {
    const { address, start, nodes } = await trio('members', '--snapshot-every', '20', '--voters', '1,2,3');
    for (let i = 0; i < 60; i++) await served('PUT', `${address(i % 3)}/kv/k${i % 7}`, i);
    const [client, peer] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`) as [string, string];
    const data = join(folder, 'members', 'n4');
    await init(4, data);
    // Its number is in its folder.
    const fourth = spawnServer(['--client', client, '--peer', peer, '--places', `one=${address(3)}`, '--peers', `1=one,2=${address(4)},3=${address(5)}`, '--voters', '1,2,3', '--data', data, '--election-timeout-ms', '200', '--heartbeat-ms', '20', '--snapshot-every', '20']);
    running.add(fourth);
    await expect.poll(() => http('PUT', `${client}/kv/a`, 1).catch(() => undefined), { timeout: 10_000 }).toMatchObject({ status: 503, body: { error: { code: 'not-member', definite: true } } });
    expect(await served('POST', `${address(0)}/members`, { add: [{ id: 3, at: 'x:1' }] })).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining('numbers are used once') as unknown } } });
    expect((await served('POST', `${address(1)}/members`, { add: [{ id: 4, at: peer }], remove: [3] })).body.value).toMatchObject({ epoch: 1, voters: [{ id: 1 }, { id: 2 }, { id: 4, at: peer }], q1: 2, q2: 2 });
    expect((await served('GET', `${client}/kv/k3`)).body.value).toBe(59);
    expect((await http('GET', `${client}/status`)).body['counters']).toMatchObject({ snapshotsInstalled: 1 });
    await expect.poll(async () => (await http('GET', `${address(2)}/status`)).body, { timeout: 10_000 }).toMatchObject({ member: false, membership: { epoch: 1 } });
    expect(await http('GET', `${address(2)}/kv/k3`)).toMatchObject({ status: 503, body: { error: { code: 'not-member' } } });
    // The new one is needed and does its part, also after a start.
    nodes[1]?.kill('SIGKILL');
    expect((await served('PUT', `${client}/kv/b`, 2)).status).toBe(200);
    nodes[0]?.kill('SIGKILL');
    await nodes[0];
    void start(0);
    expect((await served('PUT', `${client}/kv/b`, 3)).status).toBe(200);
    expect((await http('GET', `${address(0)}/status`)).body).toMatchObject({ member: true, membership: { epoch: 1 } });
  });

  it('do not listen to a node that began with other members', { timeout: 60_000 }, async () => {
    const { address, start, nodes } = await trio('genesis');
    await served('PUT', `${address(0)}/kv/a`, 1);
    nodes[2]?.kill('SIGKILL');
    await nodes[2];
    const wrong = start(2, '--q1', '3');
    let text = '';
    nodes[0]?.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await expect.poll(() => text, { timeout: 10_000 }).toMatch(/node 3 began with other members or quorums \(nodes 1, 2, 3, q1 3, q2 2\) than this node \(nodes 1, 2, 3, q1 2, q2 2\)/);
    wrong.kill('SIGKILL');
  });

  it('serve with one of them dead, and not with two', { timeout: 60_000 }, async () => {
    const { address, nodes } = await trio('majority');
    await served('PUT', `${address(0)}/kv/a`, 1);
    nodes[1]?.kill('SIGKILL');
    expect((await served('PUT', `${address(0)}/kv/a`, 2)).status).toBe(200);
    nodes[2]?.kill('SIGKILL');
    await nodes[2];
    const alone = await http('PUT', `${address(0)}/kv/a`, 3);
    expect(alone.status).toBeGreaterThanOrEqual(500);
  });
});

describe('the program', () => {
  const minimal = (data: string): readonly string[] => ['--id', '1', '--client', '127.0.0.1:0', '--peer', '127.0.0.1:0', '--data', join(folder, data)];

  it.each([
    [['--id', 'one'], /--id: "one" will not do/],
    [['--id', '1'], /--client is missing/],
    [['--frob'], /--frob/],
    [['init', '--id', '1'], /--data is missing/],
    [[...minimal('q'), '--peers', '2=127.0.0.1:1,3=127.0.0.1:1', '--q1', '1', '--q2', '2'], /q1 \+ q2 is 3; it must be more than 3/],
    [[...minimal('b'), '--bug', 'nonsense'], /--bug/],
    [[...minimal('p'), '--peers', 'x'], /--peers: "x" is not ID=HOST:PORT/],
    [[...minimal('p'), '--peers', '2=somewhere'], /--peers: "2=somewhere" is not ID=HOST:PORT, nor ID=NAME with a name of --places/],
    [[...minimal('p'), '--places', 'x=y'], /--places: "x=y" is not NAME=HOST:PORT/],
    [[...minimal('p'), '--voters', '1,zwei'], /--voters: "zwei" is no node's number/],
    [[...minimal('p'), '--voters', '2,3'], /node 1 is not among the nodes 2, 3, and a node that is to be added must have a higher number/],
  ])('refuses %j in one line', async (argv, message) => {
    const { exitCode, stderr } = await spawnServer(argv);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
    expect(exitCode).toBe(64);
  });

  it('names the port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await init(1, join(folder, 'port'));
    const { exitCode, stderr } = await spawnServer(['--id', '1', '--client', `127.0.0.1:${port}`, '--peer', '127.0.0.1:0', '--data', join(folder, 'port')]);
    server.close();
    expect(stderr).toMatch(new RegExp(`127.0.0.1:${port}: the port is in use`));
    expect(exitCode).toBe(78);
  });

  it('refuses a folder that was not initialised, with what to do', async () => {
    const { exitCode, stderr } = await spawnServer(minimal('nothing'));
    expect(stderr).toMatch(/this node has lost its disk or was never initialised/);
    expect(exitCode).toBe(65);
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  });

  it('wiped-disk-rejoins: one that has lost its disk does not serve under its number', async () => {
    const start = async (data: string, ...flags: readonly string[]): Promise<string> => {
      await init(1, join(folder, data));
      rmSync(join(folder, data), { recursive: true });
      const server = spawnServer([...minimal(data), ...flags]);
      running.add(server);
      const serving = new Promise<string>((resolve) => server.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('"serving"') && resolve('serves')));
      return Promise.race([serving, server.then(({ exitCode }) => `ended with ${exitCode}`)]);
    };
    const [right, wrong] = [await start('wiped'), await start('wiped-rejoins', '--bug', 'wiped-disk-rejoins')];
    expect([right, wrong]).toEqual(['ended with 65', 'serves']);
  });

  it.each(['SIGTERM', 'stdin'] as const)('ends in order: %s', async (how) => {
    await init(1, join(folder, `end-${how}`));
    const server = spawnServer([...minimal(`end-${how}`), '--exit-with-stdin']);
    running.add(server);
    await new Promise<void>((resolve) => {
      server.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('"serving"')) resolve();
      });
    });
    if (how === 'stdin') server.stdin.end();
    else server.kill('SIGTERM');
    expect((await server).exitCode).toBe(0);
    expect(existsSync(join(folder, `end-${how}`, 'lock'))).toBe(false);
  });
});
