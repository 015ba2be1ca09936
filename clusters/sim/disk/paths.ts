import { SimFolder, type Entry } from './sim-folder.js';

/** An error as Node gives for a system call that failed. */
export function systemError(code: keyof typeof MEANING, call: string, path?: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${MEANING[code]}, ${call}${path === undefined ? '' : ` '${path}'`}`), { code, syscall: call, ...(path === undefined ? {} : { path }) });
}

const MEANING = {
  EBADF: 'bad file descriptor',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EXDEV: 'cross-device link not permitted',
} as const;

/** The parts of a path, below the root or below where it begins. */
export function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** What a path leads to, or undefined. */
export function find(root: SimFolder, path: string): Entry | undefined {
  let at: Entry | undefined = root;
  for (const part of partsOf(path)) {
    if (!(at instanceof SimFolder)) return undefined;
    at = at.get(part);
  }
  return at;
}

/** The folder that a path's last part is a name in. Throws ENOENT: there is no such folder; EISDIR: the path is the root. */
export function place(root: SimFolder, path: string, call: string): { readonly folder: SimFolder; readonly name: string } {
  const parts = partsOf(path);
  const name = parts.at(-1);
  if (name === undefined) throw systemError('EISDIR', call, path);
  const folder = find(root, parts.slice(0, -1).join('/'));
  if (!(folder instanceof SimFolder)) throw systemError(folder === undefined ? 'ENOENT' : 'ENOTDIR', call, path);
  return { folder, name };
}

/** The folder at a path. Throws ENOENT, ENOTDIR. */
export function folderAt(root: SimFolder, path: string, call: string): SimFolder {
  const found = find(root, path);
  if (found instanceof SimFolder) return found;
  throw systemError(found === undefined ? 'ENOENT' : 'ENOTDIR', call, path);
}

/** Makes a folder, and those above it. Throws EEXIST, ENOTDIR: there is a file. */
export function makeFolder(root: SimFolder, path: string): SimFolder {
  let at = root;
  for (const part of partsOf(path)) {
    const next = at.get(part) ?? new SimFolder();
    if (!(next instanceof SimFolder)) throw systemError('ENOTDIR', 'mkdir', path);
    if (at.get(part) === undefined) at.change([[part, next]]);
    at = next;
  }
  return at;
}
