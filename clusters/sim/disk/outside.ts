import { FaultlineError, messageOf, type Disk, type DiskFault, type DiskFile } from '../../../src/index.js';
import { find, folderAt, makeFolder, partsOf, place, systemError } from './paths.js';
import { SimFile } from './sim-file.js';
import { SimFolder, type Entry } from './sim-folder.js';
import type { Strain } from './strain.js';

export interface OutsideOptions {
  /** For messages. */
  readonly node: string;
  readonly root: SimFolder;
  /** The data folder, absolute. */
  readonly folder: string;
  readonly strain: Strain;
  readonly newFile: () => SimFile;
}

/** A simulated data folder seen from outside. What is done is durable at once, and so is what it is done to: whoever does it comes when the program has been dead for a while. */
export class OutsideDisk implements Disk {
  readonly #options: OutsideOptions;

  constructor(options: OutsideOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly DiskFile[]> {
    return this.#tried('list', () => {
      const folder = find(this.#options.root, this.#options.folder);
      const files = folder instanceof SimFolder ? filesIn(folder, '') : [];
      return files.map(([path, file]) => ({ path, bytes: file.length })).sort((a, b) => (a.path < b.path ? -1 : 1));
    });
  }

  async read(path: string): Promise<Buffer> {
    return this.#tried(`read ${path}`, () => this.#fileAt(path).read());
  }

  async patch(path: string, at: number, bytes: Buffer): Promise<void> {
    return this.#tried(`write to ${path}`, () => this.#fileAt(path).patch(bytes, at));
  }

  async truncate(path: string, length: number): Promise<void> {
    return this.#tried(`truncate ${path}`, () => this.#fileAt(path).resize(length));
  }

  async rename(from: string, to: string): Promise<void> {
    return this.#tried(`move ${from}`, () => {
      const { root } = this.#options;
      const [source, target] = [this.#inside(from), this.#inside(to)];
      const moved = find(root, source);
      if (moved === undefined) throw systemError('ENOENT', 'rename', from);
      if (`${target}/`.startsWith(`${source}/`)) throw systemError('EINVAL', 'rename', to);
      makeFolder(root, partsOf(target).slice(0, -1).join('/'));
      const replaced = find(root, target);
      if (replaced instanceof SimFolder && replaced.names.length > 0) throw systemError('ENOTEMPTY', 'rename', to);
      this.#set(source, undefined);
      this.#set(target, moved);
    });
  }

  async replace(from: string, to: string, keep: readonly string[]): Promise<void> {
    return this.#tried(`replace ${to}`, () => {
      const { root } = this.#options;
      const source = folderAt(root, this.#inside(from), 'scandir');
      const copies = source.names.map((name) => [name, this.#copyOf(source.get(name) as Entry)] as const);
      const target = makeFolder(root, this.#inside(to));
      for (const name of target.names) if (!keep.includes(name)) target.change([[name, undefined]]);
      for (const copy of copies) target.change([copy]);
      flushAbove(root, this.#inside(to));
      target.flush();
    });
  }

  async fill(): Promise<DiskFault> {
    return this.#options.strain.fill();
  }

  async slow(delayMs: number): Promise<DiskFault> {
    return this.#options.strain.slow(delayMs);
  }

  async failSync(): Promise<DiskFault> {
    return this.#options.strain.failSync();
  }

  #copyOf(entry: Entry): Entry {
    if (entry instanceof SimFile) {
      const file = this.#options.newFile();
      file.patch(entry.read(), 0);
      return file;
    }
    const folder = new SimFolder();
    for (const name of entry.names) folder.change([[name, this.#copyOf(entry.get(name) as Entry)]]);
    folder.flush();
    return folder;
  }

  #set(path: string, entry: Entry | undefined): void {
    const { root } = this.#options;
    const { folder, name } = place(root, path, 'rename');
    folder.change([[name, entry]]);
    flushAbove(root, path);
  }

  #fileAt(path: string): SimFile {
    const found = find(this.#options.root, this.#inside(path));
    if (found instanceof SimFile) return found;
    throw systemError(found === undefined ? 'ENOENT' : 'EISDIR', 'open', path);
  }

  #inside(path: string): string {
    const { node, folder } = this.#options;
    const parts = path.startsWith('/') ? undefined : below(partsOf(path));
    if (parts === undefined) throw new FaultlineError('bad-path', `${node}: ${path} leaves the data folder`);
    return [...partsOf(folder), ...parts].join('/');
  }

  #tried<T>(what: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof FaultlineError) throw cause;
      throw new FaultlineError('disk', `${this.#options.node}: cannot ${what}: ${messageOf(cause)}`, { cause });
    }
  }
}

/** The same without `..`; undefined: it leads out. */
function below(parts: readonly string[]): readonly string[] | undefined {
  const found: string[] = [];
  for (const part of parts) {
    if (part !== '..') found.push(part);
    else if (found.pop() === undefined) return undefined;
  }
  return found;
}

/** The names on the way to a path become durable, its own too. */
function flushAbove(root: SimFolder, path: string): void {
  let at: Entry | undefined = root;
  for (const part of partsOf(path)) {
    if (!(at instanceof SimFolder)) return;
    at.flush();
    at = at.get(part);
  }
}

function filesIn(folder: SimFolder, prefix: string): readonly (readonly [path: string, file: SimFile])[] {
  return folder.names.flatMap((name) => {
    const entry = folder.get(name) as Entry;
    return entry instanceof SimFile ? [[`${prefix}${name}`, entry] as const] : filesIn(entry, `${prefix}${name}/`);
  });
}
