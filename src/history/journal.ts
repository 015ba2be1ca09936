import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { FaultlineError, messageOf } from '../errors.js';
import type { Op } from './op.js';

export { readHistory, type ReadResult } from './read-history.js';

/** So much text is written at once. */
const BATCH_CHARS = 64 * 1024;
/** No event waits longer than this to be written, milliseconds. */
const BATCH_MS = 3;

/**
 * Appends events to a file as NDJSON while the run goes, in the order given, in small synchronous batches: whatever
 * happens to this process, the file holds a prefix of the history, of which only the last line may be torn. Never
 * overwrites. Writing is synchronous, so the writer can never lag behind by more than a batch.
 */
export class JournalWriter implements Disposable {
  readonly #path: string;
  readonly #file: number;
  readonly #quoted = new Map<string, string>();
  #batch = '';
  #timer: NodeJS.Timeout | undefined;
  #failure: FaultlineError | undefined;
  #closed = false;

  /** Creates the file. Throws FaultlineError `journal-exists` if there is one, `journal-write` if that fails otherwise. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'wx');
    } catch (error) {
      if (isExisting(error)) {
        throw new FaultlineError('journal-exists', `${path} exists already and is never overwritten`, { hint: 'Choose another folder for the results.', cause: error });
      }
      throw this.#writeError(error);
    }
  }

  /**
   * Takes an event over. Throws FaultlineError `journal-write` if an earlier batch, or this one, could not be written,
   * `journal-value` if its value is not JSON, and `journal-closed` after close.
   */
  append(op: Op): void {
    if (this.#closed) throw new FaultlineError('journal-closed', `${this.#path} was closed before event ${op.index}`);
    if (this.#failure !== undefined) throw this.#failure;
    this.#batch += this.#line(op);
    if (this.#batch.length >= BATCH_CHARS) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushLater(), BATCH_MS);
  }

  /** Writes what waits. Throws FaultlineError `journal-write`. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#batch === '') return;
    const bytes = Buffer.from(this.#batch, 'utf8');
    this.#batch = '';
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      this.#failure = this.#writeError(error);
      throw this.#failure;
    }
  }

  /** Writes what waits, and waits for the disk. Throws FaultlineError `journal-write`; closes the file even then. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
      fsyncSync(this.#file);
    } catch (error) {
      throw error instanceof FaultlineError ? error : this.#writeError(error);
    } finally {
      closeSync(this.#file);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** On the timer nobody could catch: the failure is thrown by the next call. */
  #flushLater(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failure ??= this.#writeError(error);
    }
  }

  #line(op: Op): string {
    const process = typeof op.process === 'number' ? op.process : this.#quote(op.process);
    const key = op.key === undefined ? '' : `,"key":${typeof op.key === 'number' ? op.key : this.#quote(op.key)}`;
    const node = op.node === undefined ? '' : `,"node":${this.#quote(op.node)}`;
    const error = op.error === undefined ? '' : `,"error":${JSON.stringify(op.error)}`;
    return `{"index":${op.index},"time":${op.time},"process":${process},"type":"${op.type}","f":${this.#quote(op.f)},"value":${this.#json(op)}${key}${node}${error}}\n`;
  }

  #json(op: Op): string {
    const { value } = op;
    if (value === null || value === undefined) return 'null';
    try {
      return JSON.stringify(value) ?? 'null';
    } catch (error) {
      throw new FaultlineError('journal-value', `event ${op.index} (${op.type} ${op.f} of process ${op.process}): its value is not JSON: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Names come again and again: each is quoted once. Keys may be many, so what is kept is bounded. */
  #quote(text: string): string {
    const known = this.#quoted.get(text);
    if (known !== undefined) return known;
    const quoted = JSON.stringify(text);
    if (this.#quoted.size >= 10_000) this.#quoted.clear();
    this.#quoted.set(text, quoted);
    return quoted;
  }

  #writeError(error: unknown): FaultlineError {
    return new FaultlineError('journal-write', `the history cannot be written to ${this.#path}: ${messageOf(error)}`, { cause: error, hint: 'Is the disk full, or the folder read-only?' });
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
