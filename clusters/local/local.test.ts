import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultlineError, type Cluster } from '../../src/index.js';
import { LEDGER_FILE, readLedger } from './ledger.js';
import { findProcess, groupMembers } from './process-table.js';
import { answers, childPid, Folder, logOf, nodeAt, PROGRAM, provisionTest, startProgram } from './testing/cluster.js';
import { dial, eventually } from './testing/sockets.js';

let folder: Folder;
let cluster: Cluster;

beforeEach(async () => {
  folder = await Folder.make();
  cluster = await provisionTest(folder.path, 3);
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function alive(pid: number): boolean {
  const info = findProcess(pid);
  return info !== undefined && info.state !== 'dead';
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof FaultlineError ? error.code : String(error)),
  );
}

describe('provisioning', () => {
  it('gives every node names, folders, ports of its own and ways to its peers', async () => {
    expect(cluster.nodes.map(({ name, index }) => [name, index])).toEqual([['n1', 0], ['n2', 1], ['n3', 2]]);
    const ports = cluster.nodes.flatMap((node) => [node.listen('client').port, node.listen('peer').port]);
    const ways = cluster.nodes.flatMap((node) => cluster.nodes.map((to) => node.peer(to.name, 'peer').port));
    expect(new Set([...ports, ...ways]).size).toBe(6 + 6);
    expect(nodeAt(cluster, 0).peer('n1', 'peer')).toEqual(nodeAt(cluster, 0).listen('peer'));
    expect(nodeAt(cluster, 0).endpoint('client')).toEqual(nodeAt(cluster, 0).listen('client'));
    expect(cluster.nodes.every((node) => existsSync(node.dataDir) && existsSync(node.logDir))).toBe(true);
    expect(() => nodeAt(cluster, 0).listen('admin')).toThrow(/n1 has no port "admin"/);
  });

  it('draws ports that the kernel gives to no outgoing connection', async () => {
    const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '49152 65535');
    const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number);
    const ports = cluster.nodes.map((node) => node.listen('peer').port);
    expect(ports.filter((port) => port >= low && port <= high)).toEqual([]);
  });

  it('takes consecutive ports from a base port, and names one that is in use', async () => {
    const base = nodeAt(cluster, 0).listen('client').port;
    await using other = await Folder.make();
    const free = await provisionTest(other.path, 1, { basePort: base });
    expect([nodeAt(free, 0).listen('client').port, nodeAt(free, 0).listen('peer').port]).toEqual([base, base + 1]);
    await free[Symbol.asyncDispose]();
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen({ host: '127.0.0.1', port: base + 1 }, resolve));
    const failure = await provisionTest(other.path, 1, { basePort: base }).catch((error: unknown) => error);
    squatter.close();
    expect(failure).toMatchObject({ code: 'port-in-use', exitCode: 254 });
    expect((failure as FaultlineError).message).toContain(`port ${base + 1} on 127.0.0.1 (peer port of n1)`);
    expect((failure as FaultlineError).hint).toContain('--base-port');
  });

  it('refuses ports beyond the last', async () => {
    expect(await codeOf(provisionTest(folder.path, 3, { basePort: 65_533 }))).toBe('bad-option');
  });
});

describe('a program', () => {
  it('runs with the environment of its run, logs to its file, and is listed when it is made', async () => {
    process.env.SECRET = 'of the controller';
    const node = nodeAt(cluster, 0);
    expect(await node.state()).toBe('stopped');
    await startProgram(node, 'serve', { EXTRA: 'yes', HOME: '/elsewhere', FAULTLINE_RUN: 'not to be had' });
    expect(await node.state()).toBe('running');
    delete process.env.SECRET;
    const [controller, listed] = readLedger(join(folder.path, LEDGER_FILE));
    expect(controller).toMatchObject({ kind: 'controller', pid: process.pid });
    expect(listed).toMatchObject({ kind: 'process', node: 'n1', runId: controller?.runId, argv: [process.execPath, PROGRAM, 'serve', expect.anything()] });
    expect(alive(listed?.pid ?? 0)).toBe(true);
    expect(await logOf(node)).toContain(`run ${controller?.runId} node n1 extra yes home /elsewhere secret undefined`);
  });

  it('is reached by its peers through the relay, which a fault cuts', async () => {
    await startProgram(nodeAt(cluster, 1), 'serve');
    await cluster.net.apply('test', [{ from: 'n1', to: 'n2', drop: 'stall' }]);
    const peer = await dial(nodeAt(cluster, 0).peer('n2', 'peer'));
    peer.socket.write('ping');
    await eventually('the cut', async () => (await cluster.net.stats()).some((link) => link.from === 'n1' && link.to === 'n2' && link.heldBytes === 4));
    await answers(nodeAt(cluster, 1));
    expect(peer.text).toBe('');
    await cluster.net.heal();
    await eventually('the answer', () => peer.text === 'pong');
    peer.socket.destroy();
  });

  it('that is killed is gone with its children, and can be started again on its log and data', async () => {
    const node = nodeAt(cluster, 0);
    await startProgram(node, 'family');
    const child = await childPid(node);
    expect(alive(child)).toBe(true);
    await node.signal('SIGKILL');
    expect([await node.state(), alive(child)]).toEqual(['stopped', false]);
    await node.restart();
    await answers(node);
    await node.restart();
    expect(await node.state()).toBe('running');
    expect((await logOf(node)).match(/ready/g)).toHaveLength(2);
    expect(cluster.unexpectedExits()).toEqual([]);
  });

  it('is paused and goes on, with its children', async () => {
    const node = nodeAt(cluster, 0);
    await startProgram(node, 'family');
    const child = await childPid(node);
    await node.signal('SIGSTOP');
    expect([await node.state(), findProcess(child)?.state]).toEqual(['paused', 'stopped']);
    await node.signal('SIGSTOP');
    await node.signal('SIGCONT');
    expect([await node.state(), findProcess(child)?.state]).toEqual(['running', 'alive']);
    await answers(node);
  });

  it('is killed while it is paused', async () => {
    const node = nodeAt(cluster, 0);
    await startProgram(node, 'serve');
    await node.signal('SIGSTOP');
    await node.signal('SIGKILL');
    expect(await node.state()).toBe('stopped');
    await node.signal('SIGCONT');
    await node.signal('SIGKILL');
    expect(await node.state()).toBe('stopped');
  });

  it('heeds SIGTERM, paused or not', async () => {
    const node = nodeAt(cluster, 0);
    for (const paused of [false, true]) {
      await node.restart().catch(() => startProgram(node, 'serve'));
      if (paused) await node.signal('SIGSTOP');
      await node.signal('SIGTERM');
      expect(await node.state()).toBe('stopped');
    }
    expect(cluster.unexpectedExits()).toEqual([]);
  });

  it('that does not heed SIGTERM is killed', async () => {
    const node = nodeAt(cluster, 0);
    await startProgram(node, 'deaf');
    await node.signal('SIGTERM');
    expect(await node.state()).toBe('stopped');
    expect(await logOf(node)).toContain('what?');
  });

  it('that dies by itself is noticed, with its last words', async () => {
    const node = nodeAt(cluster, 2);
    await node.start({ argv: [process.execPath, PROGRAM, 'die', '7'], logFile: 'node.log' });
    await eventually('its end', () => cluster.unexpectedExits().length === 1);
    expect(cluster.unexpectedExits()).toEqual([{ node: 'n3', code: 7, signal: null, tail: 'no such luck' }]);
    expect(await node.state()).toBe('stopped');
    await startProgram(node, 'serve');
  });

  it('that a stranger kills is noticed, and its children go with it', async () => {
    const node = nodeAt(cluster, 0);
    await startProgram(node, 'family');
    const child = await childPid(node);
    const leader = findProcess(child)?.pgid ?? 0;
    process.kill(leader, 'SIGKILL');
    await eventually('its end', async () => (await node.state()) === 'stopped');
    await node.restart();
    await answers(node);
    await eventually('the end of all', () => !alive(child) && cluster.unexpectedExits().length === 1);
    expect(cluster.unexpectedExits()[0]).toMatchObject({ node: 'n1', code: null, signal: 'SIGKILL' });
  });

  it('that does not exist is an error that says so', async () => {
    const node = nodeAt(cluster, 0);
    const failure = await node.start({ argv: ['/nowhere/paxosd'], logFile: 'node.log' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'program-start' });
    expect((failure as FaultlineError).message).toContain('/nowhere/paxosd');
    expect(await node.state()).toBe('stopped');
  });

  it('is one a node', async () => {
    const node = nodeAt(cluster, 0);
    expect(await codeOf(node.restart())).toBe('never-started');
    await startProgram(node, 'serve');
    expect(await codeOf(startProgram(node, 'serve'))).toBe('already-running');
    expect(await codeOf(node.wipe())).toBe('still-running');
  });

  it('survives signals from several sides at once', async () => {
    const node = nodeAt(cluster, 0);
    await startProgram(node, 'family');
    await Promise.all([node.signal('SIGSTOP'), node.signal('SIGKILL'), node.signal('SIGCONT'), node.restart(), node.signal('SIGSTOP'), node.restart()]);
    expect(await node.state()).toBe('paused');
    await node.signal('SIGCONT');
    await answers(node);
    expect(cluster.unexpectedExits()).toEqual([]);
  });
});

describe('a node', () => {
  it('runs commands', async () => {
    const node = nodeAt(cluster, 1);
    expect(await node.exec(['sh', '-c', 'cat; echo $FAULTLINE_NODE; pwd; echo oops >&2; exit 5'], { input: 'in ' })).toEqual({
      exitCode: 5,
      stdout: `in n2\n${node.dataDir}`,
      stderr: 'oops',
    });
    expect(await node.exec(['sh', '-c', 'kill -9 $$'])).toMatchObject({ exitCode: 137 });
    expect(await codeOf(node.exec(['sleep', '60'], { timeoutMs: 50 }))).toBe('exec-timeout');
    expect(await codeOf(node.exec(['/nowhere/tool']))).toBe('exec-failed');
  });

  it('leaves nothing of a command in the background', async () => {
    const { stdout } = await nodeAt(cluster, 1).exec(['sh', '-c', 'sleep 60 >/dev/null 2>&1 & echo $!']);
    await eventually('its end', () => !alive(Number(stdout)));
  });

  it('gets and gives files, and is wiped', async () => {
    const node = nodeAt(cluster, 1);
    await writeFile(join(folder.path, 'seed.txt'), 'seed');
    await node.upload(join(folder.path, 'seed.txt'), join(node.dataDir, 'deep', 'seed.txt'));
    await node.download(join(node.dataDir, 'deep'), join(folder.path, 'back'));
    expect(await readFile(join(folder.path, 'back', 'seed.txt'), 'utf8')).toBe('seed');
    await node.wipe();
    expect([existsSync(node.dataDir), existsSync(join(node.dataDir, 'deep'))]).toEqual([true, false]);
    expect(await codeOf(node.upload(join(folder.path, 'nothing'), join(node.dataDir, 'x')))).toBe('copy-failed');
  });
});

describe('disposal', () => {
  it('ends everything, also what is paused, starting or busy, and twice is once', async () => {
    await startProgram(nodeAt(cluster, 0), 'family');
    await startProgram(nodeAt(cluster, 1), 'serve');
    await nodeAt(cluster, 1).signal('SIGSTOP');
    const busy = nodeAt(cluster, 2).exec(['sleep', '60']);
    const starting = codeOf(nodeAt(cluster, 2).start({ argv: [process.execPath, PROGRAM, 'family', '0'], logFile: 'node.log' }));
    const child = await childPid(nodeAt(cluster, 0));
    const way = nodeAt(cluster, 0).peer('n2', 'peer');
    await cluster[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    expect((await busy).exitCode).toBe(137);
    expect(['no error', 'cluster-closed']).toContain(await starting);
    const groups = readLedger(join(folder.path, LEDGER_FILE)).flatMap((resource) => (resource.kind === 'process' ? [resource.pgid] : []));
    expect([groups.length >= 2, groups.flatMap(groupMembers), alive(child)]).toEqual([true, [], false]);
    expect(await codeOf(nodeAt(cluster, 0).restart())).toBe('cluster-closed');
    const late = await dial(way);
    expect(late.error).toBe('ECONNREFUSED');
    expect(cluster.unexpectedExits()).toEqual([]);
  });

});
