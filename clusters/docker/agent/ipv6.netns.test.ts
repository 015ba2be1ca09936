import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { inside, TestNetwork } from './testing/netns.js';
import { ipv6Obstacle, namespaceObstacle, titled } from './testing/obstacle.js';
import { dial, echo } from './testing/traffic.js';

const obstacle = namespaceObstacle() ?? ipv6Obstacle();
const [FIRST, SECOND] = ['fd00:77::1', 'fd00:77::2'];

// A run's own network has no IPv6: this is for what a node's program may find on another engine, or make of link-local addresses.
describe.skipIf(obstacle !== undefined)(titled('faults on IPv6 between network namespaces', obstacle), () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
    for (const [name, address] of [['n1', FIRST], ['n2', SECOND]] as const) await inside(network.node(name), 'ip', 'addr', 'add', `${address}/64`, 'dev', 'eth0', 'nodad');
    await echo(network.node('n2'), 7001);
    await echo(network.node('n1'), 7001);
  });
  afterEach(() => network.apply({}));
  afterAll(() => network?.[Symbol.asyncDispose]());

  const there = (patienceMs = 3000) => dial(network.node('n1'), network.node('n2'), 7001, { address: SECOND, patienceMs });
  const stats = async () => (await network.node('n2').agent.stats()).find(({ from }) => from === 'n1');

  test('a cut stops it, and is counted', async () => {
    expect((await there()).end).toBe('echoed');
    const before = (await stats())?.stalledPackets ?? 0;
    await network.apply({ 'n1>n2': { drop: 'stall' } });
    expect((await there(400)).end).toBe('silence');
    expect((await stats())?.stalledPackets).toBeGreaterThan(before);
    await network.apply({});
    expect((await there(10_000)).end).toBe('echoed');
  }, 30_000);

  test('a reset refuses it', async () => {
    expect((await there()).end).toBe('echoed');
    await network.apply({ 'n1>n2': { drop: 'reset' } });
    expect((await there()).end).toBe('ECONNREFUSED');
  });

  test('a delay holds it back, and goes with the fault', async () => {
    await network.apply({ 'n1>n2': { delayMs: 150 } });
    const { end, ms } = await there();
    expect(end).toBe('echoed');
    // The handshake's last packet and the bytes wait at n2: two delays one after the other, that of the SYN and that of the bytes.
    expect(ms).toBeGreaterThan(290);
    expect((await stats())?.delayedPackets).toBeGreaterThan(0);
    expect(await inside(network.node('n2'), 'ip6tables', '-S')).toContain('NFQUEUE');
    await network.node('n2').agent.heal();
    expect(await inside(network.node('n2'), 'ip6tables', '-S')).not.toContain('FAULTLINE');
  });
});
