import { FaultlineError } from '../../../src/index.js';
import { statusOf, withDeadline } from '../deadline.js';
import type { Engine } from '../engine/connect.js';

/** An image of a gigabyte takes its time. */
const REMOVE_MS = 120_000;

/** `auto` takes the registry if it answers and makes a Debian of its own if not. */
export type ImageMode = 'auto' | 'online' | 'offline';

export interface ImageRequest {
  readonly engine: Pick<Engine, 'docker' | 'describe'> & { readonly facts: Pick<Engine['facts'], 'architecture'> };
  readonly mode: ImageMode;
  /** Takes what happens, a line a step. */
  readonly log: (line: string) => void;
  /** Ends the build in order. */
  readonly signal: AbortSignal;
  /** Builds base and node image anew even if they are there. */
  readonly force?: boolean;
  /** The folder of the compiled bundle; default: that of the running code. */
  readonly bundleDir?: string;
}

/** An image that is on the engine. */
export interface ReadyImage {
  readonly id: string;
  readonly tag: string;
  /** Whether it was built by this call. */
  readonly built: boolean;
}

/** The id of a tag or an id; undefined: the engine has no such image. */
export async function imageId(docker: Engine['docker'], name: string): Promise<string | undefined> {
  try {
    return (await withDeadline('looking for an image', docker.getImage(name).inspect())).Id;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/**
 * Gives a tag to a new image and gives the id that the tag has then. If someone else was quicker, theirs stays and ours is removed, unless it is `forced`: then the
 * older one is removed, if no container uses it.
 */
export async function tagImage(docker: Engine['docker'], id: string, tag: string, forced: boolean): Promise<string> {
  const older = await imageId(docker, tag);
  if (older === id) return id;
  if (older !== undefined && !forced) {
    await removeUnused(docker, id);
    return older;
  }
  const [repo = tag, name = 'latest'] = tag.split(':');
  await withDeadline('tagging the image', docker.getImage(id).tag({ repo, tag: name }));
  if (older !== undefined) await removeUnused(docker, older);
  return id;
}

/** Removes an image; one that is in use (409) or gone (404) is left. */
async function removeUnused(docker: Engine['docker'], id: string): Promise<void> {
  try {
    await withDeadline('removing an image', docker.getImage(id).remove(), REMOVE_MS);
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && status !== 409) throw error;
  }
}

/** Removes what a build left, with what it stands on, unless somebody gave it a tag or builds on it. */
export async function removeUntagged(docker: Engine['docker'], id: string): Promise<void> {
  try {
    if ((await withDeadline('looking for an image', docker.getImage(id).inspect())).RepoTags.length === 0) await removeUnused(docker, id);
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** FaultlineError `interrupted` if the signal says so. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new FaultlineError('interrupted', 'The building of the image was interrupted');
}
