import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wallClock, type Cluster, type Node } from '../../src/index.js';
import { clockSupport, faketimeLeftovers } from './clock.js';
import { LEDGER_FILE, readLedger } from './ledger.js';
import { childPid, Folder, logOf, nodeAt, PROGRAM, provisionTest, startProgram } from './testing/cluster.js';
import { dial, eventually } from './testing/sockets.js';

const support = clockSupport();

/** What a program's clocks show, and how much that may be wrong: half of the round trip, and the rounding. Milliseconds. */
interface Reading {
  readonly offsetMs: number;
  readonly monotonicMs: number;
  readonly errorMs: number;
  readonly atMs: number;
}

async function read(node: Node): Promise<Reading> {
  const peer = await dial(node.listen('peer'));
  const [asked, wall] = [performance.now(), wallClock().getTime()];
  peer.socket.write('?');
  const [shown = 0, monotonicMs = 0] = (await eventually('an answer', () => peer.text.endsWith('\n') && peer.text)).split(' ').map(Number);
  const took = performance.now() - asked;
  peer.socket.destroy();
  return { offsetMs: shown - (wall + took / 2), monotonicMs, errorMs: took / 2 + 2, atMs: asked + took / 2 };
}

async function isOff(node: Node, offsetMs: number): Promise<boolean> {
  const reading = await read(node);
  return Math.abs(reading.offsetMs - offsetMs) <= Math.max(reading.errorMs, 3);
}

describe.skipIf(!support.ok)(`the clock of a local node${support.ok ? '' : ` (skipped: ${support.why})`}`, () => {
  let folder: Folder;
  let cluster: Cluster;
  let node: Node;

  beforeEach(async () => {
    folder = await Folder.make();
    cluster = await provisionTest(folder.path, 2, { needs: ['clock'] });
    node = nodeAt(cluster, 0);
    await node.start({ argv: [process.execPath, PROGRAM, 'clock', String(node.listen('peer').port)], logFile: 'node.log' });
    await eventually('the program', async () => (await logOf(node)).includes('ready'));
  });

  afterEach(async () => {
    await cluster[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('is right at first, and right again after every offset', async () => {
    expect(cluster.supports('clock')).toBe(true);
    expect(await isOff(node, 0)).toBe(true);
    for (const offsetMs of [5000, 0, -5000, 0, 250, -250, 300_000, 0]) {
      await node.setClock({ offsetMs });
      expect([offsetMs, await isOff(node, offsetMs)]).toEqual([offsetMs, true]);
    }
  });

  it('does not move the monotonic clock', async () => {
    const before = await read(node);
    await node.setClock({ offsetMs: 60_000 });
    await node.setClock({ offsetMs: -60_000 });
    const after = await read(node);
    expect(Math.abs(after.monotonicMs - before.monotonicMs - (after.atMs - before.atMs))).toBeLessThanOrEqual(before.errorMs + after.errorMs + 5);
  });

  it('is of one node alone', async () => {
    const other = nodeAt(cluster, 1);
    await other.start({ argv: [process.execPath, PROGRAM, 'clock', String(other.listen('peer').port)], logFile: 'node.log' });
    await eventually('the program', async () => (await logOf(other)).includes('ready'));
    await node.setClock({ offsetMs: 7000 });
    expect([await isOff(node, 7000), await isOff(other, 0)]).toEqual([true, true]);
  });

  it('shows both offsets that it is switched between', async () => {
    const wanted = new Set([4000, -3000]);
    let i = 0;
    const strobe = setInterval(() => void node.setClock({ offsetMs: i++ % 2 === 0 ? 4000 : -3000 }), 20);
    try {
      await eventually('both offsets', async () => {
        const reading = await read(node);
        for (const offset of wanted) if (Math.abs(reading.offsetMs - offset) <= reading.errorMs) wanted.delete(offset);
        return wanted.size === 0;
      });
    } finally {
      clearInterval(strobe);
    }
    await node.setClock({ offsetMs: 0 });
    expect(await isOff(node, 0)).toBe(true);
  });

  it.each([1.5, 0.5])('goes at %d times the true speed until it is set', async (rate) => {
    await node.setClock({ rate });
    const first = await read(node);
    await eventually('enough growth to be told from none', async () => {
      const next = await read(node);
      const expected = (rate - 1) * (next.atMs - first.atMs);
      // A step of the drift may be late by one.
      const error = 2 * (first.errorMs + next.errorMs) + 10;
      return Math.abs(expected) > 3 * error && Math.abs(next.offsetMs - first.offsetMs - expected) <= error;
    });
    await node.setClock({ offsetMs: 0 });
    expect(await isOff(node, 0)).toBe(true);
  });

  it('stays as it is set over a restart, and can be set while the program is down', async () => {
    await node.setClock({ offsetMs: -9000 });
    await node.signal('SIGKILL');
    await node.restart();
    await eventually('the program', async () => ((await logOf(node)).match(/ready/g) ?? []).length === 2);
    expect(await isOff(node, -9000)).toBe(true);
    await node.signal('SIGKILL');
    await node.setClock({ offsetMs: 1000 });
    await node.restart();
    await eventually('the program', async () => ((await logOf(node)).match(/ready/g) ?? []).length === 3);
    expect(await isOff(node, 1000)).toBe(true);
  });

  it('holds for commands too', async () => {
    await node.setClock({ offsetMs: 120_000 });
    const { stdout } = await node.exec(['date', '+%s']);
    expect(Math.abs(Number(stdout) - wallClock().getTime() / 1000 - 120)).toBeLessThan(20);
  });

  it('leaves no shared memory behind, of the program and its children', async () => {
    const first = await childPid(node);
    await eventually('what the child has', () => faketimeLeftovers(first).length === 2);
    await node.signal('SIGKILL');
    await node.restart();
    expect(faketimeLeftovers(first)).toEqual([]);
    const second = await eventually('another child', async () => Number([...(await logOf(node)).matchAll(/child (\d+)/g)][1]?.[1] ?? 0) || undefined);
    await eventually('what the child has', () => faketimeLeftovers(second).length === 2);
    await cluster[Symbol.asyncDispose]();
    const listed = readLedger(join(folder.path, LEDGER_FILE)).flatMap((resource) => (resource.kind === 'process' ? [resource.pid] : []));
    expect(listed).toHaveLength(2);
    expect([second, ...listed].flatMap(faketimeLeftovers)).toEqual([]);
  });
});

describe('a local node without a clock of its own', () => {
  it('refuses to set one', async () => {
    await using folder = await Folder.make();
    await using cluster = await provisionTest(folder.path, 1);
    const node = nodeAt(cluster, 0);
    expect(cluster.supports('clock')).toBe(false);
    await expect(node.setClock({ offsetMs: 1000 })).rejects.toMatchObject({ code: 'no-clock' });
    await startProgram(node, 'serve');
    expect(existsSync(`${folder.path}/nodes/n1/clock`)).toBe(false);
  });
});
