import type { ImageRequest } from './request.js';
import { imageId, removeUntagged, tagImage, throwIfInterrupted } from './request.js';
import { within } from '../../../src/index.js';
import { followBuild } from './engine-output.js';
import { packFiles, type PackedFile } from './files.js';

/** How long a build may take, milliseconds: the packages of the online way are fetched in it. */
const BUILD_MS = 15 * 60_000;

/**
 * Builds an image from a Dockerfile and files and tags it. The containers of the steps are removed whatever happens (`forcerm`), and what the steps of a build that failed
 * had made so far; the engine ends a build whose client goes away. FaultlineError `image-build` with all that the failed step said, `interrupted`.
 */
export async function buildImage(request: ImageRequest, tag: string, dockerfile: string, files: readonly PackedFile[]): Promise<string> {
  const { docker } = request.engine;
  throwIfInterrupted(request.signal);
  const context = await packFiles([...files, { name: 'Dockerfile', bytes: Buffer.from(dockerfile) }]);
  const abortSignal = within(BUILD_MS, request.signal);
  let id: string;
  let layer: string | undefined;
  try {
    const output = await docker.buildImage(context, { rm: true, forcerm: true, nocache: request.force === true, abortSignal });
    id = await followBuild(tag, output, request.log, (made) => (layer = made));
  } catch (error) {
    if (layer !== undefined) await removeUntagged(docker, layer);
    throwIfInterrupted(request.signal);
    throw error;
  } finally {
    context.destroy();
  }
  const full = (await imageId(docker, id)) ?? id;
  return tagImage(docker, full, tag, request.force === true);
}
