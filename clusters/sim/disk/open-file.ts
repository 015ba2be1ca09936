import type { OpenFile } from '../../../src/index.js';
import { systemError } from './paths.js';
import type { SimFile } from './sim-file.js';
import type { Mounted } from './mounted.js';

/** A file that a life of a program has open. */
export class SimOpenFile implements OpenFile {
  readonly #file: SimFile;
  readonly #disk: Mounted;
  readonly #appends: boolean;
  #closed = false;

  constructor(file: SimFile, disk: Mounted, appends: boolean) {
    this.#file = file;
    this.#disk = disk;
    this.#appends = appends;
  }

  write(bytes: Buffer, at?: number): void {
    this.#check('write');
    if (this.#write(bytes, this.#appends ? undefined : at) < bytes.length) throw systemError('ENOSPC', 'write');
  }

  writeLater(bytes: Buffer, from: number): Promise<number> {
    this.#check('write');
    const rest = bytes.subarray(from);
    const work = (): number => {
      const written = this.#write(rest, undefined);
      if (written === 0 && rest.length > 0) throw systemError('ENOSPC', 'write');
      return written;
    };
    return this.#disk.later('writeMs', work, (random) => void this.#append(rest.subarray(0, random.int(rest.length + 1))));
  }

  appendDurably(bytes: Buffer, done: (error: Error | undefined, written: number) => void): void {
    this.#check('write');
    if (this.#disk.strain.none) this.#disk.appendLater(this.#file, bytes, done);
    else void this.#appendInSteps(bytes, done);
  }

  truncate(length: number): void {
    this.#check('ftruncate');
    if (this.#disk.life.over) return;
    this.#disk.strain.giveBack(Math.max(0, this.#file.length - length));
    this.#file.truncate(length);
  }

  sync(): void {
    this.#check('fsync');
    this.#disk.sync(this.#file, 'fsync');
  }

  syncLater(): Promise<void> {
    this.#check('fdatasync');
    return this.#disk.syncLater(this.#file, 'fdatasync');
  }

  close(): void {
    this.#check('close');
    this.#closed = true;
  }

  /** Writes as much as there is space for, which is all that is written over; gives how much. */
  #write(bytes: Buffer, at = this.#file.length): number {
    if (this.#disk.life.over) return bytes.length;
    const more = Math.max(0, at + bytes.length - this.#file.length);
    const written = bytes.length - (more - this.#disk.strain.takeBytes(more));
    this.#file.write(written < bytes.length ? bytes.subarray(0, Math.max(0, written)) : bytes, at);
    return Math.max(0, written);
  }

  /** Of a disk that is in trouble either step may bear the brunt. */
  async #appendInSteps(bytes: Buffer, done: (error: Error | undefined, written: number) => void): Promise<void> {
    let written = 0;
    try {
      while (written < bytes.length) written += await this.writeLater(bytes, written);
      await this.syncLater();
    } catch (error) {
      return done(error as Error, written);
    }
    done(undefined, written);
  }

  /** What a write that was cut short leaves. */
  #append(bytes: Buffer): void {
    this.#file.write(bytes.subarray(0, this.#disk.strain.takeBytes(bytes.length)), this.#file.length);
  }

  #check(call: string): void {
    if (this.#closed) throw systemError('EBADF', call);
  }
}
