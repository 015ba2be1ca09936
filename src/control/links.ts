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
}

/** Counters of a directed link since the start of the run. */
export interface LinkStats {
  readonly from: string;
  readonly to: string;
  /** Whether anyone cuts the link now. */
  readonly cut: boolean;
  readonly deliveredBytes: number;
  readonly deliveredChunks: number;
  /** Bytes that at this moment wait because of a cut: seen by us and not passed on. */
  readonly heldBytes: number;
  /** Chunks that had to wait because of a cut, ever. */
  readonly stalledChunks: number;
  /** Connections broken or refused because of a cut, ever. */
  readonly resets: number;
  /** Chunks delayed by a slow link, ever. */
  readonly delayedChunks: number;
  /** When the last byte was delivered: nanoseconds of the run's clock, or -1. */
  readonly lastDeliveryNs: number;
}
