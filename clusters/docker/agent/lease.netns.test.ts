import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inside, TestNetwork } from './testing/netns.js';
import { namespaceObstacle, titled } from './testing/obstacle.js';

const obstacle = namespaceObstacle();

describe.skipIf(obstacle !== undefined)(titled('the lease and the disk of an agent', obstacle), () => {
  let network: TestNetwork;

  beforeEach(async () => {
    network = await TestNetwork.start({ config: { lingerMs: 20_000, silenceMs: 4000 } });
  });
  afterEach(() => network?.[Symbol.asyncDispose]());

  const rules = async (): Promise<string> => `${await inside(network.node('n2'), 'nft', 'list', 'tables')}${await inside(network.node('n2'), 'iptables', '-S', 'INPUT')}`;
  const healed = async (): Promise<number> => {
    const began = performance.now();
    while (/faultline/i.test(await rules())) {
      if (performance.now() - began > 10_000) throw new Error('never healed');
      await sleep(20);
    }
    return performance.now() - began;
  };

  test('when its input ends it opens everything within a second, and stays', async () => {
    await network.apply({ 'n1>n2': { drop: 'stall', delayMs: 50 } });
    expect(await rules()).toMatch(/faultline/i);
    network.node('n2').process.stdin.end();
    const ms = await healed();
    process.stderr.write(`healed ${ms.toFixed(0)} ms after the end of input\n`);
    expect(ms).toBeLessThan(1000);
    expect(network.node('n2').process.exitCode).toBeNull();
  });

  test('when it hears nothing for long it opens everything and says why', async () => {
    await network.apply({ 'n1>n2': { drop: 'stall' } });
    // Stops the client's heartbeat and keeps the pipe open.
    const { agent, process: child, events } = network.node('n2');
    const end = child.stdin.end.bind(child.stdin);
    child.stdin.end = () => child.stdin;
    await agent[Symbol.asyncDispose]();
    expect(await healed()).toBeLessThan(7000);
    child.stdin.end = end;
    for (let left = 40; left > 0 && !events.some(({ event }) => event === 'healed'); left--) await sleep(50);
    expect(events).toContainEqual(expect.objectContaining({ event: 'healed' }));
  }, 20_000);

  test('healing twice is healing once', async () => {
    const { agent } = network.node('n2');
    await network.apply({ 'n1>n2': { drop: 'stall', delayMs: 50 } });
    await agent.heal();
    await agent.heal();
    expect(await rules()).not.toMatch(/faultline/i);
  });

  test('a full disk has no room, and has again', async () => {
    const { agent } = network.node('n1');
    expect((await agent.fill()).ballastBytes).toBeGreaterThan(4_000_000);
    // The clock can be set all the same, again and again, also to longer texts.
    for (const offsetMs of [250, -250, 123_456_789.123, 0]) await agent.setClock({ offsetMs });
    expect(await agent.free()).toEqual({ wasFull: true });
    expect(await agent.free()).toEqual({ wasFull: false });
  });
});
