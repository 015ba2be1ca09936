import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultlineError, messageOf, within } from '../../../src/index.js';
import { reasonOf } from '../deadline.js';
import { buildImage } from './build.js';
import { binaryObstacle, debianObstacle, hostNode, makeDebian } from './debian.js';
import { followTransfer } from './engine-output.js';
import { hashOfFile } from './files.js';
import { IMAGE_LABEL, offlineBase, ONLINE_FROM, onlineBase, type BaseRecipe } from './recipe.js';
import { imageId, tagImage, throwIfInterrupted, type ImageMode, type ImageRequest } from './request.js';

const PULL_MS = 10 * 60_000;
const IMPORT_MS = 5 * 60_000;

/** The bases that a mode allows, the preferred one first. That of the offline way has a name only where this machine's node binary could be in it. */
export async function basesOf(mode: ImageMode, architecture: string): Promise<readonly BaseRecipe[]> {
  const online = mode === 'offline' ? [] : [onlineBase(architecture)];
  if (mode === 'online' || binaryObstacle(hostNode(), architecture) !== undefined) return online;
  return [...online, offlineBase(architecture, await hashOfFile(hostNode()))];
}

/** Sees to it that one of the bases is on the engine. FaultlineError `no-image` that names what stood in the way of each. */
export async function ensureBase(request: ImageRequest, bases: readonly BaseRecipe[]): Promise<BaseRecipe> {
  if (request.force !== true) for (const base of bases) if ((await imageId(request.engine.docker, base.tag)) !== undefined) return base;
  const reasons: string[] = [];
  if (request.mode !== 'offline') {
    try {
      return await makeOnline(request, onlineBase(request.engine.facts.architecture));
    } catch (error) {
      throwIfInterrupted(request.signal);
      const why = error instanceof FaultlineError ? messageOf(error) : reasonOf(error);
      reasons.push(`From a registry: ${why}`);
      if (request.mode === 'auto') request.log(`The online way does not work: ${why}`);
    }
  }
  if (request.mode !== 'online') {
    const base = bases.find(({ way }) => way === 'offline');
    const obstacle = binaryObstacle(hostNode(), request.engine.facts.architecture) ?? debianObstacle();
    if (base !== undefined && obstacle === undefined) {
      try {
        return await makeOffline(request, base);
      } catch (error) {
        throwIfInterrupted(request.signal);
        reasons.push(`Without a registry: ${error instanceof FaultlineError ? messageOf(error) : reasonOf(error)}`);
      }
    } else reasons.push(`Without a registry: ${obstacle}`);
  }
  throw new FaultlineError('no-image', `There is no node image at ${request.engine.describe}, and none can be made.\n${reasons.join('\n')}`, {
    hint: `Run \`faultline image build --offline\` as root on a Debian machine with mmdebstrap, or \`faultline image build\` where the engine can pull ${ONLINE_FROM}.`,
  });
}

async function makeOnline(request: ImageRequest, base: BaseRecipe): Promise<BaseRecipe> {
  const { docker } = request.engine;
  if ((await imageId(docker, ONLINE_FROM)) === undefined) {
    request.log(`pulling ${ONLINE_FROM}`);
    const abortSignal = within(PULL_MS, request.signal);
    await followTransfer('pull-failed', `${ONLINE_FROM} cannot be pulled`, (await docker.pull(ONLINE_FROM, { abortSignal })) as AsyncIterable<unknown>);
  }
  request.log(`building ${base.tag} from ${ONLINE_FROM}`);
  await buildImage(request, base.tag, base.text, []);
  return base;
}

async function makeOffline(request: ImageRequest, base: BaseRecipe): Promise<BaseRecipe> {
  const { docker } = request.engine;
  throwIfInterrupted(request.signal);
  request.log(`building ${base.tag} without a registry: a Debian by mmdebstrap, about half a minute`);
  const tempDir = await mkdtemp(join(tmpdir(), 'faultline-image-'));
  try {
    const tar = join(tempDir, 'base.tar');
    await makeDebian({ tar, node: hostNode(), tempDir, log: request.log, signal: request.signal });
    request.log('importing it into the engine');
    const abortSignal = within(IMPORT_MS, request.signal);
    const output = await docker.importImage(createReadStream(tar), { changes: [`LABEL ${IMAGE_LABEL}=base`], abortSignal });
    const id = await followTransfer('import-failed', 'The engine does not take the base image', output);
    await tagImage(docker, id, base.tag, request.force === true);
    return base;
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}
