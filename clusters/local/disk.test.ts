import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cluster, Node } from '../../src/index.js';
import { isAlive, LEDGER_FILE, readLedger } from './ledger.js';
import { Folder, logOf, nodeAt, provisionTest, startProgram } from './testing/cluster.js';
import { eventually } from './testing/sockets.js';
import { tracerSupport } from './tracer.js';

let folder: Folder;
let cluster: Cluster;
let node: Node;

beforeEach(async () => {
  folder = await Folder.make();
  cluster = await provisionTest(folder.path, 1, { needs: ['disk-damage', 'slow-disk'] });
  node = nodeAt(cluster, 0);
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(node.dataDir, path, '..'), { recursive: true });
    await writeFile(join(node.dataDir, path), text);
  }
}

async function content(): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(await Promise.all((await node.disk.list()).map(async ({ path, bytes }) => {
    const text = (await node.disk.read(path)).toString();
    expect(text.length).toBe(bytes);
    return [path, text] as const;
  })));
}

describe('the data folder', () => {
  it('is listed, patched, cut and moved about', async () => {
    await put({ 'b/c': 'hello', a: 'x', '.copy/a': 'old' });
    await symlink('nowhere', join(node.dataDir, 'lock'));
    expect((await node.disk.list()).map(({ path }) => path)).toEqual(['.copy/a', 'a', 'b/c']);
    await node.disk.patch('b/c', 1, Buffer.from('E'));
    await node.disk.patch('a', 1, Buffer.from('yz'));
    await node.disk.truncate('b/c', 3);
    await node.disk.rename('a', '.lost/deep/a');
    expect(await content()).toEqual({ '.copy/a': 'old', '.lost/deep/a': 'xyz', 'b/c': 'hEl' });
    await expect(node.disk.rename('.lost/deep', 'b')).rejects.toMatchObject({ code: 'disk' });
  });

  it('is replaced by another folder, but for what is to be kept', async () => {
    await put({ a: 'new', 'b/c': 'new', '.copy/a': 'old', '.copy/d/e': 'old' });
    await node.disk.replace('.copy', '.', ['.copy']);
    expect(await content()).toEqual({ '.copy/a': 'old', '.copy/d/e': 'old', a: 'old', 'd/e': 'old' });
  });

  it('is left as it is by what cannot be done', async () => {
    await put({ a: 'x' });
    await expect(node.disk.replace('.copy', '.', [])).rejects.toMatchObject({ code: 'disk' });
    await expect(node.disk.patch('none', 0, Buffer.from('y'))).rejects.toMatchObject({ code: 'disk' });
    for (const path of ['../log/node.log', '/etc/hostname', 'a/../..']) await expect(node.disk.read(path)).rejects.toMatchObject({ code: 'bad-path' });
    await expect(node.disk.fill()).rejects.toMatchObject({ code: 'unsupported' });
    expect(await content()).toEqual({ a: 'x' });
  });
});

describe.skipIf(!tracerSupport().ok)('fsync', () => {
  async function lines(pattern: RegExp): Promise<readonly number[]> {
    return [...(await logOf(node)).matchAll(pattern)].map(([, value]) => Number(value));
  }

  it('is slowed down, and as fast as before when it is over; the tracer is on record and gone', async () => {
    await startProgram(node, 'sync');
    expect(cluster.supports('slow-disk')).toBe(true);
    const fault = await node.disk.slow(120);
    const before = (await lines(/fsync (\d+)/g)).length;
    await eventually('three slow calls', async () => (await lines(/fsync (\d+)/g)).length >= before + 4);
    expect(await node.state()).toBe('running');
    await node.signal('SIGSTOP');
    expect(await node.state()).toBe('paused');
    await node.signal('SIGCONT');
    await eventually('that it goes on', async () => (await node.state()) === 'running');
    const end = await fault.end();
    expect(fault.by).toBe('strace');
    expect(end).toEqual({ observed: true, evidence: expect.stringMatching(/^\d+ calls of fsync took 120 ms longer$/) as unknown });
    expect(await fault.end()).toEqual(end);
    const calls = await lines(/fsync (\d+)/g);
    expect(calls.slice(before + 1, before + 4).every((ms) => ms >= 118)).toBe(true);
    await eventually('fast calls', async () => (await lines(/fsync (\d+)/g)).slice(-3).every((ms) => ms < 100));
    const tracer = readLedger(join(folder.path, LEDGER_FILE)).find((resource) => resource.kind === 'process' && resource.argv[0] === 'strace');
    expect(tracer !== undefined && !isAlive(tracer)).toBe(true);
  }, 20_000);

  it('fails: a program that gives in to it is no crash while that is expected', async () => {
    await startProgram(node, 'sync');
    node.expectEnd(true);
    const fault = await node.disk.failSync();
    await eventually('its end', async () => (await node.state()) === 'stopped');
    expect(await readFile(join(node.logDir, 'node.log'), 'utf8')).toMatch(/failed EIO/);
    expect(await node.lastEnd()).toMatchObject({ code: 3 });
    expect(await fault.end()).toMatchObject({ observed: true });
    expect(cluster.unexpectedExits()).toEqual([]);
    await node.restart();
    const again = await node.disk.failSync();
    await eventually('its end', async () => (await node.state()) === 'stopped');
    await again.end();
    expect(cluster.unexpectedExits()).toMatchObject([{ code: 3 }]);
    await expect(node.disk.slow(1)).rejects.toMatchObject({ code: 'not-running' });
  }, 20_000);
});
