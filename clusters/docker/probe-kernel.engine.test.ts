import type Docker from 'dockerode';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, type Engine } from './engine/connect.js';
import { ensureImage } from './image/ensure.js';
import { probeKernel } from './probe-kernel.js';
import { engineObstacle } from './testing/engine.js';

const obstacle = await engineObstacle();
const { signal } = new AbortController();

describe.skipIf(obstacle !== undefined)(`what an engine lets a holder do${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let engine: Engine;
  let image: string;

  beforeAll(async () => {
    engine = await connectEngine();
    image = (await ensureImage({ engine, mode: 'auto', log: () => undefined, signal })).tag;
  }, 600_000);

  it('is tried as the agent will try it', async () => {
    const { nft, packets, faketime } = await probeKernel(engine.docker, image, signal);
    expect(nft.ok && faketime.ok).toBe(true);
    const container = await engine.docker.createContainer({ Image: image, Cmd: ['node', '/opt/faultline/docker-agent.js', '--try'], HostConfig: { CapAdd: ['NET_ADMIN'] } });
    try {
      await container.start();
      const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
      expect(packets.ok).toBe(StatusCode === 0);
      expect((await container.logs({ stdout: true })).toString()).toContain(packets.ok ? packets.by : packets.why);
    } finally {
      await container.remove({ force: true });
    }
  }, 60_000);

  it('is said to be a matter of rights where it is', async () => {
    const { nft, packets, strace, faketime } = await probeKernel(withoutRights(engine.docker), image, signal);
    for (const [support, right] of [[nft, 'NET_ADMIN'], [packets, 'NET_ADMIN']] as const) {
      expect(support).toMatchObject({ ok: false, why: expect.stringMatching(/not permitted|denied/i) as unknown, remedy: expect.stringContaining(`gives its containers no ${right}`) as unknown });
    }
    // A child of its own strace may trace without the right.
    expect([strace.ok, faketime.ok]).toEqual([true, true]);
  }, 60_000);
});

/** The engine as one that grants no capability that is asked for. */
function withoutRights(docker: Docker): Docker {
  const createContainer = (options: Docker.ContainerCreateOptions): Promise<Docker.Container> => docker.createContainer({ ...options, HostConfig: { ...options.HostConfig, CapAdd: [] } });
  return Object.assign(Object.create(docker) as Docker, { createContainer });
}
