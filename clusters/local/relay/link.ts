import { NS_PER_MS, NS_PER_S, type Clock, type LinkFault, type LinkStats, type Random } from '../../../src/index.js';
import { combineFaults, WHOLE, type LinkState } from '../../shared/link-state.js';

/** Bytes that a bandwidth limit lets through at once: about one turn of a timer. */
const BURST_MS = 20;
const MIN_PIECE_BYTES = 256;

/** Something that carries bytes of the link and is told when its state has changed. */
export interface Carrier {
  /** Bytes that wait in it. */
  readonly waitingBytes: number;
  /** The link's state is another one now. */
  linkChanged(): void;
}

/** A directed link: its faults by owner, its counters, and the carriers of its bytes (one a connection and direction). */
export class Link {
  readonly from: string;
  readonly to: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #faults = new Map<string, readonly LinkFault[]>();
  readonly #carriers = new Set<Carrier>();
  #state = WHOLE;
  /** When the bandwidth limit lets the next byte through. */
  #freeAtNs = 0;
  #deliveredBytes = 0;
  #deliveredChunks = 0;
  #stalledChunks = 0;
  #delayedChunks = 0;
  #resets = 0;

  constructor(from: string, to: string, clock: Clock, random: Random) {
    this.from = from;
    this.to = to;
    this.#clock = clock;
    this.#random = random;
  }

  get state(): LinkState {
    return this.#state;
  }

  get cut(): boolean {
    return this.#state.drop !== undefined;
  }

  get faulty(): boolean {
    return this.#faults.size > 0;
  }

  /** Replaces the faults of one owner (none: removes them) without telling the carriers: see `settle`. Says whether anything changed. */
  setFaults(owner: string, faults: readonly LinkFault[]): boolean {
    if (faults.length === 0 && !this.#faults.has(owner)) return false;
    if (faults.length === 0) this.#faults.delete(owner);
    else this.#faults.set(owner, faults);
    this.#state = combineFaults([...this.#faults.values()].flat());
    this.#freeAtNs = 0;
    return true;
  }

  clearFaults(): boolean {
    return [...this.#faults.keys()].map((owner) => this.setFaults(owner, [])).includes(true);
  }

  /** Tells the carriers that the state has changed. */
  settle(): void {
    for (const carrier of [...this.#carriers]) carrier.linkChanged();
  }

  join(carrier: Carrier): void {
    this.#carriers.add(carrier);
  }

  leave(carrier: Carrier): void {
    this.#carriers.delete(carrier);
  }

  /** Nanoseconds of the run's clock. */
  now(): number {
    return this.#clock.now();
  }

  /** A chunk's luck, uniform in [0, 1): where in the jitter's range it falls. */
  drawLuck(): number {
    return this.#random.float();
  }

  /** When a chunk that came at `arrivedNs` may go on, by delay and jitter as they are now. */
  dueNs(arrivedNs: number, luck: number): number {
    return arrivedNs + (this.#state.delayMs + luck * this.#state.jitterMs) * NS_PER_MS;
  }

  /**
   * Asks the bandwidth limit, which all connections of the link share, for up to `bytes`. Gives how many may go now, and
   * takes them from the budget; 0 and the time to ask again if none may.
   */
  reserve(bytes: number): { readonly bytes: number; readonly retryAtNs: number } {
    const rate = this.#state.bytesPerSecond;
    if (rate === Infinity) return { bytes, retryAtNs: 0 };
    const now = this.now();
    if (this.#freeAtNs > now) return { bytes: 0, retryAtNs: this.#freeAtNs };
    const piece = Math.min(bytes, Math.max(MIN_PIECE_BYTES, Math.floor((rate * BURST_MS) / 1000)));
    this.#freeAtNs = Math.max(this.#freeAtNs, now - BURST_MS * NS_PER_MS) + (piece / rate) * NS_PER_S;
    return { bytes: piece, retryAtNs: 0 };
  }

  countDelivery(bytes: number, endOfChunk: boolean): void {
    this.#deliveredBytes += bytes;
    if (endOfChunk) this.#deliveredChunks += 1;
  }

  countStall(): void {
    this.#stalledChunks += 1;
  }

  countDelay(): void {
    this.#delayedChunks += 1;
  }

  countReset(): void {
    this.#resets += 1;
  }

  stats(): LinkStats {
    const held = this.cut ? [...this.#carriers].reduce((sum, carrier) => sum + carrier.waitingBytes, 0) : 0;
    return {
      from: this.from,
      to: this.to,
      cut: this.cut,
      deliveredBytes: this.#deliveredBytes,
      deliveredChunks: this.#deliveredChunks,
      heldBytes: held,
      stalledChunks: this.#stalledChunks,
      resets: this.#resets,
      delayedChunks: this.#delayedChunks,
      disturbedChunks: 0,
    };
  }
}
