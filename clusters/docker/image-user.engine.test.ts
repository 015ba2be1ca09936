import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, type Engine } from './engine/connect.js';
import { ensureImage } from './image/ensure.js';
import { engineObstacle } from './testing/engine.js';
import { provisioned } from './testing/provisioned.js';

const obstacle = await engineObstacle();
const IMAGE = `faultline-test/user:${process.pid}`;

describe.skipIf(obstacle !== undefined)(`an image whose programs run as a user of its own${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await connectEngine();
    const { tag } = await ensureImage({ engine, mode: 'auto', log: () => undefined, signal: new AbortController().signal });
    const container = await engine.docker.createContainer({ Image: tag });
    await container.commit({ repo: IMAGE.split(':')[0], tag: String(process.pid), changes: 'USER 1234:1234' });
    await container.remove();
  }, 600_000);
  afterAll(() => engine?.docker.getImage(IMAGE).remove());

  it('finds its files its own after they were taken away and given back', async () => {
    await using made = await provisioned({ image: IMAGE });
    const [node] = made.cluster.nodes;
    if (node === undefined) throw new Error('no node');
    await node.start({ argv: ['sh', '-c', 'umask 077; mkdir log; echo durable >log/1; exec sleep 600'], logFile: 'node.log' });
    await expect.poll(async () => (await node.disk.list()).length).toBe(1);
    await node.signal('SIGKILL');
    await node.disk.rename('log', '.lost-1/log');
    await node.exec(['sh', '-c', 'umask 077; mkdir log; echo new >log/1']);
    await node.disk.replace('.lost-1', '.', ['.lost-1']);
    const { stdout, stderr } = await node.exec(['sh', '-c', 'id -u; stat -c "%u:%g %a" log log/1 .lost-1; cat log/1; echo more >>log/1; rm -r .lost-1 && echo gone']);
    expect([stdout.split('\n'), stderr]).toEqual([['1234', '1234:1234 700', '1234:1234 600', '1234:1234 755', 'durable', 'gone', ''], '']);
  }, 60_000);
});
