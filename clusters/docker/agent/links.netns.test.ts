import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { killInside, TestNetwork } from './testing/netns.js';
import { namespaceObstacle, titled } from './testing/obstacle.js';
import { dial, echo, probe } from './testing/traffic.js';

const obstacle = namespaceObstacle();

describe.skipIf(obstacle !== undefined)(titled('cuts and duplicates between network namespaces', obstacle), () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start({ size: 3 });
    await echo(network.node('n2'), 7001);
    await echo(network.node('n2'), 7002);
    await echo(network.node('n1'), 7001);
  });
  afterEach(() => network.apply({}));
  afterAll(() => network?.[Symbol.asyncDispose]());

  const counts = async (to: string, from: string) => (await network.node(to).agent.stats()).find((link) => link.from === from);

  test('a cut stops one direction of one link, and healing opens it', async () => {
    await network.apply({ 'n1>n2': { drop: 'stall' } });
    expect(await probe(network, 'n1', 'n2')).toMatchObject({ received: 0 });
    expect(await probe(network, 'n2', 'n1')).toMatchObject({ received: 20 });
    expect(await probe(network, 'n3', 'n2')).toMatchObject({ received: 20 });
    expect((await dial(network.node('n1'), network.node('n2'), 7001, { patienceMs: 300 })).end).toBe('silence');
    await network.apply({});
    expect(await probe(network, 'n1', 'n2')).toMatchObject({ received: 20 });
    expect((await dial(network.node('n1'), network.node('n2'), 7001)).end).toBe('echoed');
  });

  test('a reset refuses what the sender dials on peer ports, and stalls everything else', async () => {
    await network.apply({ 'n1>n2': { drop: 'reset' } });
    const [n1, n2] = [network.node('n1'), network.node('n2')];
    expect((await dial(n1, n2, 7001)).end).toBe('ECONNREFUSED');
    expect((await dial(n1, n2, 7002, { patienceMs: 300 })).end).toBe('silence');
    expect((await dial(n2, n1, 7001, { patienceMs: 300 })).end).toBe('silence');
    expect((await counts('n2', 'n1'))?.resets).toBeGreaterThan(0);
  });

  test('a part of the packets arrives twice, and TCP bears it', async () => {
    await network.apply({ 'n1>n2': { duplicateRate: 0.5 } });
    const { received, duplicates } = await probe(network, 'n1', 'n2', { count: 400 });
    expect(received).toBe(400);
    // Five standard deviations of a binomial distribution.
    expect(Math.abs(duplicates - 200)).toBeLessThan(50);
    expect((await dial(network.node('n1'), network.node('n2'), 7001, { bytes: 2_000_000, patienceMs: 5000 })).end).toBe('echoed');
    expect((await counts('n1', 'n2'))?.outgoing.disturbedPackets).toBeGreaterThan(0);
    expect((await counts('n2', 'n1'))?.outgoing.disturbedPackets).toBe(0);
    expect(await probe(network, 'n2', 'n1')).toMatchObject({ received: 20, duplicates: 0 });
  });

  test('all packets arrive twice', async () => {
    await network.apply({ 'n1>n2': { duplicateRate: 1 } });
    expect(await probe(network, 'n1', 'n2')).toMatchObject({ received: 20, duplicates: 20 });
  });

  test('counters go on through changes of the rules', async () => {
    const [n1, n2] = [network.node('n1'), network.node('n2')];
    const before = await counts('n2', 'n1');
    await dial(n1, n2, 7001, { bytes: 50_000 });
    await network.apply({ 'n1>n2': { drop: 'stall' } });
    await dial(n1, n2, 7001, { patienceMs: 300 });
    await network.apply({});
    const after = await counts('n2', 'n1');
    expect(after?.deliveredBytes).toBeGreaterThan((before?.deliveredBytes ?? 0) + 50_000);
    expect(after?.stalledPackets).toBeGreaterThan(before?.stalledPackets ?? 0);
  });

  test('after its rules are gone an agent says so, and goes on', async () => {
    const { agent } = network.node('n3');
    await agent.heal();
    await expect(agent.stats()).rejects.toThrow(/No such file or directory/);
    await expect(agent.applyLinks({ incoming: [], outgoing: [] })).resolves.toBeUndefined();
    const peers = network.nodes.filter(({ name }) => name !== 'n3').map(({ name, address, mac }) => ({ name, address, mac }));
    await agent.setup({ peers, peerPorts: [7001] });
    expect((await agent.stats()).map(({ from }) => from)).toEqual(['n1', 'n2']);
  });

  test('goes on when its nft is killed', async () => {
    const killed = await killInside(network.node('n2'), 'nft');
    expect(killed).toBe(1);
    await network.apply({ 'n1>n2': { drop: 'stall' } }).catch(() => undefined);
    await network.apply({ 'n1>n2': { drop: 'stall' } });
    expect(await probe(network, 'n1', 'n2')).toMatchObject({ received: 0 });
  });
});
