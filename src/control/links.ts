/** A directed link by its ends. */
export interface LinkName {
  readonly from: string;
  readonly to: string;
}

/** A fault on the directed link `from` -> `to`: what happens to bytes that `from` sends to `to`. */
export interface LinkFault {
  readonly from: string;
  readonly to: string;
  /**
   * `stall`: bytes wait (as with lost packets that TCP sends again); `reset`: connections that `from` dialled break and new ones are
   * refused, while on those that `to` dialled the bytes of this direction wait: the other direction stays as whole as TCP allows.
   */
  readonly drop?: 'stall' | 'reset';
  /** Added to every chunk, milliseconds. */
  readonly delayMs?: number;
  /** Uniform in [0, jitterMs], added to delayMs; order within a connection is kept. */
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** The part of the packets that is lost, 0 to 1. Faults add up as independent chances. */
  readonly lossRate?: number;
  /** The part of the packets that arrives twice, 0 to 1. */
  readonly duplicateRate?: number;
  /** The part of the packets that is overtaken by later ones, 0 to 1. */
  readonly reorderRate?: number;
}

/** How faults were put into force. */
export interface AppliedFaults {
  /** The means, for the history: `relay`, `nftables`, `nftables + nfqueue`, `netem` ... */
  readonly by: string;
  /** The links changed within this interval: nanoseconds of the run's clock. */
  readonly interval: readonly [number, number];
}

/** What became of messages of our own on a directed link. */
export interface LinkProbe extends LinkName {
  readonly sent: number;
  /** Different ones that arrived. */
  readonly received: number;
  /** Arrived once more. */
  readonly duplicates: number;
  /** Arrived after one that was sent later. */
  readonly reordered: number;
  /** Milliseconds on the way of those that arrived; null if none did. */
  readonly meanMs: number | null;
  readonly maxMs: number | null;
}

/** Counters of a directed link since the start of the run. A chunk is what a cluster sees at a time: a packet, or what a socket read gave. */
export interface LinkStats {
  readonly from: string;
  readonly to: string;
  /** Whether anyone cuts the link now. */
  readonly cut: boolean;
  readonly deliveredBytes: number;
  readonly deliveredChunks: number;
  /** Bytes that at this moment wait because of a cut: seen by us and not passed on. 0 where senders keep what is lost. */
  readonly heldBytes: number;
  /** Chunks that had to wait because of a cut, ever. */
  readonly stalledChunks: number;
  /** Connections broken or refused because of a cut, ever. */
  readonly resets: number;
  /** Chunks delayed by a slow link, ever. */
  readonly delayedChunks: number;
  /** Chunks lost, duplicated or made late on purpose (loss, duplication, reordering), ever. */
  readonly disturbedChunks: number;
}
