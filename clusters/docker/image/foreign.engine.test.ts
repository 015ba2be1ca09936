import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine, type Engine } from '../engine/connect.js';
import { everythingLabelled } from '../clean.js';
import { LABEL } from '../labels.js';
import { engineObstacle } from '../testing/engine.js';
import { provisioned } from '../testing/provisioned.js';

const obstacle = await engineObstacle();
const images = { musl: ['lib/ld-musl-x86_64.so.1'], both: ['lib/ld-musl-x86_64.so.1', 'lib/x86_64-linux-gnu/libc.so.6'], arm: ['lib/ld-musl-aarch64.so.1'] } as const;
const tagOf = (name: keyof typeof images): string => `faultline-test/${name}:${process.pid}`;

describe.skipIf(obstacle !== undefined)(`an image that is not faultline's${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await connectEngine();
    for (const [name, files] of Object.entries(images)) {
      const archive = pack();
      for (const file of files) archive.entry({ name: file, mode: 0o755 }, 'x');
      archive.finalize();
      await finished(engine, await engine.docker.importImage(archive as unknown as NodeJS.ReadableStream, { repo: `faultline-test/${name}`, tag: String(process.pid) }));
    }
  }, 60_000);
  afterAll(async () => {
    for (const name of Object.keys(images)) await engine.docker.getImage(tagOf(name as keyof typeof images)).remove();
  });

  it.each(['musl', 'arm'] as const)('and is built on %s takes no faked clock, which is said before anything is made', async (name) => {
    const runId = `foreign-${name}-${process.pid}`;
    await expect(provisioned({ runId, image: tagOf(name), needs: ['clock'] })).rejects.toMatchObject({ code: 'image-libc', message: expect.stringContaining(`"${tagOf(name)}" is built on musl`) as unknown });
    expect((await everythingLabelled(engine.docker)).filter(({ labels }) => labels[LABEL.run] === runId)).toEqual([]);
  }, 30_000);

  it('and has glibc too takes one', async () => {
    await using made = await provisioned({ image: tagOf('both'), needs: ['clock'] });
    await made.cluster.nodes[0]?.setClock({ offsetMs: 5 });
  }, 30_000);

  it('and has no program of ours is refused in words', async () => {
    await using made = await provisioned({ image: tagOf('musl') });
    const [node] = made.cluster.nodes;
    expect(() => node?.javascript(new URL('file:///dist/server/main.js'))).toThrow(`the image "${tagOf('musl')}" does not have /opt/faultline/server/main.js, the program of a system that is bundled with faultline`);
  }, 30_000);
});

async function finished(engine: Engine, stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => engine.docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error))));
}
