import { connect, createServer, type Server, type Socket } from 'node:net';
import { NS_PER_MS, waitUntil, type Clock, type Endpoint, type LinkName, type LinkProbe } from '../../src/index.js';
import type { Link } from './relay/link.js';
import { Relay } from './relay/relay.js';

/** What is sent along each link: so many messages, so far apart. */
const MESSAGES = 6;
const GAP_MS = 5;
/** How long the last one may take beyond what the link's delay explains, and in all. */
const PATIENCE_MS = 150;
const LONGEST_MS = 900;

const LOOPBACK = '127.0.0.1';

/** Arrivals of one probe of one link: when each message came and when it had been sent, nanoseconds. */
type Arrivals = { readonly sequence: number; readonly onWayNs: number }[];

/**
 * Sends messages of our own through links: over real sockets and relays, to a listener of ours. TCP neither duplicates nor reorders, so those
 * counts are what the relay would have done wrong.
 */
export class LinkProber implements AsyncDisposable {
  readonly #links: ReadonlyMap<string, Link>;
  readonly #clock: Clock;
  readonly #relays = new Map<string, Promise<Relay>>();
  readonly #arrivals = new Map<string, Arrivals>();
  readonly #sockets = new Set<Socket>();
  #server: Promise<Server> | undefined;
  #number = 0;

  constructor(links: ReadonlyMap<string, Link>, clock: Clock) {
    this.#links = links;
    this.#clock = clock;
  }

  async probe(links: readonly LinkName[]): Promise<readonly LinkProbe[]> {
    return Promise.all(links.map((link) => this.#probeOne(link)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#relays.values()].map(async (relay) => (await relay).close()));
    const server = await this.#server;
    if (server?.listening === true) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #probeOne({ from, to }: LinkName): Promise<LinkProbe> {
    const relay = await this.#relay(from, to);
    const id = `${++this.#number}`;
    const arrivals: Arrivals = [];
    this.#arrivals.set(id, arrivals);
    const socket = this.#keep(connect({ ...relay.endpoint, noDelay: true }));
    for (let sequence = 0; sequence < MESSAGES; sequence++) {
      if (sequence > 0) await this.#clock.sleep(GAP_MS);
      if (socket.writable) socket.write(`${id} ${sequence} ${this.#clock.now()}\n`);
    }
    const { delayMs = 0, jitterMs = 0 } = this.#links.get(`${from}>${to}`)?.state ?? {};
    await waitUntil('the probe', () => arrivals.length >= MESSAGES || socket.destroyed, { clock: this.#clock, timeoutMs: Math.min(LONGEST_MS, delayMs + jitterMs + PATIENCE_MS), intervalMs: 2 }).catch(() => undefined);
    this.#arrivals.delete(id);
    socket.destroy();
    return { from, to, sent: MESSAGES, ...tallied(arrivals) };
  }

  #relay(from: string, to: string): Promise<Relay> {
    const key = `${from}>${to}`;
    const [forth, back] = [this.#links.get(key), this.#links.get(`${to}>${from}`)];
    if (forth === undefined || back === undefined) throw new RangeError(`no link ${key}`);
    const open = async (): Promise<Relay> => Relay.open({ forth, back }, await this.#target(), LOOPBACK);
    const relay = this.#relays.get(key) ?? open();
    this.#relays.set(key, relay);
    return relay;
  }

  async #target(): Promise<Endpoint> {
    this.#server ??= new Promise((resolve, reject) => {
      const server = createServer((socket) => this.#listen(this.#keep(socket)));
      server.once('error', reject);
      server.listen({ host: LOOPBACK, port: 0 }, () => resolve(server));
    });
    const address = (await this.#server).address();
    return { host: LOOPBACK, port: typeof address === 'object' && address !== null ? address.port : 0 };
  }

  #listen(socket: Socket): void {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const [id = '', sequence, sentNs] = line.split(' ');
        this.#arrivals.get(id)?.push({ sequence: Number(sequence), onWayNs: this.#clock.now() - Number(sentNs) });
      }
    });
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
  }
}

/** The counts of a probe. */
function tallied(arrivals: Arrivals): Pick<LinkProbe, 'received' | 'duplicates' | 'reordered' | 'meanMs' | 'maxMs'> {
  const received = new Set(arrivals.map(({ sequence }) => sequence)).size;
  const reordered = arrivals.filter(({ sequence }, i) => arrivals.slice(0, i).some((earlier) => earlier.sequence > sequence)).length;
  const times = arrivals.map(({ onWayNs }) => onWayNs / NS_PER_MS);
  const round = (ms: number): number => Math.round(ms * 100) / 100;
  return {
    received,
    duplicates: arrivals.length - received,
    reordered,
    meanMs: times.length === 0 ? null : round(times.reduce((sum, ms) => sum + ms, 0) / times.length),
    maxMs: times.length === 0 ? null : round(Math.max(...times)),
  };
}
