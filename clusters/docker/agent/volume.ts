import { closeSync, openSync, writeSync } from 'node:fs';
import { chmod, link, mkdir, open, readdir, readFile, realpath, rename, rm, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { AgentError } from './command.js';
import { copyAsIs, makeFolderLike } from './copy.js';

const CHUNK = Buffer.alloc(1 << 20);

/** A node's volume: the program's data folder, the file that fakes its clock, and room for ballast. */
export class Volume {
  readonly #root: string;
  readonly #data: string;

  constructor(root: string) {
    this.#root = root;
    this.#data = join(root, 'data');
  }

  /** Makes the folders; whoever the program runs as may write. And the clock's file, twice. */
  async prepare(): Promise<void> {
    for (const folder of [this.#data, this.#clock()]) {
      await mkdir(folder, { recursive: true });
      await chmod(folder, 0o777);
    }
    for (const name of ['rc', 'spare']) await writeFile(this.#clock(name), '+0');
  }

  async list(): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
    const entries = await readdir(this.#data, { recursive: true, withFileTypes: true });
    const files = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(this.#data, path).split(sep).join(posix.sep), bytes: (await stat(path)).size };
    }));
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async read(path: string): Promise<string> {
    return (await readFile(await this.#inside(path))).toString('base64');
  }

  async patch(path: string, at: number, base64: string): Promise<void> {
    const file = await open(await this.#inside(path), 'r+');
    try {
      const bytes = Buffer.from(base64, 'base64');
      await file.write(bytes, 0, bytes.length, at);
    } finally {
      await file.close();
    }
  }

  async truncate(path: string, length: number): Promise<void> {
    await truncate(await this.#inside(path), length);
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [await this.#inside(from), await this.#inside(to)];
    await makeFolderLike(dirname(target), source);
    await rename(source, target);
  }

  async replace(from: string, to: string, keep: readonly string[]): Promise<void> {
    const [source, target] = [await this.#inside(from), await this.#inside(to)];
    const names = await readdir(source);
    await makeFolderLike(target, source);
    for (const name of await readdir(target)) if (!keep.includes(name)) await rm(join(target, name), { recursive: true, force: true });
    for (const name of names) await copyAsIs(join(source, name), join(target, name));
  }

  async wipe(): Promise<void> {
    for (const name of await readdir(this.#data)) await rm(join(this.#data, name), { recursive: true, force: true });
  }

  /** Takes every free byte; gives how many that were. */
  async fill(): Promise<number> {
    await this.#discard();
    const file = openSync(this.#ballast(), 'w');
    let bytes = 0;
    try {
      for (let size = CHUNK.length; size >= 1; ) {
        try {
          const written = writeSync(file, CHUNK, 0, size);
          bytes += written;
          if (written < size) size = Math.max(1, Math.floor(size / 2));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          if (size === 1) break;
          size = Math.floor(size / 2);
        }
      }
    } catch (error) {
      await this.#discard();
      throw error;
    } finally {
      closeSync(file);
    }
    return bytes;
  }

  /** Gives the space back; says whether there was none until now. */
  async free(): Promise<boolean> {
    const probe = join(this.#root, 'probe');
    const wasFull = await writeFile(probe, CHUNK.subarray(0, 4096)).then(() => false, (error: NodeJS.ErrnoException) => error.code === 'ENOSPC');
    await rm(probe, { force: true });
    await this.#discard();
    return wasFull;
  }

  /**
   * Replaces the file that libfaketime reads, in one step: a half-written one would be another time. The two files take turns, so that none is made and a full disk
   * has room for it.
   */
  async setClock(text: string): Promise<void> {
    const [rc, spare, was] = [this.#clock('rc'), this.#clock('spare'), this.#clock('was')];
    const file = await open(spare, 'r+');
    try {
      await file.write(text, 0);
      await file.truncate(Buffer.byteLength(text));
    } finally {
      await file.close();
    }
    await unlink(was).catch(() => undefined);
    await link(rc, was);
    await rename(spare, rc);
    await rename(was, spare);
  }

  #clock(name = ''): string {
    return join(this.#root, 'clock', name);
  }

  #ballast(): string {
    return join(this.#root, 'ballast');
  }

  async #discard(): Promise<void> {
    await unlink(this.#ballast()).catch(() => undefined);
  }

  /** The path's place in the file system. Throws AgentError `bad-path` if it leaves the data folder, also through a symbolic link. */
  async #inside(path: string): Promise<string> {
    const full = resolve(this.#data, path);
    const real = await realpath(this.#data);
    if (!within(this.#data, full) || !within(real, await nearestReal(full))) throw new AgentError('bad-path', `${path} leaves the data folder`);
    return full;
  }
}

function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** Where a path leads, or the nearest folder above it that there is. */
async function nearestReal(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    return nearestReal(dirname(path));
  }
}
