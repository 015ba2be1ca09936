import { createServer, connect, type Server, type Socket } from 'node:net';
import { createHash } from 'node:crypto';
import { realClock, waitUntil, type Endpoint } from '../../../src/index.js';

const clock = realClock();

/** Polls until the condition holds; 5 s at most. */
export async function eventually<T>(what: string, condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  return waitUntil(what, condition, { clock, timeoutMs: 5000, intervalMs: 5 });
}

/** One end of a connection, and everything that came in at it. */
export class Peer {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  ended = false;
  /** Code of the error that broke it. */
  error: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.received.toString();
  }

  get digest(): string {
    return digestOf(this.received);
  }
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A server on a free port that keeps the connections it accepted, in order. */
export class Listener implements AsyncDisposable {
  readonly accepted: Peer[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.accepted.push(new Peer(socket)));
  }

  static async open(): Promise<Listener> {
    const listener = new Listener();
    await new Promise<void>((resolve) => listener.#server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    return listener;
  }

  get endpoint(): Endpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('closed');
    return { host: address.address, port: address.port };
  }

  /** The i-th connection, waited for. */
  async peer(i = 0): Promise<Peer> {
    return eventually(`connection ${i}`, () => this.accepted[i]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.accepted) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Dials; resolves when connected. */
export async function dial(endpoint: Endpoint): Promise<Peer> {
  const peer = new Peer(connect({ host: endpoint.host, port: endpoint.port, allowHalfOpen: true, noDelay: true }));
  await eventually('connection', () => !peer.socket.connecting);
  return peer;
}
