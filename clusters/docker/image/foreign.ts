import type Docker from 'dockerode';
import { FaultlineError } from '../../../src/index.js';
import { ignoringGone, reasonOf, statusOf, withDeadline } from '../deadline.js';
import { labelsOf } from '../labels.js';

/** Loaders of musl, by architecture; and the library that a glibc system has, wherever it keeps it. */
const MUSL = ['/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-aarch64.so.1'];
const GLIBC = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/aarch64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib/libc.so.6'];

/** What a run has to know of an image that is not faultline's own. */
export interface ImageFacts {
  /** Built on musl alone. One that has both libraries may run on either. */
  readonly musl: boolean;
  /** Has faultline's own programs. */
  readonly programs: boolean;
}

/** Looks into an image, by a container that is never started. `program`: the path of one of faultline's own. Throws FaultlineError `image-look`. */
export async function lookInto(docker: Docker, { image, runId, program }: { readonly image: string; readonly runId: string; readonly program: string }): Promise<ImageFacts> {
  const container = await withDeadline('looking into the image', docker.createContainer({ Image: image, Entrypoint: [], Cmd: ['true'], Labels: labelsOf(runId, 'exec') }));
  try {
    return { musl: (await hasAny(container, MUSL)) && !(await hasAny(container, GLIBC)), programs: await hasAny(container, [program]) };
  } finally {
    await ignoringGone(withDeadline('removing a container', container.remove({ force: true })));
  }
}

/**
 * Refuses an image whose programs would not start with a faked clock: libfaketime is a glibc library, and the loader of musl (Alpine) ends every program that it is put
 * into. Throws FaultlineError `image-libc`.
 */
export function requireGlibc(image: string, { musl }: ImageFacts): void {
  if (!musl) return;
  throw new FaultlineError('image-libc', `the image "${image}" is built on musl (Alpine?), whose programs do not start with the faked clock that clock faults need: libfaketime is a library for glibc`, {
    kind: 'usage',
    hint: 'Take an image of the system on Debian or another glibc system, or leave clock out of --nemesis.',
  });
}

/** FaultlineError `no-program`: a system that is bundled with faultline is to run in an image without its program. */
export function noProgram(image: string, path: string): FaultlineError {
  return new FaultlineError('no-program', `the image "${image}" does not have ${path}, the program of a system that is bundled with faultline`, {
    kind: 'usage',
    hint: 'Leave --image out: a bundled system runs in faultline\'s own node image. To add to that one, build yours FROM it (faultline image list names it). An image of another system goes with that --system.',
  });
}

/** Whether a container, running or not, has any of these files. Throws FaultlineError `image-look`. */
async function hasAny(container: Docker.Container, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    try {
      const answer = (await withDeadline('looking into the image', container.infoArchive({ path }))) as NodeJS.ReadableStream;
      answer.resume();
      return true;
    } catch (error) {
      if (statusOf(error) !== 404) throw new FaultlineError('image-look', `whether the image has ${path} cannot be seen: ${reasonOf(error)}`, { cause: error });
    }
  }
  return false;
}
