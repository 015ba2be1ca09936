import type { FileSystem, OpenFile, Random } from '../../../src/index.js';
import type { Life } from './life.js';
import { drawMs, type DiskModel } from './model.js';
import { SimOpenFile } from './open-file.js';
import { find, folderAt, makeFolder, place, systemError } from './paths.js';
import { SimFile } from './sim-file.js';
import { SimFolder } from './sim-folder.js';
import type { Strain } from './strain.js';

export interface MountedOptions {
  readonly root: SimFolder;
  readonly life: Life;
  readonly strain: Strain;
  readonly model: DiskModel;
  /** For durations, and for what a failed sync leaves. */
  readonly random: Random;
  readonly newFile: () => SimFile;
}

/**
 * The files as one life of a program has them. Blocking calls take no time. What the others do is done at the end of their time, unless the life is over by then; from then on nothing
 * is changed any more. Names are changed within one folder only (EXDEV).
 */
export class Mounted implements FileSystem {
  readonly life: Life;
  readonly strain: Strain;
  readonly #root: SimFolder;
  readonly #options: MountedOptions;

  constructor(options: MountedOptions) {
    this.life = options.life;
    this.strain = options.strain;
    this.#root = options.root;
    this.#options = options;
  }

  exists(path: string): boolean {
    return find(this.#root, path) !== undefined;
  }

  list(folder: string): readonly string[] {
    return folderAt(this.#root, folder, 'scandir').names;
  }

  size(path: string): number {
    return this.#fileAt(path, 'stat').length;
  }

  read(path: string): Buffer {
    return this.#fileAt(path, 'open').read();
  }

  makeFolder(path: string): void {
    if (!this.life.over) makeFolder(this.#root, path);
  }

  open(path: string, mode: 'a' | 'ax' | 'r+' | 'w'): OpenFile {
    const { folder, name } = place(this.#root, path, 'open');
    const found = folder.get(name);
    if (found instanceof SimFolder) throw systemError('EISDIR', 'open', path);
    if (found !== undefined && mode === 'ax') throw systemError('EEXIST', 'open', path);
    if (found === undefined && mode === 'r+') throw systemError('ENOENT', 'open', path);
    const file = found ?? this.#options.newFile();
    const opened = new SimOpenFile(file, this, mode === 'a' || mode === 'ax');
    if (this.life.over) return opened;
    if (found === undefined) {
      if (!this.strain.takeFile()) throw systemError('ENOSPC', 'open', path);
      folder.change([[name, file]]);
    }
    if (mode === 'w' && file.length > 0) opened.truncate(0);
    return opened;
  }

  rename(from: string, to: string): void {
    if (this.life.over) return;
    const [source, target] = [place(this.#root, from, 'rename'), place(this.#root, to, 'rename')];
    const moved = source.folder.get(source.name);
    const replaced = target.folder.get(target.name);
    if (moved === undefined) throw systemError('ENOENT', 'rename', from);
    if (source.folder !== target.folder) throw systemError('EXDEV', 'rename', from);
    if (replaced instanceof SimFolder) throw systemError('EISDIR', 'rename', to);
    if (replaced === moved) return;
    source.folder.change([[source.name, undefined], [target.name, moved]]);
    this.strain.giveBack(replaced?.length ?? 0);
  }

  renameLater(from: string, to: string): Promise<void> {
    return this.later('nameMs', () => this.rename(from, to), (random) => happened(random, () => this.rename(from, to)));
  }

  remove(path: string): void {
    if (this.life.over) return;
    const found = find(this.#root, path);
    if (found === undefined) return;
    if (found instanceof SimFolder) throw systemError('EISDIR', 'rm', path);
    const { folder, name } = place(this.#root, path, 'rm');
    folder.change([[name, undefined]]);
    this.strain.giveBack(found.length);
  }

  removeLater(path: string): Promise<void> {
    return this.later('nameMs', () => this.remove(path), (random) => happened(random, () => this.remove(path)));
  }

  syncFolder(path: string): void {
    this.sync(folderAt(this.#root, path, 'fsync'), 'fsync');
  }

  syncFolderLater(path: string): Promise<void> {
    return this.syncLater(folderAt(this.#root, path, 'fsync'), 'fsync');
  }

  /** Syncs at once. Throws EIO while a fault lets syncs fail. */
  sync(what: SimFile | SimFolder, call: string): void {
    if (!this.life.over) this.#endSync(what, what.beginSync(), call);
  }

  /** The same in time, as the disk is. */
  syncLater(what: SimFile | SimFolder, call: string): Promise<void> {
    if (this.life.over) return this.later('syncMs', () => undefined);
    const begun = what.beginSync();
    const slowerMs = this.strain.slowerMs();
    const end = (): void => this.#endSync(what, begun, call);
    return slowerMs === Infinity ? this.later('syncMs', end, undefined, 0, (run) => this.strain.hold(run)) : this.later('syncMs', end, undefined, slowerMs);
  }

  /** Does something in time, as long as that is on this disk and `moreMs` longer. The rest as `Life.later`. */
  later<T>(kind: 'writeMs' | 'syncMs' | 'nameMs', work: () => T, cutShort: (random: Random) => void = nothing, moreMs = 0, flow?: (run: () => void) => void): Promise<T> {
    const { model, random } = this.#options;
    return this.life.later(drawMs(model[kind], random) + moreMs, work, cutShort, flow);
  }

  /**
   * Appends to a file and syncs it, on a disk that is in no trouble: the times of both, as one action. That the bytes are in the cache before they are durable shows only where the life of the
   * program ends in between.
   */
  appendLater(file: SimFile, bytes: Buffer, done: (error: Error | undefined, written: number) => void): void {
    const { life } = this;
    const { model, random } = this.#options;
    const writeMs = drawMs(model.writeMs, random);
    const writtenMs = life.nowMs + writeMs;
    life.call({
      ms: writeMs + drawMs(model.syncMs, random),
      work: () => {
        file.write(bytes, file.length);
        this.#endSync(file, file.beginSync(), 'fdatasync');
      },
      cutShort: (end) => file.write(life.nowMs < writtenMs ? bytes.subarray(0, end.int(bytes.length + 1)) : bytes, file.length),
      done: (error) => done(error, bytes.length),
    });
  }

  #endSync(what: SimFile | SimFolder, begun: number, call: string): void {
    if (!this.strain.syncFails()) return what.endSync(begun);
    if (what instanceof SimFile) what.failSync(begun, this.#options.random);
    throw systemError('EIO', call);
  }

  #fileAt(path: string, call: string): SimFile {
    const found = find(this.#root, path);
    if (found instanceof SimFile) return found;
    throw systemError(found === undefined ? 'ENOENT' : 'EISDIR', call, path);
  }
}

function nothing(): void {
  // Nothing comes of what was cut short.
}

/** Whether what was under way has been done when it was cut short. */
function happened(random: Random, work: () => void): void {
  if (random.float() < 0.5) work();
}
