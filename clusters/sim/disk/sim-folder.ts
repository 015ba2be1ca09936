import type { Random } from '../../../src/index.js';
import { SimFile } from './sim-file.js';

export type Entry = SimFile | SimFolder;

/** What happens to names at once: each stands for something from then on, or for nothing. */
export type NameChange = readonly (readonly [name: string, entry: Entry | undefined])[];

/** What a power cut took from a folder and what is in it. */
export interface FolderLoss {
  /** Files that lost content. */
  readonly files: readonly { readonly name: string; readonly unsynced: number; readonly lost: number }[];
  /** Names whose change was undone; and how many changes of names were not durable. */
  readonly undone: readonly string[];
  readonly changes: number;
}

/** A folder: the names that programs find, and those that are durable. Changes become durable in their order, at the latest by a sync that began after them. */
export class SimFolder {
  readonly #names = new Map<string, Entry>();
  readonly #durable = new Map<string, Entry>();
  #changes: NameChange[] = [];
  /** How many changes have become durable. */
  #done = 0;

  get(name: string): Entry | undefined {
    return this.#names.get(name);
  }

  /** Sorted. */
  get names(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  change(change: NameChange): void {
    apply(change, this.#names);
    this.#changes.push(change);
  }

  /** A sync begins. Gives what it is to be ended with. */
  beginSync(): number {
    return this.#done + this.#changes.length;
  }

  endSync(begun: number): void {
    const done = this.#changes.splice(0, Math.max(0, begun - this.#done));
    this.#done += done.length;
    for (const change of done) apply(change, this.#durable);
  }

  /** Makes all that was changed durable. */
  flush(): void {
    this.endSync(this.beginSync());
  }

  /** The power fails: of what was not durable a random number of changes is, the first ones; and so in the folders in it, and with the content of the files. */
  cut(random: Random): FolderLoss {
    const changes = this.#changes.length;
    const kept = random.int(changes + 1);
    const undone = this.#changes.slice(kept).flatMap((change) => change.map(([name]) => name));
    this.endSync(this.#done + kept);
    this.#done += this.#changes.length;
    this.#changes = [];
    this.#names.clear();
    for (const [name, entry] of this.#durable) this.#names.set(name, entry);
    return this.#cutInside(random, { files: [], undone, changes });
  }

  #cutInside(random: Random, loss: FolderLoss): FolderLoss {
    let all = loss;
    for (const name of this.names) {
      const entry = this.#names.get(name);
      if (entry instanceof SimFile) all = { ...all, files: [...all.files, { name, ...entry.cut(random) }] };
      else if (entry !== undefined) all = merged(all, name, entry.cut(random));
    }
    return all;
  }
}

function apply(change: NameChange, names: Map<string, Entry>): void {
  for (const [name, entry] of change) {
    if (entry === undefined) names.delete(name);
    else names.set(name, entry);
  }
}

function merged(outer: FolderLoss, folder: string, inner: FolderLoss): FolderLoss {
  return {
    files: [...outer.files, ...inner.files.map((file) => ({ ...file, name: `${folder}/${file.name}` }))],
    undone: [...outer.undone, ...inner.undone.map((name) => `${folder}/${name}`)],
    changes: outer.changes + inner.changes,
  };
}
