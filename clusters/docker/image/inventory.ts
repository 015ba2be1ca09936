import type Docker from 'dockerode';
import { reasonOf, statusOf } from '../deadline.js';
import { IMAGE_LABEL } from './recipe.js';

/** An image that faultline made. */
export interface OwnImage {
  readonly id: string;
  /** `base` or `node`. */
  readonly kind: string;
  readonly tags: readonly string[];
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** Names of the containers that use it, running or not. */
  readonly usedBy: readonly string[];
}

/** The images with faultline's label, node images before their bases, the newest first. */
export async function listImages(docker: Docker): Promise<readonly OwnImage[]> {
  const images = await docker.listImages({ filters: { label: [IMAGE_LABEL] } });
  const containers = await docker.listContainers({ all: true });
  return images
    .map((image) => ({
      id: image.Id,
      kind: image.Labels?.[IMAGE_LABEL] ?? '?',
      tags: (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
      bytes: image.Size,
      createdMs: image.Created * 1000,
      usedBy: containers.filter(({ ImageID }) => ImageID === image.Id).map(({ Names, Id }) => Names[0]?.replace(/^\//, '') ?? Id.slice(0, 12)),
    }))
    .sort((a, b) => (a.kind === b.kind ? b.createdMs - a.createdMs : a.kind === 'node' ? -1 : 1));
}

/** Removes the images with faultline's label that no container uses; gives a line for each, of those that stay too. */
export async function removeImages(docker: Docker): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const image of await listImages(docker)) lines.push(await removeImage(docker, image));
  return lines;
}

async function removeImage(docker: Docker, image: OwnImage): Promise<string> {
  const what = `${image.tags.join(', ') || image.id.slice(0, 19)} (${image.kind})`;
  if (image.usedBy.length > 0) return `kept ${what}: used by ${image.usedBy.join(', ')}`;
  try {
    // By its tags, so that an image with tags of other people keeps those: without them the last tag takes the image with it.
    for (const name of image.tags.length === 0 ? [image.id] : image.tags.filter((tag) => tag.startsWith('faultline/'))) await docker.getImage(name).remove();
    return `removed ${what}`;
  } catch (error) {
    if (statusOf(error) === 404) return `removed ${what}: it was gone already`;
    if (statusOf(error) === 409) return `kept ${what}: ${reasonOf(error)}`;
    throw error;
  }
}
