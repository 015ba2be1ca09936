import type { Uses } from './uses.js';

/** Fields of a configuration; then `words` words of USED bits and as many of FREE bits. */
export const STEP = 0;
export const STATE = 1;
export const USES = 2;
/** Configuration it came from (-1: none), and the operation that led here: an entry's index, or -1. */
export const PARENT = 3;
export const MOVE = 4;
/** 1: the last move was a blind write that nobody has seen yet; see Search. */
export const UNSEEN = 5;
export const MASKS = 6;

const EMPTY = -1;
/** Configurations there is room for at first. */
const CAPACITY = 64;

/**
 * A configuration: all operations completed before STEP are in order, STATE is the state they led to, and of the open
 * operations (by slot) those with a USED bit have taken effect already; those with a FREE bit have no obligation left: an observer that has seen its result, a
 * write that can stand unseen just before a later one, an operation that need not happen.
 *
 * The store of all configurations visited. One that is visited cuts every one that it dominates: same step and state, each open operation
 * as it is there or free here, no more uses of any class of indeterminate operations, and no unseen write that would bar other writes. Whatever the dominated one can go on to do,
 * the dominating one can.
 */
export class Configurations {
  readonly stride: number;
  readonly #words: number;
  readonly #uses: Uses;
  #data: Int32Array;
  /** Next configuration of the same step and state. */
  #next: Int32Array;
  #buckets: Int32Array;
  #bucketCount = 0;
  size = 0;

  constructor(words: number, uses: Uses) {
    this.#words = words;
    this.#uses = uses;
    this.stride = MASKS + 2 * words;
    this.#data = new Int32Array(CAPACITY * this.stride);
    this.#next = new Int32Array(CAPACITY);
    this.#buckets = new Int32Array(4 * CAPACITY).fill(EMPTY);
  }

  /** Memory in use, bytes. */
  get bytes(): number {
    return 4 * (this.#data.length + this.#next.length + this.#buckets.length);
  }

  /** A field of a configuration. */
  field(id: number, field: number): number {
    return this.#data[id * this.stride + field] ?? 0;
  }

  /** Stores the configuration unless one that dominates it is there. Returns its number, or -1. */
  add(from: Int32Array, offset: number): number {
    const step = from[offset + STEP] ?? 0;
    const state = from[offset + STATE] ?? 0;
    const bucket = this.#bucket(step, state);
    const head = this.#buckets[bucket] ?? EMPTY;
    for (let id = head; id !== EMPTY; id = this.#next[id] as number) if (this.#dominates(id, from, offset)) return -1;
    const id = this.size++;
    if ((id + 1) * this.stride > this.#data.length) this.#grow();
    for (let i = 0, at = id * this.stride; i < this.stride; i++) this.#data[at + i] = from[offset + i] as number;
    this.#next[id] = head;
    this.#buckets[bucket] = id;
    if (head === EMPTY && ++this.#bucketCount * 2 > this.#buckets.length) this.#rehash();
    return id;
  }

  #dominates(id: number, from: Int32Array, offset: number): boolean {
    const at = id * this.stride;
    if ((this.#data[at + UNSEEN] as number) > (from[offset + UNSEEN] as number)) return false;
    for (let w = 0; w < this.#words; w++) {
      const used = this.#data[at + MASKS + w] ?? 0;
      const free = this.#data[at + MASKS + this.#words + w] ?? 0;
      const differing = (used ^ (from[offset + MASKS + w] as number)) | (free ^ (from[offset + MASKS + this.#words + w] as number));
      if ((differing & ~(free & ~used)) !== 0) return false;
    }
    return this.#uses.atMost(this.#data[at + USES] ?? 0, from[offset + USES] as number);
  }

  /** Where the chain of a step and state starts: open addressing, each used bucket holding the chain's head. */
  #bucket(step: number, state: number): number {
    const mask = this.#buckets.length - 1;
    let bucket = (Math.imul(step, 0x9e3779b1) ^ Math.imul(state + 1, 0x85ebca6b)) >>> 0;
    bucket = (bucket ^ (bucket >>> 15)) & mask;
    for (;;) {
      const head = this.#buckets[bucket] ?? EMPTY;
      if (head === EMPTY || (this.field(head, STEP) === step && this.field(head, STATE) === state)) return bucket;
      bucket = (bucket + 1) & mask;
    }
  }

  #grow(): void {
    const data = new Int32Array(this.#data.length * 2);
    data.set(this.#data);
    this.#data = data;
    const next = new Int32Array(this.#next.length * 2);
    next.set(this.#next);
    this.#next = next;
  }

  #rehash(): void {
    const heads = this.#buckets.filter((head) => head !== EMPTY);
    this.#buckets = new Int32Array(this.#buckets.length * 2).fill(EMPTY);
    for (const head of heads) this.#buckets[this.#bucket(this.field(head, STEP), this.field(head, STATE))] = head;
  }
}
