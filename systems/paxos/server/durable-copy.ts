import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeMark, type Mark } from './mark.js';

/** The files of a data folder. */
export const FILES = { log: 'log.wal', mark: 'log.mark', identity: 'identity.json' } as const;

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
    // The identity last: with it the copy is complete.
    for (const name of [FILES.log, FILES.mark, FILES.identity]) if (existsSync(join(data, name))) copy.#replace(name, readFileSync(join(data, name)));
    return copy;
  }

  identity(text: string): void {
    this.#replace(FILES.identity, Buffer.from(text));
  }

  mark(mark: Mark): void {
    this.#replace(FILES.mark, encodeMark(mark));
  }

  /** The log is durable as it is here: after it was recovered. */
  wholeLog(bytes: Buffer): void {
    const path = join(this.#folder, FILES.log);
    const held = existsSync(path) ? statSync(path).size : 0;
    if (held > bytes.length) truncateSync(path, bytes.length);
    if (held < bytes.length && held > 0 && readFileSync(path).equals(bytes.subarray(0, held))) appendFileSync(path, bytes.subarray(held));
    else if (!existsSync(path) || !readFileSync(path).equals(bytes)) this.#replace(FILES.log, bytes);
    this.#log = openSync(path, 'a');
  }

  /** More of the log has become durable. */
  moreLog(bytes: Buffer): void {
    if (this.#log === undefined) throw new Error('the copy of the log is not open');
    for (let from = 0; from < bytes.length; ) from += writeSync(this.#log, bytes, from);
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log);
    this.#log = undefined;
  }

  #replace(name: string, bytes: Buffer): void {
    const path = join(this.#folder, name);
    writeFileSync(`${path}.tmp`, bytes);
    renameSync(`${path}.tmp`, path);
  }
}
