import { chmod, copyFile, lchown, lstat, mkdir, readdir, readlink, rm, stat, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Copies a file or folder with all below it, and each as it is: owner, mode, and the time of its last change. A copy that belongs to root is another state than the one that was
 * saved: a program with a user of its own cannot open it, and its refusal would look like a loss of data. Sockets and pipes hold no data and are left out. What the target
 * folder holds besides stays.
 */
export async function copyAsIs(from: string, to: string): Promise<void> {
  const seen = await lstat(from);
  if (seen.isDirectory()) {
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) await copyAsIs(join(from, name), join(to, name));
  } else if (seen.isFile()) {
    // One that is there may be a link to somewhere else.
    await rm(to, { recursive: true, force: true });
    await copyFile(from, to);
  } else if (seen.isSymbolicLink()) {
    await rm(to, { recursive: true, force: true });
    await symlink(await readlink(from), to);
  } else {
    return;
  }
  await lchown(to, seen.uid, seen.gid);
  if (seen.isSymbolicLink()) return;
  // After the owner: a change of owner takes setuid and setgid away.
  await chmod(to, seen.mode & 0o7777);
  await utimes(to, seen.atime, seen.mtime);
}

/** Makes a folder, and what is missing above it, for whom `like` belongs to; what is there stays as it is. */
export async function makeFolderLike(folder: string, like: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made === undefined) return;
  const { uid, gid } = await stat(like);
  for (let path = folder; ; path = dirname(path)) {
    await lchown(path, uid, gid);
    if (path === made) return;
  }
}
