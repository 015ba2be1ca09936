import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random, realClock } from '../../src/index.js';
import { everythingLabelled } from './clean.js';
import type { DockerCluster } from './cluster.js';
import { connectEngine, type Engine } from './engine/connect.js';
import { LABEL, labelsOf } from './labels.js';
import { provisionDocker } from './provision.js';
import { engineObstacle } from './testing/engine.js';
import { provisioned } from './testing/provisioned.js';
import { splittingProxy } from './testing/splitting-proxy.js';

const obstacle = await engineObstacle();
const RUN = `cluster-test-${process.pid}`;

describe.skipIf(obstacle !== undefined)(`one node on an engine${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let engine: Engine;
  let folder: string;
  let cluster: DockerCluster;

  beforeAll(async () => {
    engine = await connectEngine();
    folder = await mkdtemp(join(tmpdir(), 'fl-cluster-'));
    cluster = await provisionDocker({ runId: RUN, runDir: folder, nodeCount: 1, ports: ['client'], peerPorts: [], needs: ['out-of-memory'], clock: realClock(), random: Random.fromSeed(RUN), log: () => undefined, signal: new AbortController().signal });
  }, 600_000);

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const ours = async (): Promise<readonly string[]> => (await everythingLabelled(engine.docker)).filter(({ labels }) => labels[LABEL.run] === RUN).map(({ what }) => what);
  const limit = async (): Promise<number | undefined> => (await engine.docker.getContainer(`faultline-${RUN}-n1`).inspect()).HostConfig.Memory;

  it('has its memory back, and no leave to end, when it has outlived a lack of it', async () => {
    const [node] = cluster.nodes;
    await node?.start({ argv: ['sleep', '600'], logFile: 'node.log' });
    const before = await limit();
    await expect(node?.exhaustMemory(AbortSignal.timeout(300))).rejects.toMatchObject({ code: 'still-alive' });
    expect([await node?.state(), await limit()]).toEqual(['running', before]);
    await engine.docker.getContainer(`faultline-${RUN}-n1`).kill({ signal: 'SIGTERM' });
    await engine.docker.getContainer(`faultline-${RUN}-n1`).kill({ signal: 'SIGKILL' }).catch(() => undefined);
    await expect.poll(() => cluster.unexpectedExits()).toMatchObject([{ node: 'n1' }]);
  }, 30_000);

  it('asks for no right over networks where no link is to be harmed, and says so when one is all the same', async () => {
    expect((await engine.docker.getContainer(`faultline-${RUN}-n1-net`).inspect()).HostConfig.CapAdd).not.toContain('NET_ADMIN');
    await cluster.net.heal();
    await expect(cluster.net.stats()).rejects.toMatchObject({ code: 'agent-no-links' });
    await using linked = await provisioned({ needs: ['links'], nodeCount: 2 });
    expect((await engine.docker.getContainer(`faultline-${linked.runId}-n1-net`).inspect()).HostConfig.CapAdd).toContain('NET_ADMIN');
    expect(await linked.cluster.net.apply('test', [{ from: 'n1', to: 'n2', drop: 'stall' }])).toMatchObject({ by: 'nftables' });
    expect(await linked.cluster.net.stats()).toMatchObject([{ from: 'n2', to: 'n1', cut: false }, { from: 'n1', to: 'n2', cut: true }]);
  }, 60_000);

  it('opens to this machine, and to no other, the port of clients and not that of peers', async () => {
    await using made = await provisioned({ basePort: 23_451 });
    const { NetworkSettings } = await engine.docker.getContainer(`faultline-${made.runId}-n1-net`).inspect();
    const address = engine.host === undefined ? '127.0.0.1' : '0.0.0.0';
    expect(NetworkSettings.Ports).toEqual({ '7001/tcp': [{ HostIp: address, HostPort: '23451' }] });
    const [node] = made.cluster.nodes;
    expect(node?.endpoint('client')).toEqual({ host: engine.host ?? '127.0.0.1', port: 23_451 });
    expect(() => node?.endpoint('peer')).toThrow('is not published');
    expect(node?.peer('n1', 'peer').port).toBe(7002);
  }, 60_000);

  it('is made through a proxy that hands on head and body of a request apart', async ({ skip }) => {
    const host = process.env['DOCKER_HOST'] ?? '';
    if (host !== '' && !host.startsWith('unix://')) skip('the engine has no socket on this machine');
    await using proxy = await splittingProxy(host === '' ? '/var/run/docker.sock' : host.slice('unix://'.length));
    process.env['DOCKER_HOST'] = proxy.address;
    try {
      await using made = await provisioned({ needs: ['links'] });
      expect(await made.cluster.net.stats()).toEqual([]);
    } finally {
      if (host === '') delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = host;
    }
  }, 60_000);

  it('ends with the holder of a node, soon, and says so at every call', async () => {
    await using made = await provisioned();
    const [node] = made.cluster.nodes;
    await node?.start({ argv: ['sleep', '600'], logFile: 'node.log' });
    expect(made.cluster.lost.aborted).toBe(false);
    const began = performance.now();
    await engine.docker.getContainer(`faultline-${made.runId}-n1-net`).kill();
    await expect.poll(() => made.cluster.lost.aborted, { timeout: 5000 }).toBe(true);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(made.cluster.lost.reason).toMatchObject({ code: 'holder-gone', message: expect.stringContaining('n1: its holder has ended (exit code 137)') as unknown });
    await expect(node?.restart()).rejects.toBe(made.cluster.lost.reason);
    await expect(made.cluster.net.heal()).rejects.toMatchObject({ code: 'agent-gone' });
    await made.cluster[Symbol.asyncDispose]();
    expect((await everythingLabelled(engine.docker)).filter(({ labels }) => labels[LABEL.run] === made.runId)).toEqual([]);
  }, 60_000);

  it('leaves nothing, not even what nobody remembers', async () => {
    const image = (await engine.docker.getContainer(`faultline-${RUN}-n1`).inspect()).Image;
    const stray = await engine.docker.createContainer({ Image: image, Entrypoint: [], Cmd: ['sleep', '600'], Labels: labelsOf(RUN, 'exec', 'n1'), HostConfig: { NetworkMode: `faultline-${RUN}` } });
    await stray.start();
    expect(await ours()).toHaveLength(5);
    await cluster[Symbol.asyncDispose]();
    expect(await ours()).toEqual([]);
  }, 60_000);
});
