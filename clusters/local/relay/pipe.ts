import type { Socket } from 'node:net';
import { NS_PER_MS } from '../../../src/index.js';
import type { Carrier, Link } from './link.js';

/** Above so many waiting bytes a pipe stops reading: the sender feels back-pressure. Enough for 2.5 MB/s over a delay of 200 ms. */
const LIMIT_BYTES = 512 * 1024;

/** What travels: bytes, the end of the stream (FIN), or its violent end (RST). Each waits its turn, so that a cut holds all three. */
type Item =
  | { readonly kind: 'bytes'; bytes: Buffer; readonly arrivedNs: number; readonly luck: number; stalled: boolean; delayed: boolean }
  | { readonly kind: 'end' | 'reset'; readonly arrivedNs: number; readonly luck: number };

/**
 * One direction of one connection: reads from `source`, writes to `sink` in order, as the link allows. It never drops
 * a byte: what may not go yet waits here, and when that is much, in the kernels' buffers and the sender.
 */
export class Pipe implements Carrier {
  readonly #link: Link;
  readonly #source: Socket;
  readonly #onReset: () => void;
  readonly #queue: Item[] = [];
  #sink: Socket | undefined;
  #waitingBytes = 0;
  #blocked = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  /** `onReset` is called when the violent end of the source has come through to the sink. */
  constructor(link: Link, source: Socket, onReset: () => void) {
    this.#link = link;
    this.#source = source;
    this.#onReset = onReset;
    link.join(this);
    source.on('data', (bytes: Buffer) => this.#arrive(bytes));
    source.on('end', () => this.#arriveEnd('end'));
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Where the bytes go; until it is given they wait. */
  connect(sink: Socket): void {
    this.#sink = sink;
    sink.on('drain', () => {
      this.#blocked = false;
      this.#pump();
    });
    this.#pump();
  }

  /** The source broke (a reset, a refused connection): the sink learns it after everything that came before. */
  breakOff(): void {
    this.#arriveEnd('reset');
  }

  linkChanged(): void {
    if (this.#link.cut) for (const item of this.#queue) this.#noteStall(item);
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#waitingBytes = 0;
    clearTimeout(this.#timer);
    this.#link.leave(this);
  }

  #arrive(bytes: Buffer): void {
    if (this.#closed) return;
    const item: Item = { kind: 'bytes', bytes, arrivedNs: this.#link.now(), luck: this.#link.drawLuck(), stalled: false, delayed: false };
    this.#queue.push(item);
    this.#waitingBytes += bytes.length;
    if (this.#link.cut) this.#noteStall(item);
    this.#pump();
    if (this.#waitingBytes >= LIMIT_BYTES) this.#source.pause();
  }

  #arriveEnd(kind: 'end' | 'reset'): void {
    if (this.#closed) return;
    this.#queue.push({ kind, arrivedNs: this.#link.now(), luck: this.#link.drawLuck() });
    this.#pump();
  }

  #noteStall(item: Item): void {
    if (item.kind !== 'bytes' || item.stalled) return;
    item.stalled = true;
    this.#link.countStall();
  }

  /** Hands on what may go, in order, until something must wait: for the link, for its time, for the sink. */
  #pump(): void {
    clearTimeout(this.#timer);
    while (!this.#closed && this.#sink !== undefined && !this.#blocked && !this.#link.cut) {
      const item = this.#queue[0];
      if (item === undefined) break;
      const waitNs = this.#link.dueNs(item.arrivedNs, item.luck) - this.#link.now();
      if (waitNs > 0) {
        this.#waitFor(item, waitNs);
        break;
      }
      if (item.kind !== 'bytes') this.#handOnEnd(item.kind, this.#sink);
      else if (!this.#handOn(item, this.#sink)) break;
    }
    if (this.#waitingBytes < LIMIT_BYTES && this.#source.isPaused()) this.#source.resume();
  }

  /** Writes as much of a chunk as bandwidth allows. Says whether to go on with the next at once. */
  #handOn(item: Extract<Item, { kind: 'bytes' }>, sink: Socket): boolean {
    const { bytes: allowed, retryAtNs } = this.#link.reserve(item.bytes.length);
    if (allowed === 0) {
      this.#waitFor(item, retryAtNs - this.#link.now());
      return false;
    }
    const whole = allowed === item.bytes.length;
    const piece = whole ? item.bytes : item.bytes.subarray(0, allowed);
    if (whole) this.#queue.shift();
    else item.bytes = item.bytes.subarray(allowed);
    this.#waitingBytes -= allowed;
    if (sink.writable) {
      this.#link.countDelivery(allowed, whole);
      this.#blocked = !sink.write(piece);
    }
    return true;
  }

  #handOnEnd(kind: 'end' | 'reset', sink: Socket): void {
    this.#queue.shift();
    if (kind === 'end') sink.end();
    else this.#onReset();
  }

  #waitFor(item: Item, waitNs: number): void {
    if (item.kind === 'bytes' && !item.delayed) {
      item.delayed = true;
      this.#link.countDelay();
    }
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, Math.ceil(waitNs / NS_PER_MS)));
  }
}
