import { createServer, type Server, type Socket } from 'node:net';
import type { z } from 'zod';
import type { NodeId } from '../core/index.js';
import { SERVER_EXIT, ServerError } from './failure.js';
import { FrameReader } from './frames.js';
import type { Log } from './log.js';
import type { Address } from './options.js';
import { PeerLink } from './peer-link.js';
import { helloSchema } from './wire.js';

export interface TransportOptions<M> {
  readonly self: NodeId;
  readonly cluster: string;
  /** What the members were at first, as text: the same for all nodes. */
  readonly genesis: string;
  readonly listen: Address;
  /** Where to reach other nodes, to begin with. */
  readonly peers: ReadonlyMap<NodeId, Address>;
  readonly log: Log;
  /** The shape of a message. */
  readonly schema: z.ZodType<M>;
  readonly onMessages: (from: NodeId, messages: readonly M[]) => void;
}

/** A stranger must say hello within so long, milliseconds. */
const HELLO_MS = 5000;

/** Messages between nodes as length-prefixed JSON frames over TCP: one connection for each direction of each pair. */
export class Transport<M> {
  readonly batches = true;
  readonly #options: TransportOptions<M>;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: TransportOptions<M>) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 }, (socket) => this.#accept(socket));
    for (const [peer, address] of options.peers) this.reach(peer, address);
  }

  /** Listens. Throws ServerError if the address is taken. */
  static async open<M>(options: TransportOptions<M>): Promise<Transport<M>> {
    const transport = new Transport(options);
    try {
      await listening(transport.#server, options.listen, '--peer');
    } catch (error) {
      transport.close();
      throw error;
    }
    return transport;
  }

  /** Connects to a node, unless that is done already. */
  reach(peer: NodeId, address: Address): void {
    if (peer === this.#options.self || this.#links.has(peer)) return;
    this.#links.set(peer, new PeerLink(this.#options, peer, address, this.#options.log));
  }

  send(to: NodeId, message: M): void {
    this.#links.get(to)?.send(message);
  }

  /** Lets go what was sent in this turn. */
  flush(now: number): void {
    for (const link of this.#links.values()) link.flush(now);
  }

  /** Messages dropped because a peer took nothing for too long. */
  get dropped(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.dropped, 0);
  }

  close(): void {
    this.#server.close();
    for (const link of this.#links.values()) link.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const reader = new FrameReader();
    let from: NodeId | undefined;
    this.#sockets.add(socket);
    const patience = setTimeout(() => socket.destroy(), HELLO_MS);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(patience);
      this.#sockets.delete(socket);
    });
    socket.on('data', (chunk) => {
      try {
        let texts = reader.push(chunk);
        if (from === undefined && texts.length > 0) {
          from = this.#greet(texts[0] ?? '');
          clearTimeout(patience);
          this.#links.get(from)?.wake();
          texts = texts.slice(1);
        }
        if (from !== undefined && texts.length > 0) this.#options.onMessages(from, texts.map((text) => this.#options.schema.parse(JSON.parse(text))));
      } catch (error) {
        if (error instanceof ServerError) throw error;
        // One that was here before under another number is looked for until all know that it is gone.
        this.#options.log[error instanceof WrongNumber ? 'debug' : 'warn']('closing a connection for what came in on it', { from: from ?? 'unknown', error: (error as Error).message.slice(0, 300) });
        socket.destroy();
      }
    });
  }

  /** Who speaks. Throws if it is nobody of this cluster, or takes this node for another. It need not be a member: the core knows who is. */
  #greet(text: string): NodeId {
    const hello = helloSchema.parse(JSON.parse(text));
    if (hello.cluster !== this.#options.cluster) throw new Error(`a node of cluster ${hello.cluster} called; this is ${this.#options.cluster}`);
    if (hello.genesis !== this.#options.genesis) throw new Error(`node ${hello.from} began with other members or quorums (${hello.genesis}) than this node (${this.#options.genesis}): give all nodes the same --voters, --q1 and --q2`);
    if (hello.to !== this.#options.self) throw new WrongNumber(`node ${hello.from} called for node ${hello.to}; this is node ${this.#options.self}`);
    return hello.from;
  }
}

class WrongNumber extends Error {}

/** Resolves when the server listens. Throws ServerError that names the option to change. */
export async function listening(server: Server, address: Address, option: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(new ServerError(SERVER_EXIT.config, `cannot listen on ${address.host}:${address.port}: ${why}. Give ${option} another address, or stop what holds it.`));
    });
    server.listen(address.port, address.host, resolve);
  });
}
