import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FILES, listData, pieceName, snapshotName } from './files.js';
import { encodeMark, type Mark } from './mark.js';
import { nodeFiles } from './node-files.js';

/**
 * A folder that holds what a power failure would leave of the data folder: it gets only what an fsync has made durable there. A new or renamed file is there when the folder has been
 * synced after it, whatever was synced of its content before. Nothing here is synced, since it is read only after the process has been killed. For testers: it makes a missing fsync
 * visible without a file system of its own.
 */
export class DurableCopy {
  readonly #folder: string;
  readonly #data: string;
  /** The piece of the log that is written to, if it is here. */
  #log: number | undefined;
  #piece = '';
  /** Files that a power failure would take, since the folder has not been synced since they came, and how much of their content is durable. */
  readonly #unlinked = new Map<string, number>();
  readonly #removed = new Set<string>();

  private constructor(folder: string, data: string) {
    this.#folder = folder;
    this.#data = data;
  }

  /** Opens the copy of a data folder, or begins one with what that holds: `init` has made it durable. */
  static open(folder: string, data: string): DurableCopy {
    const copy = new DurableCopy(folder, data);
    mkdirSync(folder, { recursive: true });
    if (existsSync(join(folder, FILES.identity))) return copy;
    const { pieces, snapshots } = listData(nodeFiles, data);
    // The identity last: with it the copy is complete.
    for (const name of [...pieces.map(pieceName), ...snapshots.map(snapshotName), FILES.mark, FILES.identity]) if (existsSync(join(data, name))) copy.#replace(name, readFileSync(join(data, name)));
    return copy;
  }

  identity(text: string): void {
    this.#replace(FILES.identity, Buffer.from(text));
  }

  mark(mark: Mark): void {
    this.#replace(FILES.mark, encodeMark(mark));
  }

  /** The piece that is written to is durable as it is here: after it was recovered. */
  wholePiece(generation: number, bytes: Buffer): void {
    const path = join(this.#folder, pieceName(generation));
    const held = existsSync(path) ? statSync(path).size : 0;
    if (held > bytes.length) truncateSync(path, bytes.length);
    if (held < bytes.length && held > 0 && readFileSync(path).equals(bytes.subarray(0, held))) appendFileSync(path, bytes.subarray(held));
    else if (!existsSync(path) || !readFileSync(path).equals(bytes)) this.#replace(pieceName(generation), bytes);
    this.#piece = pieceName(generation);
    this.#append();
  }

  /** A new piece of the log was made, which is written to from now on. */
  newPiece(generation: number): void {
    this.close();
    this.#piece = pieceName(generation);
    this.#unlinked.set(this.#piece, 0);
  }

  /** More of the piece that is written to has become durable. */
  moreLog(bytes: Buffer): void {
    const unlinked = this.#unlinked.get(this.#piece);
    if (unlinked !== undefined) this.#unlinked.set(this.#piece, unlinked + bytes.length);
    else if (this.#log === undefined) throw new Error('the copy of the log is not open');
    else for (let from = 0; from < bytes.length; ) from += writeSync(this.#log, bytes, from);
  }

  /** A file whose content is durable as a whole has taken its name. */
  renamed(name: string): void {
    this.#unlinked.set(name, statSync(join(this.#data, name)).size);
  }

  /** A file was removed. A power failure need not undo that, unless something came before it that is undone: file systems keep the order of what happens in a folder. */
  remove(name: string): void {
    this.#unlinked.delete(name);
    if (this.#unlinked.size > 0) this.#removed.add(name);
    else rmSync(join(this.#folder, name), { force: true });
  }

  /** An fsync of the data folder is begun; call the answer when it is done. What comes to the folder meanwhile may have missed it. */
  folderSync(): () => void {
    const [names, removed] = [[...this.#unlinked.keys()], [...this.#removed]];
    return () => {
      for (const name of names) this.#link(name);
      for (const name of removed) rmSync(join(this.#folder, name), { force: true });
      for (const name of removed) this.#removed.delete(name);
    };
  }

  /** The data folder was synced at a start: whatever an earlier life has left in it is there to stay. What the last piece of the log holds is another matter. */
  folderAtStart(): void {
    const { pieces, snapshots } = listData(nodeFiles, this.#data);
    for (const name of [...pieces.slice(0, -1).map(pieceName), ...snapshots.map(snapshotName)]) if (!existsSync(join(this.#folder, name))) this.#replace(name, readFileSync(join(this.#data, name)));
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }

  #link(name: string): void {
    const durable = this.#unlinked.get(name);
    if (durable === undefined) return;
    this.#unlinked.delete(name);
    this.#replace(name, readFileSync(join(this.#data, name)).subarray(0, durable));
    if (name === this.#piece) this.#append();
  }

  #append(): void {
    this.close();
    this.#log = openSync(join(this.#folder, this.#piece), 'a');
  }

  #replace(name: string, bytes: Buffer): void {
    const path = join(this.#folder, name);
    writeFileSync(`${path}.tmp`, bytes);
    renameSync(`${path}.tmp`, path);
  }
}
