import type { Random } from '../../../src/index.js';
import { Bytes } from './bytes.js';
import type { DiskModel } from './model.js';

/** What is written within one is written as a whole or not at all, where there was something before. */
const SECTOR_BYTES = 512;
/** How often a power cut undoes that a file was cut. */
const UNDONE = 0.5;

/** What the cache holds and the platter may not: bytes from one offset to another, or that the file ends at one. */
type Change = { kind: 'bytes'; at: number; end: number } | { kind: 'cut'; length: number };

/** Of how many bytes that were not durable how many were lost. */
export interface Loss {
  readonly unsynced: number;
  readonly lost: number;
}

/**
 * A file: what programs read of it (the page cache), and what is durable (the platter). What is dirty is noted in order. A sync makes durable what was dirty when it began; what is
 * written meanwhile may go with it.
 */
export class SimFile {
  readonly #cache = new Bytes();
  readonly #platter = new Bytes();
  readonly #model: DiskModel;
  readonly #random: Random;
  #dirty: Change[] = [];
  /** Of those, the first so many have a sync under way, and are not added to. */
  #frozen = 0;
  /** How many were dirty, and are no more. */
  #done = 0;

  constructor(model: DiskModel, random: Random) {
    this.#model = model;
    this.#random = random;
  }

  get length(): number {
    return this.#cache.length;
  }

  read(): Buffer {
    return Buffer.from(this.#cache.view());
  }

  write(bytes: Buffer, at: number): void {
    if (bytes.length === 0) return;
    // What lies between is zero, and dirty as well.
    this.#touch(Math.min(at, this.#cache.length), at + bytes.length);
    this.#cache.write(bytes, at);
  }

  truncate(length: number): void {
    if (length > this.#cache.length) this.#touch(this.#cache.length, length);
    // What a sync is under way for must not be cut out of it: it is early.
    else this.#settle(this.#frozen);
    this.#cache.resize(length);
    this.#dirty = this.#dirty.filter((change) => change.kind === 'cut' || change.at < length);
    for (const change of this.#dirty) if (change.kind === 'bytes') change.end = Math.min(change.end, length);
    if (this.#platter.length > length) this.#dirty.push({ kind: 'cut', length });
  }

  /** A sync begins. Gives what it is to be ended with. */
  beginSync(): number {
    this.#frozen = this.#dirty.length;
    return this.#done + this.#dirty.length;
  }

  endSync(begun: number): void {
    this.#settle(begun - this.#done);
  }

  /**
   * A sync failed: a part of what was dirty is durable, nobody knows which; the rest is read as if it were, and no later sync tries it again ("fsyncgate", 2018). That holds for content; a
   * length that was cut is in the file system's journal, which goes on.
   */
  failSync(begun: number, random: Random): void {
    this.#leave(begun - this.#done, random, 0);
  }

  /** The power fails: of what was dirty a random part is durable, and that is what is read. */
  cut(random: Random): Loss {
    const unsynced = this.#dirty.reduce((sum, change) => sum + (change.kind === 'bytes' ? change.end - change.at : 0), 0);
    const lost = this.#leave(this.#dirty.length, random, UNDONE);
    this.#cache.resize(0);
    this.#cache.write(this.#platter.view(), 0);
    return { unsynced, lost };
  }

  /** Makes all that is dirty durable. */
  flush(): void {
    this.#settle(this.#dirty.length);
  }

  /** From outside, while nobody writes: to the cache and to the platter. */
  patch(bytes: Buffer, at: number): void {
    this.flush();
    for (const side of [this.#cache, this.#platter]) side.write(bytes, at);
  }

  /** Like `patch`. */
  resize(length: number): void {
    this.flush();
    for (const side of [this.#cache, this.#platter]) side.resize(length);
  }

  #touch(at: number, end: number): void {
    const last = this.#dirty.at(-1);
    const open = this.#dirty.length > this.#frozen && last?.kind === 'bytes' && at >= last.at && at <= last.end;
    if (!open) return void this.#dirty.push({ kind: 'bytes', at, end });
    // It was dirty before, and in place; the first change, so that nothing comes out of order.
    if (end <= last.end && this.#dirty.length === 1 && last.end <= this.#platter.length && this.#random.float() < this.#model.writeBack) this.#platter.writePart(this.#cache, last.at, last.end);
    last.end = Math.max(last.end, end);
  }

  /** The first so many changes become durable. */
  #settle(count: number): void {
    for (const change of this.#take(count)) {
      if (change.kind === 'cut') this.#platter.resize(Math.min(change.length, this.#platter.length));
      else this.#platter.writePart(this.#cache, change.at, change.end);
    }
  }

  /** Of the first so many changes a random part becomes durable; `undone`: how often it is not that the file was cut. Gives how many bytes do not. */
  #leave(count: number, random: Random, undone: number): number {
    let lost = 0;
    // A file does not grow at its end before what lies below has come.
    let [grows, over] = [true, false];
    for (const change of this.#take(count)) {
      if (change.kind === 'cut') {
        over ||= random.float() < undone;
        if (!over) this.#platter.resize(Math.min(change.length, this.#platter.length));
        continue;
      }
      const { at, end } = change;
      const middle = Math.min(Math.max(at, this.#platter.length), end);
      const inPlace = over ? 0 : this.#leaveInPlace(at, middle, random);
      const added = over || !grows ? 0 : this.#leaveAtEnd(middle, end, random);
      grows &&= added === end - middle;
      lost += end - at - inPlace - added;
    }
    return lost;
  }

  #leaveInPlace(at: number, end: number, random: Random): number {
    const stop = at + this.#part(end - at, random);
    const whole = stop === end ? end : Math.max(at, stop - (stop % SECTOR_BYTES));
    if (whole > at) this.#platter.writePart(this.#cache, at, whole);
    return whole - at;
  }

  #leaveAtEnd(at: number, end: number, random: Random): number {
    if (end === at) return 0;
    const kept = this.#part(end - at, random);
    if (kept > 0) this.#platter.writePart(this.#cache, at, at + kept);
    else if (at > this.#platter.length) return 0;
    if (at + kept < end && random.float() < this.#model.zeros) this.#platter.resize(at + kept + 1 + random.int(end - at - kept));
    return kept;
  }

  /** How much is left of so many bytes. */
  #part(bytes: number, random: Random): number {
    if (random.float() < this.#model.torn) return random.int(bytes + 1);
    return random.float() < 0.5 ? bytes : 0;
  }

  #take(count: number): readonly Change[] {
    const taken = this.#dirty.splice(0, Math.max(0, count));
    this.#done += taken.length;
    this.#frozen = Math.max(0, this.#frozen - taken.length);
    return taken;
  }
}
