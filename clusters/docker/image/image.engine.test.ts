import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../../src/index.js';
import { connectEngine, type Engine } from '../engine/connect.js';
import { buildImage } from './build.js';
import { binaryObstacle, debianObstacle, hostNode } from './debian.js';
import { ensureImage } from './ensure.js';
import { listImages, removeImages } from './inventory.js';

const engine = await connectEngine().catch((error: unknown) => messageOf(error));
const obstacle = typeof engine === 'string' ? engine : (binaryObstacle(hostNode(), engine.facts.architecture) ?? debianObstacle());
const QUICK_MS = 1000;

describe.skipIf(obstacle !== undefined)(`node image on an engine${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, () => {
  const { docker } = engine as Engine;
  const bundleDir = mkdtempSync(join(tmpdir(), 'fl-bundle-'));
  mkdirSync(join(bundleDir, 'server'));
  writeFileSync(join(bundleDir, 'server/main.js'), `import { text } from '../text.js';\nprocess.stdout.write(text);\n// ${Date.now()} ${Math.random()}\n`);
  writeFileSync(join(bundleDir, 'text.js'), "export const text = 'a module runs';\n");
  const lines: string[] = [];
  const request = { engine: engine as Engine, mode: 'offline', log: (line: string) => lines.push(line), signal: new AbortController().signal, bundleDir } as const;

  afterAll(async () => {
    const image = await ensureImage(request);
    await docker.getImage(image.tag).remove();
    rmSync(bundleDir, { recursive: true });
  });

  it('is built once, by calls at the same time too, and then found quickly', async () => {
    const [first, second] = await Promise.all([ensureImage(request), ensureImage(request)]);
    expect([first.built, second.built]).toEqual([true, false]);
    expect(second.id).toBe(first.id);
    const started = performance.now();
    expect(await ensureImage(request)).toEqual({ ...first, built: false });
    expect(performance.now() - started).toBeLessThan(QUICK_MS);
    expect(lines.join('\n')).toContain('step 3/5: COPY faultline/ /opt/faultline/');
  }, 180_000);

  it('has the tools, runs modules, and its processes keep their faked clock', async () => {
    const { tag } = await ensureImage(request);
    const script = [
      'node --version',
      'nft --version',
      'python3 -c "import socket, struct, sys, heapq, time, random, select, os; print(sys.version_info[0])"',
      'strace --version | head -1',
      'node /opt/faultline/server/main.js',
      "echo; LD_PRELOAD=$(ls /usr/lib/*/faketime/libfaketime.so.1) FAKETIME='2001-01-01 00:00:00' date +%Y",
    ].join(' && ');
    const said = await run(docker, tag, script);
    expect(said).toContain(process.version);
    expect(said).toMatch(/nftables v\d/);
    expect(said).toMatch(/strace -- version \d/);
    expect(said).toMatch(/a module runs\s+2001\s*$/);
  });

  it('shows all that a failed step said, and leaves no container', async () => {
    const dockerfile = `FROM ${(await baseTag(docker))}\nRUN echo not shown\nRUN seq 1 300; echo the reason >&2; exit 3\n`;
    const failure = await buildImage(request, 'faultline/node:failing', dockerfile, []).catch(messageOf);
    expect(failure).toContain('failed at "Step 3/3 : RUN seq 1 300');
    for (const line of ['\n1\n', '\n150\n', '\n300\n', 'the reason', 'code: 3']) expect(failure).toContain(line);
    expect(failure).not.toContain('not shown');
    expect((await docker.listContainers({ all: true })).filter(({ Command }) => Command.includes('seq 1 300'))).toEqual([]);
  });

  it('ends an interrupted build in order', async () => {
    const controller = new AbortController();
    const build = buildImage({ ...request, signal: controller.signal, log: (line) => { if (line.includes('sleep')) setTimeout(() => controller.abort(), 300); } }, 'faultline/node:interrupted', `FROM ${await baseTag(docker)}\nRUN sleep 61\n`, []);
    const started = performance.now();
    await expect(build).rejects.toMatchObject({ code: 'interrupted' });
    expect(performance.now() - started).toBeLessThan(10_000);
    await expect.poll(async () => (await docker.listContainers({ all: true })).filter(({ Command }) => Command.includes('sleep 61')).length, { timeout: 20_000 }).toBe(0);
  }, 40_000);

  it('ends an interrupted making of a Debian in order', async () => {
    const controller = new AbortController();
    const folders = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('faultline-image-'));
    const before = folders();
    const forced = ensureImage({ ...request, force: true, signal: controller.signal, log: (line) => { if (line.startsWith('extracting')) controller.abort(); } });
    await expect(forced).rejects.toMatchObject({ code: 'interrupted' });
    expect(folders()).toEqual(before);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toMatch(/mmdebstrap .*faultline-image-/);
  }, 120_000);

  it('is listed, kept while a container uses it, and removed when none does', async () => {
    const { tag, id } = await ensureImage(request);
    const only = { listImages: async () => (await docker.listImages()).filter(({ Id }) => Id === id), listContainers: docker.listContainers.bind(docker), getImage: docker.getImage.bind(docker) } as unknown as Engine['docker'];
    const container = await docker.createContainer({ Image: tag, Cmd: ['true'] });
    try {
      const name = (await container.inspect()).Name.slice(1);
      expect((await listImages(docker)).find((image) => image.id === id)).toMatchObject({ kind: 'node', tags: [tag], usedBy: [name] });
      expect(await removeImages(only)).toEqual([`kept ${tag} (node): used by ${name}`]);
    } finally {
      await container.remove();
    }
    expect(await removeImages(only)).toEqual([`removed ${tag} (node)`]);
    expect((await listImages(docker)).filter((image) => image.id === id)).toEqual([]);
  });
});

async function baseTag(docker: Engine['docker']): Promise<string> {
  return (await listImages(docker)).find(({ kind, tags }) => kind === 'base' && tags.length > 0)?.tags[0] ?? '';
}

async function run(docker: Engine['docker'], image: string, script: string): Promise<string> {
  const output = new PassThrough();
  let said = '';
  output.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await docker.run(image, ['sh', '-c', script], output, { Tty: true, HostConfig: { AutoRemove: true } });
  return said;
}
