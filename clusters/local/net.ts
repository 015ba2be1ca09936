import { FaultlineError, type AppliedFaults, type Clock, type Endpoint, type LinkFault, type LinkName, type LinkProbe, type LinkStats, type Net, type Random } from '../../src/index.js';
import { LinkProber } from './probe.js';
import { Link } from './relay/link.js';
import { Relay } from './relay/relay.js';

/** The loopback address that everything listens on. */
export const LOOPBACK = '127.0.0.1';

/** The links between local nodes: a relay for every directed pair and peer port, and the state of every directed link. */
export class LocalNet implements Net, AsyncDisposable {
  readonly #links = new Map<string, Link>();
  /** Twins of the links, always in the same state: what we send along them to see what becomes of it is in nobody's counters. */
  readonly #twins = new Map<string, Link>();
  readonly #prober: LinkProber;
  readonly #relays = new Map<string, Relay>();
  readonly #clock: Clock;

  constructor(nodes: readonly string[], clock: Clock, random: Random) {
    this.#clock = clock;
    for (const from of nodes) {
      for (const to of nodes) {
        if (from === to) continue;
        this.#links.set(linkKey(from, to), new Link(from, to, clock, random.fork(linkKey(from, to))));
        this.#twins.set(linkKey(from, to), new Link(from, to, clock, random.fork(`probe of ${linkKey(from, to)}`)));
      }
    }
    this.#prober = new LinkProber(this.#twins, clock);
  }

  /** Opens the way from a node to a peer's port, which is at `target`. */
  async open(from: string, to: string, port: string, target: Endpoint): Promise<void> {
    const links = { forth: this.#link(from, to), back: this.#link(to, from) };
    this.#relays.set(relayKey(from, to, port), await Relay.open(links, target, LOOPBACK));
  }

  /** Where `from` dials to reach `to`. Throws FaultlineError `no-such-way`. */
  way(from: string, to: string, port: string): Endpoint {
    const relay = this.#relays.get(relayKey(from, to, port));
    if (relay === undefined) throw new FaultlineError('no-such-way', `there is no way from ${from} to port "${port}" of ${to}`, { hint: 'Ports that nodes use among themselves are declared in the system\'s peerPorts.' });
    return relay.endpoint;
  }

  /** Throws FaultlineError `no-such-link`, with nothing changed. */
  async apply(owner: string, faults: readonly LinkFault[]): Promise<AppliedFaults> {
    const byLink = new Map<string, LinkFault[]>();
    for (const fault of faults) {
      if (fault.lossRate !== undefined || fault.duplicateRate !== undefined || fault.reorderRate !== undefined) throw new FaultlineError('unsupported', 'links of the local cluster carry bytes, not packets that could be lost, duplicated or overtaken');
      const key = linkKey(this.#link(fault.from, fault.to));
      byLink.set(key, [...(byLink.get(key) ?? []), fault]);
    }
    const from = this.#clock.now();
    this.#change((link) => link.setFaults(owner, byLink.get(linkKey(link)) ?? []));
    return { by: 'relay', interval: [from, this.#clock.now()] };
  }

  async clear(owner: string): Promise<void> {
    await this.apply(owner, []);
  }

  async heal(): Promise<void> {
    this.#change((link) => link.clearFaults());
  }

  async stats(): Promise<readonly LinkStats[]> {
    return this.counters();
  }

  /** The same, at once. */
  counters(): readonly LinkStats[] {
    return [...this.#links.values()].map((link) => link.stats());
  }

  async probe(links?: readonly LinkName[]): Promise<readonly LinkProbe[]> {
    return this.#prober.probe(links ?? [...this.#links.values()]);
  }

  faulty(): boolean {
    return [...this.#links.values()].some((link) => link.faulty);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...[...this.#relays.values()].map((relay) => relay.close()), this.#prober[Symbol.asyncDispose]()]);
    this.#relays.clear();
  }

  /** First every link gets its new state, then the bytes move: nothing slips through between two links of one grudge. */
  #change(set: (link: Link) => boolean): void {
    const changed = [...this.#links.values(), ...this.#twins.values()].filter(set);
    for (const link of changed) link.settle();
  }

  #link(from: string, to: string): Link {
    const link = this.#links.get(linkKey(from, to));
    if (link === undefined) throw new FaultlineError('no-such-link', `there is no link from "${from}" to "${to}"`);
    return link;
  }
}

function linkKey(from: string | LinkName, to?: string): string {
  return typeof from === 'string' ? `${from}>${to}` : `${from.from}>${from.to}`;
}

function relayKey(from: string, to: string, port: string): string {
  return `${from}>${to}:${port}`;
}
