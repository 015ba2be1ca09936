import { connect, type Socket } from 'node:net';
import { monotonicMs } from './clock.js';
import type { Address } from './options.js';
import { encodeFrame } from './frames.js';
import type { Log } from './log.js';
import { PROTOCOL_VERSION } from './wire.js';

/** Reconnection backs off from the first to the second, milliseconds. */
const RETRY_MS = [20, 200] as const;
/**
 * To a peer with which no connection has held for the first, it is dialled every so often as the second says, milliseconds. It may have left the cluster, and its number is never given again; but
 * the link is not dropped: a member that is down for long looks the same, only the core knows who is a member where, and one that was removed asks what has become of it and is to be answered.
 */
const PATIENCE = { lostMs: 60_000, retryMs: 5000 } as const;
/** A connection that has held for so long was a good one. */
const STEADY_MS = 1000;
/** So much may wait for a peer; beyond it the oldest is dropped, which Paxos tolerates. */
const QUEUE_BYTES = 16 * 1024 * 1024;
/** A connection on which nothing could be written for so long although something waits is given up. */
const STALLED_MS = 2000;

/** The way to one peer: messages are sent on a connection that this node dials, and in order as long as it lasts. */
export class PeerLink {
  readonly #hello: Buffer;
  readonly #address: Address;
  readonly #log: Log;
  readonly #name: string;
  #socket: Socket | undefined;
  #ready = false;
  #queue: Buffer[] = [];
  #queued = 0;
  #retryMs: number = RETRY_MS[0];
  #timer: NodeJS.Timeout | undefined;
  #lastProgress = 0;
  #connectedMs = 0;
  /** When a connection last was a good one, or when the first was tried. */
  #goodMs = monotonicMs();
  readonly #patience: Readonly<Record<keyof typeof PATIENCE, number>>;
  #closed = false;
  dropped = 0;

  constructor(self: { readonly cluster: string; readonly genesis: string; readonly self: number }, peer: number, address: Address, log: Log, patience: Readonly<Record<keyof typeof PATIENCE, number>> = PATIENCE) {
    this.#hello = encodeFrame(JSON.stringify({ type: 'hello', version: PROTOCOL_VERSION, cluster: self.cluster, genesis: self.genesis, from: self.self, to: peer }));
    this.#address = address;
    this.#name = String(peer);
    this.#log = log;
    this.#patience = patience;
    this.#connect();
  }

  send(message: unknown): void {
    const frame = encodeFrame(JSON.stringify(message));
    this.#queue.push(frame);
    this.#queued += frame.length;
    while (this.#queued > QUEUE_BYTES && this.#queue.length > 1) {
      this.#queued -= this.#queue.shift()?.length ?? 0;
      this.dropped++;
    }
  }

  /** Writes what was sent since the last call, as one piece. `now` is the monotonic clock, milliseconds. */
  flush(now: number): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#ready || this.#queue.length === 0) return;
    if (socket.writableLength === 0) this.#lastProgress = now;
    else if (socket.writableNeedDrain) {
      // The peer, or the way to it, takes nothing: what waits here may grow old, what is in the socket cannot be taken back.
      if (now - this.#lastProgress > STALLED_MS) socket.destroy();
      return;
    }
    const bytes = this.#queue.length === 1 ? (this.#queue[0] as Buffer) : Buffer.concat(this.#queue);
    this.#queue = [];
    this.#queued = 0;
    socket.write(bytes);
  }

  /** The peer has called: it is there, whatever was found out when it was last dialled. */
  wake(): void {
    if (this.#timer === undefined || this.#closed) return;
    clearTimeout(this.#timer);
    this.#retryMs = RETRY_MS[0];
    this.#goodMs = monotonicMs();
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    this.#timer = undefined;
    const socket = connect({ host: this.#address.host, port: this.#address.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 });
    this.#socket = socket;
    this.#ready = false;
    socket.on('connect', () => {
      this.#ready = true;
      this.#connectedMs = monotonicMs();
      socket.write(this.#hello);
    });
    // The peer says nothing on this connection; reading notices its end.
    socket.resume();
    socket.on('error', (error) => this.#log.debug('peer connection failed', { peer: this.#name, error: error.message }));
    socket.on('close', () => this.#reconnect());
  }

  #reconnect(): void {
    // Whoever hangs up at once is not asked again at once.
    const now = monotonicMs();
    if (this.#ready && now - this.#connectedMs > STEADY_MS) {
      this.#retryMs = RETRY_MS[0];
      this.#goodMs = now;
    }
    this.#ready = false;
    if (this.#closed) return;
    // What was meant for the broken connection is old news to whoever answers next.
    this.#queue = [];
    this.#queued = 0;
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
    const lost = now - this.#goodMs > this.#patience.lostMs;
    this.#retryMs = lost ? this.#patience.retryMs : Math.min(RETRY_MS[1], this.#retryMs * 2);
  }
}
