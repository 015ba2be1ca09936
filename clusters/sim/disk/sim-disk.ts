import type { Disk, FileSystem, Random } from '../../../src/index.js';
import { Life, type DiskHost } from './life.js';
import type { DiskModel } from './model.js';
import { Mounted } from './mounted.js';
import { OutsideDisk } from './outside.js';
import { partsOf } from './paths.js';
import { SimFile } from './sim-file.js';
import { SimFolder, type FolderLoss } from './sim-folder.js';
import { Strain } from './strain.js';

export interface SimDiskOptions {
  /** Whose disk it is, for messages. */
  readonly node: string;
  /** The data folder of the program, absolute: what `outside` shows. */
  readonly folder: string;
  readonly model: DiskModel;
  readonly random: Random;
}

/**
 * A disk in memory, with a page cache. What was written survives the end of the program; a power cut leaves what was synced, a file by a sync of it and its name by one of its folder,
 * and a random part of the rest: of names the first changes, of what was appended a beginning, of what was overwritten in place whole sectors. It has all that a program writes anywhere,
 * over all its lives.
 */
export class SimDisk {
  /** The data folder from outside. A fault holds over the lives of the program. `slow(Infinity)`: no sync returns before it ends. */
  readonly outside: Disk;
  readonly #options: SimDiskOptions;
  readonly #root = new SimFolder();
  readonly #strain: Strain;
  readonly #newFile: () => SimFile;
  #lives = 0;
  #life: Life | undefined;

  constructor(options: SimDiskOptions) {
    this.#options = options;
    const { node, folder, model, random } = options;
    this.#strain = new Strain(random.fork('strain'));
    const writeBack = random.fork('write back');
    this.#newFile = () => new SimFile(model, writeBack);
    this.outside = new OutsideDisk({ node, folder, root: this.#root, strain: this.#strain, newFile: this.#newFile });
  }

  /** A life of the program begins, after the end of the one before. Gives its files. */
  mount(host: DiskHost): FileSystem {
    this.unmount();
    const { model, random } = this.#options;
    const life = new Life(host, random.fork(`end ${++this.#lives}`));
    this.#life = life;
    return new Mounted({ root: this.#root, life, strain: this.#strain, model, random: random.fork(`life ${this.#lives}`), newFile: this.#newFile });
  }

  /** The program has ended, in whatever way: what it had under way is done in part or not at all. To be called at once, before anybody looks at the disk. */
  unmount(): void {
    this.#life?.end();
    this.#life = undefined;
  }

  /** The power fails, which ends the program's life as well. Says what was lost. */
  powerCut(random: Random): string {
    this.unmount();
    return wordsOf(this.#root.cut(random), this.#options.folder);
  }

  /** An empty disk takes its place. */
  wipe(): void {
    this.unmount();
    for (const name of this.#root.names) this.#root.change([[name, undefined]]);
    this.#root.flush();
  }
}

function wordsOf({ files, undone, changes }: FolderLoss, dataFolder: string): string {
  const prefix = `${partsOf(dataFolder).join('/')}/`;
  const listed = (names: readonly string[]): string => [...new Set(names.map((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name)))].join(', ');
  const hit = files.filter(({ lost }) => lost > 0);
  const [lost, unsynced] = [hit.reduce((sum, file) => sum + file.lost, 0), files.reduce((sum, file) => sum + file.unsynced, 0)];
  const parts = [
    ...(lost > 0 ? [`${lost} of the ${unsynced} bytes that were not durable (${listed(hit.map(({ name }) => name))})`] : []),
    ...(undone.length > 0 ? [`what had been done to names (${listed(undone)})`] : []),
  ];
  if (parts.length > 0) return `lost ${parts.join(', and ')}`;
  return unsynced + changes === 0 ? 'lost nothing: all of it was durable' : 'lost nothing: what was not durable had got there all the same';
}
