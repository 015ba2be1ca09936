import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { inside, TestNetwork } from './testing/netns.js';
import { namespaceObstacle, titled } from './testing/obstacle.js';
import { dial, echo, probe } from './testing/traffic.js';

const obstacle = namespaceObstacle();

describe.skipIf(obstacle !== undefined)(titled('packets held back between network namespaces', obstacle), () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
    await echo(network.node('n2'), 7001);
  });
  afterEach(() => network.apply({}));
  afterAll(() => network?.[Symbol.asyncDispose]());

  const counts = async () => (await network.node('n2').agent.stats()).find((link) => link.from === 'n1');
  /** The process of the queue program in n2's namespace. */
  const program = async (): Promise<number | undefined> => {
    const lines = (await inside(network.node('n2'), 'ps', '-eo', 'pid,args')).split('\n');
    const mine = new Set((await inside(network.node('n2'), 'ip', 'netns', 'pids', network.node('n2').namespace)).split('\n').map(Number));
    const found = lines.map((line) => line.trim()).find((line) => /^\d+ python3 -c/.test(line) && mine.has(Number.parseInt(line, 10)));
    return found === undefined ? undefined : Number.parseInt(found, 10);
  };
  const until = async <T>(get: () => Promise<T> | T, good: (value: T) => boolean): Promise<T> => {
    for (let left = 100; ; left--) {
      const value = await get();
      if (good(value)) return value;
      if (left === 0) throw new Error(`still ${String(value)}`);
      await sleep(50);
    }
  };

  test('a delay is as long as asked for, one way only', async () => {
    await network.apply({ 'n1>n2': { delayMs: 60 } });
    const { received, meanMs, reordered } = await probe(network, 'n1', 'n2', { count: 50, settleMs: 200 });
    expect([received, reordered]).toEqual([50, 0]);
    expect(meanMs).toBeGreaterThanOrEqual(60);
    expect(meanMs).toBeLessThan(75);
    expect((await probe(network, 'n2', 'n1')).meanMs).toBeLessThan(15);
    await dial(network.node('n1'), network.node('n2'), 7001);
    expect((await counts())?.delayedPackets).toBeGreaterThan(0);
  });

  test('jitter is uniform above the delay and keeps the order', async () => {
    await network.apply({ 'n1>n2': { delayMs: 20, jitterMs: 40 } });
    const { received, meanMs, maxMs, reordered } = await probe(network, 'n1', 'n2', { count: 80, gapMs: 50, settleMs: 200 });
    expect([received, reordered]).toEqual([80, 0]);
    expect(meanMs).toBeGreaterThan(32);
    expect(meanMs).toBeLessThan(55);
    // Not later than asked for by more than a busy machine may add.
    expect(maxMs).toBeLessThan(250);
  });

  test('a part of the packets is lost', async () => {
    await network.apply({ 'n1>n2': { lossRate: 0.3 } });
    const { received } = await probe(network, 'n1', 'n2', { count: 1000, gapMs: 0 });
    // Five standard deviations of a binomial distribution.
    expect(Math.abs(received - 700)).toBeLessThan(73);
    expect((await dial(network.node('n1'), network.node('n2'), 7001, { patienceMs: 10_000 })).end).toBe('echoed');
  });

  test('a part of the packets is overtaken', async () => {
    await network.apply({ 'n1>n2': { reorderRate: 0.3 } });
    const { received, reordered } = await probe(network, 'n1', 'n2', { count: 300, settleMs: 200 });
    expect(received).toBe(300);
    expect(reordered).toBeGreaterThan(45);
    expect(reordered).toBeLessThan(140);
    expect((await dial(network.node('n1'), network.node('n2'), 7001, { bytes: 200_000, patienceMs: 10_000 })).end).toBe('echoed');
  });

  test('a narrow link passes so many bytes a second', async () => {
    await network.apply({ 'n1>n2': { bytesPerSecond: 250_000 } });
    const { end, ms } = await dial(network.node('n1'), network.node('n2'), 7001, { bytes: 500_000, patienceMs: 12_000 });
    expect(end).toBe('echoed');
    expect(ms).toBeGreaterThan(1700);
    expect(ms).toBeLessThan(5000);
  });

  test('big segments pass at speed', async () => {
    await network.apply({ 'n1>n2': { delayMs: 5 } });
    const { end, ms } = await dial(network.node('n1'), network.node('n2'), 7001, { bytes: 20_000_000, patienceMs: 15_000 });
    expect(end).toBe('echoed');
    process.stderr.write(`20 MB there and back through a queue of 5 ms: ${ms.toFixed(0)} ms\n`);
  });

  test('a delay that shrinks lets nothing overtake', async () => {
    await network.apply({ 'n1>n2': { delayMs: 400 } });
    const result = probe(network, 'n1', 'n2', { count: 200, gapMs: 2, settleMs: 700 });
    await sleep(150);
    await network.apply({ 'n1>n2': { delayMs: 50 } });
    expect(await result).toMatchObject({ received: 200, reordered: 0 });
  });

  test('when its program dies packets pass, it is said, it comes back, and no count is lost', async () => {
    await network.apply({ 'n1>n2': { delayMs: 300 } });
    await dial(network.node('n1'), network.node('n2'), 7001, { patienceMs: 3000 });
    const before = (await counts())?.delayedPackets ?? 0;
    expect(before).toBeGreaterThan(0);
    const pid = await program();
    process.kill(pid ?? 0, 'SIGKILL');
    await until(() => network.node('n2').events.some(({ event }) => event === 'queue-died'), Boolean);
    expect((await probe(network, 'n1', 'n2', { settleMs: 500 })).received).toBe(20);
    await until(program, (now) => now !== undefined && now !== pid);
    expect((await probe(network, 'n1', 'n2', { settleMs: 500 })).meanMs).toBeGreaterThan(290);
    expect((await counts())?.delayedPackets).toBeGreaterThanOrEqual(before);
  });

  test('opening a link that is cut and held back works even though its queue failed', async () => {
    await network.apply({ 'n1>n2': { delayMs: 50 } });
    const pid = (await program()) ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(network.apply({ 'n1>n2': { drop: 'stall', delayMs: 80 } })).rejects.toThrow();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await network.apply({});
    expect((await probe(network, 'n1', 'n2')).received).toBe(20);
  });

  test('where the kernel takes no rule for queues, that is said at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-iptables-'));
    try {
      await writeFile(join(folder, 'iptables'), '#!/bin/sh\necho "Extension NFQUEUE is not supported" >&2\nexit 2\n', { mode: 0o755 });
      await using broken = await TestNetwork.start({ path: folder });
      const trial = await broken.node('n1').agent.setup({ peers: [], peerPorts: [] });
      expect('by' in trial ? trial.by : trial.why).toMatch(/^netem$|^nfqueue: iptables .*NFQUEUE is not supported; netem: /);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('a program that dies at once is not started over and over', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faultline-python-'));
    try {
      await writeFile(join(folder, 'python3'), '#!/bin/sh\ncase "$2" in *heapq*) exit 3;; esac\nexec /usr/bin/python3 "$@"\n', { mode: 0o755 });
      await using broken = await TestNetwork.start({ path: folder });
      await expect(broken.apply({ 'n1>n2': { delayMs: 20 } })).rejects.toMatchObject({ code: 'agent-nfqueue' });
      await sleep(1000);
      expect(broken.node('n2').events.filter(({ event }) => event === 'queue-died').length).toBeLessThan(10);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
