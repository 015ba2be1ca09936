import { createServer, type Server, type Socket } from 'node:net';
import { FaultlineError, type Endpoint } from '../../../src/index.js';
import { Connection } from './connection.js';
import type { Link } from './link.js';

/** Connections that one relay carries at a time; more are refused. */
const MAX_CONNECTIONS = 1024;

/** Where node i dials to reach one port of node j: a listener of ours on loopback, whose connections go through the links between the two. */
export class Relay {
  readonly #links: { readonly forth: Link; readonly back: Link };
  readonly #target: Endpoint;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;

  private constructor(links: { readonly forth: Link; readonly back: Link }, target: Endpoint) {
    this.#links = links;
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens on a free port of the loopback address. Throws FaultlineError `relay-listen`. */
  static async open(links: { readonly forth: Link; readonly back: Link }, target: Endpoint, host: string): Promise<Relay> {
    const relay = new Relay(links, target);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', (cause) => reject(new FaultlineError('relay-listen', `no port on ${host} for the relay from ${links.forth.from} to ${links.forth.to}: ${cause.message}`, { cause })));
      relay.#server.listen({ host, port: 0 }, resolve);
    });
    // An accept that fails (out of file descriptors) costs the dialler its connection, not us the relay.
    relay.#server.removeAllListeners('error').on('error', () => undefined);
    return relay;
  }

  /** Where to dial. */
  get endpoint(): Endpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new FaultlineError('relay-closed', 'the relay is closed');
    return { host: address.address, port: address.port };
  }

  /** Breaks its connections and stops listening. Idempotent. */
  async close(): Promise<void> {
    for (const connection of [...this.#connections]) connection.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const { forth } = this.#links;
    if (forth.state.drop === 'reset' || this.#connections.size >= MAX_CONNECTIONS) {
      if (forth.state.drop === 'reset') forth.countReset();
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    const connection = new Connection(socket, this.#links, this.#target, () => this.#connections.delete(connection));
    this.#connections.add(connection);
  }
}
