import type Docker from 'dockerode';
import { FaultlineError } from '../../../src/index.js';
import { ignoringGone, reasonOf, statusOf, withDeadline } from '../deadline.js';
import { labelsOf } from '../labels.js';

/** Loaders of musl, by architecture; and the library that a glibc system has, wherever it keeps it. */
const MUSL = ['/lib/ld-musl-x86_64.so.1', '/lib/ld-musl-aarch64.so.1'];
const GLIBC = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/aarch64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib/libc.so.6'];

/**
 * Refuses an image whose programs would not start with a faked clock: libfaketime is a glibc library, and the loader of musl (Alpine) ends every program that it is put into. One that
 * has both may run either. Throws FaultlineError `image-libc`.
 */
export async function requireGlibc(docker: Docker, image: string, runId: string): Promise<void> {
  const container = await withDeadline('looking into the image', docker.createContainer({ Image: image, Entrypoint: [], Cmd: ['true'], Labels: labelsOf(runId, 'exec') }));
  try {
    if (!(await hasAny(container, MUSL)) || (await hasAny(container, GLIBC))) return;
  } finally {
    await ignoringGone(withDeadline('removing a container', container.remove({ force: true })));
  }
  throw new FaultlineError('image-libc', `the image "${image}" is built on musl (Alpine?), whose programs do not start with the faked clock that clock faults need: libfaketime is a library for glibc`, {
    kind: 'usage',
    hint: 'Take an image of the system on Debian or another glibc system, or leave clock out of --nemesis.',
  });
}

/** Refuses an image that has none of faultline's own programs to run. `path`: the program's. Throws FaultlineError `no-program`. */
export async function requireProgram(container: Docker.Container, { node, image, path }: { readonly node: string; readonly image: string; readonly path: string }): Promise<void> {
  if (await hasAny(container, [path])) return;
  throw new FaultlineError('no-program', `${node}: the image "${image}" does not have ${path}, the program of a system that is bundled with faultline`, {
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
