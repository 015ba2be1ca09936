import { FaultlineError } from '../../../src/index.js';
import { basesOf, ensureBase } from './base.js';
import { buildImage } from './build.js';
import { binaryObstacle, hostNode } from './debian.js';
import { bundleFiles, bundleFolder, hashOfFiles, type PackedFile } from './files.js';
import { nodeDockerfile, nodeTag } from './recipe.js';
import { imageId, throwIfInterrupted, type ImageRequest, type ReadyImage } from './request.js';

/**
 * Sees to it that the node image (a Debian with network tools and node, and faultline's compiled programs at /opt/faultline) is on the engine. It is built only if there is
 * none with the same content. Calls of one process for one engine wait for each other; of builds by several processes the first to end counts. An interrupted or failed
 * build leaves no container and no file. FaultlineError `no-image`, `image-build`, `debian-failed`, `not-built`, `interrupted`.
 */
export function ensureImage(request: ImageRequest): Promise<ReadyImage> {
  return oneAtATime(request, () => ensure(request));
}

/** The tag of the node image with the contents of now, if it is on the engine. */
export async function findImage(engine: ImageRequest['engine'], bundleDir = bundleFolder()): Promise<string | undefined> {
  const files = bundleFiles(bundleDir).map((file): PackedFile => ({ ...file, name: `faultline/${file.name}` }));
  for (const base of await basesOf('auto', engine.facts.architecture)) {
    const tag = nodeTag(base, hashOfFiles(files));
    if ((await imageId(engine.docker, tag)) !== undefined) return tag;
  }
  return undefined;
}

async function ensure(request: ImageRequest): Promise<ReadyImage> {
  const { docker, facts } = request.engine;
  const files = bundleFiles(request.bundleDir ?? bundleFolder()).map((file): PackedFile => ({ ...file, name: `faultline/${file.name}` }));
  const filesHash = hashOfFiles(files);
  const bases = await basesOf(request.mode, facts.architecture);
  if (request.force !== true) {
    for (const base of bases) {
      const tag = nodeTag(base, filesHash);
      const id = await imageId(docker, tag);
      if (id !== undefined) return { id, tag, built: false };
    }
  }
  if (bases.length === 0) throw new FaultlineError('no-image', `The node image cannot be made: ${binaryObstacle(hostNode(), facts.architecture)}`, { hint: 'Run `faultline image build` where the engine reaches a registry.' });
  const base = await ensureBase(request, bases);
  const tag = nodeTag(base, filesHash);
  request.log(`building ${tag}`);
  const id = await buildImage(request, tag, nodeDockerfile(base.tag), files);
  return { id, tag, built: true };
}

/** The last call for each engine. */
const last = new Map<string, Promise<unknown>>();

async function oneAtATime<T>(request: ImageRequest, work: () => Promise<T>): Promise<T> {
  const key = request.engine.describe;
  const before = last.get(key) ?? Promise.resolve();
  // Who is interrupted while it waits does not start; that the one before failed is told to its own caller.
  const mine = before.then(ignore, ignore).then(() => {
    throwIfInterrupted(request.signal);
    return work();
  });
  last.set(key, mine);
  try {
    return await mine;
  } finally {
    if (last.get(key) === mine) last.delete(key);
  }
}

function ignore(): void {
  // Only its end matters.
}
