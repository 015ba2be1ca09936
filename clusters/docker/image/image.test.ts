import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { binaryObstacle, debianObstacle } from './debian.js';
import { followBuild, itemsOf } from './engine-output.js';
import { ensureImage } from './ensure.js';
import { bundleFiles, bundleFolder, hashOfFiles, packFiles } from './files.js';
import { nodeDockerfile, nodeTag, offlineBase, onlineBase, PACKAGES, shortHash } from './recipe.js';
import type { ImageMode, ImageRequest } from './request.js';

const folder = mkdtempSync(join(tmpdir(), 'fl-image-'));
mkdirSync(join(folder, 'server'));
writeFileSync(join(folder, 'server/main.js'), 'a');
writeFileSync(join(folder, 'server/main.js.map'), 'a');
writeFileSync(join(folder, 'chunk.js'), 'b');
afterAll(() => rmSync(folder, { recursive: true }));

describe('recipe', () => {
  it('has all packages both ways, and tags of its content', () => {
    const online = onlineBase('amd64');
    for (const name of PACKAGES) {
      expect(online.text).toContain(name);
      expect(offlineBase('amd64', 'x').text).toContain(name);
    }
    expect(online.text).toMatch(/^FROM node:22-bookworm-slim\nRUN apt-get update/);
    expect(online.text).toMatch(/LABEL faultline\.image=base\n$/);
    expect(online.tag).toMatch(/^faultline\/base:[0-9a-f]{16}$/);
    expect(nodeDockerfile('faultline/base:1')).toMatch(/^FROM faultline\/base:1\n[^]*COPY faultline\/ \/opt\/faultline\/\nLABEL faultline\.image=node\n/);
    const tags = [online, onlineBase('arm64'), offlineBase('amd64', 'x'), offlineBase('amd64', 'y')].flatMap((base) => [base.tag, nodeTag(base, 'f'), nodeTag(base, 'g')]);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('hashes lists, not their texts run together', () => {
    expect(shortHash(['ab', 'c'])).not.toBe(shortHash(['a', 'bc']));
  });
});

describe('files', () => {
  it('are those of the bundle without maps, and a package.json', () => {
    expect(bundleFiles(folder).map(({ name }) => name)).toEqual(['chunk.js', 'package.json', 'server/main.js']);
    expect(bundleFolder(folder)).toBe(folder);
    expect(() => bundleFolder('/nonexistent/a/b/c')).toThrow(expect.objectContaining({ code: 'not-built' }) as Error);
  });

  it('give the same archive and hash in any order, and another for other content', async () => {
    const file = fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), bytes: fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes)) });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { selector: ({ name }) => name, minLength: 1, maxLength: 5 }), async (files) => {
        const reversed = [...files].reverse();
        expect(hashOfFiles(reversed)).toBe(hashOfFiles(files));
        expect((await buffer(await packFiles(reversed))).equals(await buffer(await packFiles(files)))).toBe(true);
        const [first, ...rest] = files;
        if (first !== undefined) expect(hashOfFiles([{ ...first, bytes: Buffer.concat([first.bytes, Buffer.from('x')]) }, ...rest])).not.toBe(hashOfFiles(files));
      }),
      { numRuns: 50 },
    );
  });
});

describe('what an engine says', () => {
  it('is read whatever the pieces it comes in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), async (texts, size) => {
        const bytes = Buffer.from(texts.map((stream) => `${JSON.stringify({ stream })}\r\n`).join(''));
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        const items = [];
        for await (const item of itemsOf(Readable.from(pieces))) items.push(item.stream);
        expect(items).toEqual(texts);
      }),
    );
  });

  it('fails with the last step and all its output, even if no image comes of it', async () => {
    const items = [{ stream: 'Step 1/2 : FROM x\n' }, { stream: ' ---> 0123456789ab\n' }, { stream: 'Step 2/2 : RUN y' }, { stream: '\n' }, { stream: 'one\n' }, { stream: 'two\n' }];
    const said = (more: readonly unknown[]): Readable => Readable.from([...items, ...more].map((item) => Buffer.from(`${JSON.stringify(item)}\n`)));
    const steps: string[] = [];
    const layers: string[] = [];
    await expect(followBuild('t', said([{ error: 'code: 1' }]), (line) => steps.push(line), (id) => layers.push(id))).rejects.toMatchObject({ code: 'image-build', message: 'The build of t failed at "Step 2/2 : RUN y": code: 1\n\none\ntwo' });
    expect([steps, layers]).toEqual([['step 1/2: FROM x', 'step 2/2: RUN y'], ['0123456789ab']]);
    await expect(followBuild('t', said([]), () => undefined)).rejects.toMatchObject({ code: 'image-build' });
    expect(await followBuild('t', said([{ aux: { ID: 'sha256:1' } }]), () => undefined)).toBe('sha256:1');
  });
});

describe('ensureImage with an engine that does nothing', () => {
  const missing = Object.assign(new Error('(HTTP code 404) no such image'), { statusCode: 404 });
  const pulls: string[] = [];
  const request = (mode: ImageMode, architecture: string, signal = new AbortController().signal): ImageRequest => {
    const docker = {
      getImage: () => ({ inspect: () => Promise.reject(missing) }),
      pull: async (name: string) => {
        pulls.push(name);
        return Readable.from([Buffer.from('{"status":"Pulling"}\n{"error":"no such host"}\n')]);
      },
    };
    return { engine: { docker: docker as unknown as ImageRequest['engine']['docker'], describe: `stub ${architecture}`, facts: { architecture } }, mode, log: () => undefined, signal, bundleDir: folder };
  };

  it('names both reasons and the command', async () => {
    await expect(ensureImage(request('auto', 'no-such-cpu'))).rejects.toMatchObject({
      code: 'no-image',
      message: expect.stringMatching(/From a registry: node:22-bookworm-slim cannot be pulled: no such host\nWithout a registry: .*no-such-cpu/) as string,
      hint: expect.stringContaining('faultline image build --offline') as string,
    });
    expect(pulls).toEqual(['node:22-bookworm-slim']);
  });

  it('asks no registry offline, and makes nothing of its own online', async () => {
    pulls.length = 0;
    await expect(ensureImage(request('offline', 'no-such-cpu'))).rejects.toMatchObject({ code: 'no-image' });
    expect(pulls).toEqual([]);
    await expect(ensureImage(request('online', 'amd64'))).rejects.toMatchObject({ code: 'no-image', message: expect.not.stringContaining('Without a registry') as string });
  });

  it('does not start when it is interrupted', async () => {
    await expect(ensureImage(request('auto', 'amd64', AbortSignal.abort()))).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('a machine that cannot make a Debian', () => {
  it('is told why', () => {
    writeFileSync(join(folder, 'script'), '#!/bin/sh\n');
    expect(binaryObstacle(join(folder, 'script'), 'amd64')).toContain('is no Linux program');
    expect(debianObstacle('/nonexistent', 0)).toMatch(/no mmdebstrap|Linux machine/);
  });
});
