import { appendFileSync, closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FILES, listData, pieceName, snapshotName } from './files.js';
import { encodeMark, type Mark } from './mark.js';

/**
 * A folder that holds what a power failure would leave of the data folder: it gets only what an fsync has made durable there. Nothing here is synced, since it is read
 * only after the process has been killed. For testers: it makes a missing fsync visible without a file system of its own.
 */
export class DurableCopy {
  readonly #folder: string;
  #log: number | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the copy of a data folder, or begins one with what that holds: `init` has made it durable. */
  static open(folder: string, data: string): DurableCopy {
    const copy = new DurableCopy(folder);
    mkdirSync(folder, { recursive: true });
    if (existsSync(join(folder, FILES.identity))) return copy;
    const { pieces, snapshots } = listData(data);
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
    this.#append(generation);
  }

  /** A new piece of the log is durable, with nothing in it. */
  newPiece(generation: number): void {
    this.#append(generation);
  }

  /** More of the piece that is written to has become durable. */
  moreLog(bytes: Buffer): void {
    if (this.#log === undefined) throw new Error('the copy of the log is not open');
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#log, bytes, from);
  }

  /** A file has become durable as a whole. */
  take(name: string, path: string): void {
    copyFileSync(path, join(this.#folder, `${name}.tmp`));
    renameSync(join(this.#folder, `${name}.tmp`), join(this.#folder, name));
  }

  /** A file was removed, which a power failure need not undo. */
  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }

  #append(generation: number): void {
    this.close();
    this.#log = openSync(join(this.#folder, pieceName(generation)), 'a');
  }

  #replace(name: string, bytes: Buffer): void {
    const path = join(this.#folder, name);
    writeFileSync(`${path}.tmp`, bytes);
    renameSync(`${path}.tmp`, path);
  }
}
