import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Netem } from './netem.js';
import { inside, TestNetwork } from './testing/netns.js';
import { namespaceObstacle, titled } from './testing/obstacle.js';
import { dial, echo, probe } from './testing/traffic.js';

const obstacle = namespaceObstacle();

describe.skipIf(obstacle !== undefined)(titled('classes for netem between network namespaces', obstacle), () => {
  let network: TestNetwork;
  let folder: string;

  beforeAll(async () => {
    network = await TestNetwork.start();
    folder = await mkdtemp(join(tmpdir(), 'faultline-tc-'));
    await echo(network.node('n2'), 7001);
  });
  afterAll(async () => {
    await network?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  // With a plain queue in netem's place, so that classes, filters and counters are tried on kernels without it too.
  test('tell the packets of the nodes from probes', async () => {
    const [n1, n2] = [network.node('n1'), network.node('n2')];
    const netem = new Netem('eth0', async (args, input) => {
      if (input === undefined) return inside(n1, 'tc', ...args);
      await writeFile(join(folder, 'batch'), input.replace(/netem .*/g, 'pfifo limit 1000'));
      return inside(n1, 'tc', '-batch', join(folder, 'batch'));
    });
    const whole = { jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };
    await netem.apply([{ to: 'n2', delayMs: 0, ...whole, bytesPerSecond: 2048 }], [n2]);
    expect(await probe(network, 'n1', 'n2')).toMatchObject({ received: 20 });
    expect((await netem.counts()).get('n2')?.delayed).toBe(0);
    expect((await dial(n1, n2, 7001)).end).toBe('echoed');
    const { delayed = 0 } = (await netem.counts()).get('n2') ?? {};
    expect(delayed).toBeGreaterThan(2);
    await netem.remove();
    expect((await netem.counts()).get('n2')?.delayed).toBeGreaterThanOrEqual(delayed);
    expect(await inside(n1, 'tc', 'qdisc', 'show', 'dev', 'eth0')).not.toContain('htb');
  });
});
