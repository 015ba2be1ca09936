import { FaultlineError, hashString, mix32, type AppliedFaults, type LinkFault, type LinkName, type LinkProbe, type LinkStats, type MessageWords, type Net, type TraceEvent } from '../../src/index.js';
import { combineFaults, WHOLE, type LinkState } from '../shared/link-state.js';
import type { Due, SimClock } from './clock.js';
import { Fates, unit } from './fates.js';
import { Moments } from './moments.js';
import { CALM, type SimSetting } from './setting.js';

/** Takes what arrives at a node. */
export interface Receiver {
  /** Tells the lives of its program apart; undefined: none runs. */
  readonly life: number | undefined;
  deliver(from: string, message: unknown): void;
}

export interface SimNetworkOptions {
  readonly nodes: readonly string[];
  readonly clock: SimClock;
  readonly seed: number;
  readonly setting: SimSetting['network'];
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly describe: (message: unknown) => MessageWords;
  readonly sortOf: (message: unknown) => string;
  /** Told of every message, when its fate is known. */
  readonly trace?: (event: TraceEvent) => void;
}

interface Flight {
  readonly message: unknown;
  readonly sort: string;
  readonly sentNs: number;
  readonly life: number | undefined;
}

/** A message that is on its way, its arrival, and how that was planned: the n-th message of the link, the draw it began with, and whether it waits its turn on a narrow link. */
interface Way {
  readonly flight: Flight;
  readonly n: number;
  readonly salt: number;
  readonly narrow: boolean;
  readonly arrival: Due;
}

interface Link extends LinkName {
  readonly key: number;
  /** Whether messages fare on it as the world has it. */
  readonly troubled: boolean;
  readonly byOwner: Map<string, readonly LinkFault[]>;
  /** The sum of the faults in force. */
  trouble: LinkState;
  /** Messages so far: with the key it decides what becomes of the next one. */
  count: number;
  /** What is on its way, in the order in which it was sent; only where order is kept. */
  readonly ways: Set<Way>;
  lastArrivalNs: number;
  /** When a narrow link is free again. */
  busyUntilNs: number;
  held: Flight[];
  deliveredChunks: number;
  deliveredBytes: number;
  stalledChunks: number;
  resets: number;
  delayedChunks: number;
  disturbedChunks: number;
}

/** What a message weighs where its size does not matter. */
const NOMINAL_BYTES = 200;
/** A message that is overtaken comes so much later, at most. */
const OVERTAKEN_MS = 60;
const PROBES = 12;
/** On the way on a healthy link. */
const PROBE_NS = 5e5;
const PROBE_LIMIT_MS = 700;

/** A probe of ours, which no program gets. */
class Probe {
  readonly arrivals: number[] = [];
  constructor(readonly sentNs: number) {}
}

/**
 * The links between simulated nodes. What becomes of the n-th message of a link is a function of the seed, the link and n alone, so that leaving something out elsewhere changes as little as
 * can be: that is what makes failures small.
 */
export class SimNetwork implements Net {
  readonly moments: Moments;
  readonly #wild: Fates;
  readonly #calm: Fates;
  #healed = false;
  readonly #options: SimNetworkOptions;
  readonly #links: Link[] = [];
  /** By where they begin, then by where they end. */
  readonly #ways = new Map<string, Map<string, Link>>();

  constructor(options: SimNetworkOptions) {
    this.#options = options;
    this.moments = new Moments(options.clock);
    const world = mix32(options.seed ^ mix32(options.setting.seed));
    this.#wild = new Fates(options.setting, world);
    this.#calm = new Fates({ ...CALM.network, order: this.#wild.keepsOrder ? 'fifo' : 'uniform' }, world);
    for (const from of options.nodes) {
      const ways = new Map<string, Link>();
      this.#ways.set(from, ways);
      for (const to of options.nodes) {
        if (from === to) continue;
        const key = mix32(hashString(`${from}>${to}`) ^ world);
        const troubled = options.setting.troubled?.includes(`${from}>${to}`) ?? true;
        const link: Link = { from, to, key, troubled, byOwner: new Map(), trouble: WHOLE, count: 0, ways: new Set(), lastArrivalNs: 0, busyUntilNs: 0, held: [], deliveredChunks: 0, deliveredBytes: 0, stalledChunks: 0, resets: 0, delayedChunks: 0, disturbedChunks: 0 };
        ways.set(to, link);
        this.#links.push(link);
      }
    }
  }

  /** Sends a message along a link. */
  send(from: string, to: string, message: unknown): void {
    const link = this.#link(from, to);
    const sort = this.#options.sortOf(message);
    this.moments.pass('sent', sort, from, to);
    this.#dispatch(link, { message, sort, sentNs: this.#options.clock.now(), life: this.#options.receivers.get(to)?.life });
  }

  /** The program of a node has ended: what was held for it or by it is lost with its connections. */
  forget(node: string): void {
    if (this.#options.setting.order !== 'fifo') return;
    for (const link of this.#links) {
      if (link.from !== node && link.to !== node) continue;
      for (const flight of link.held) this.#tell(link, flight, 'down');
      link.held = [];
    }
  }

  async apply(owner: string, faults: readonly LinkFault[]): Promise<AppliedFaults> {
    for (const { from, to } of faults) this.#link(from, to);
    for (const link of this.#links) this.#set(link, owner, faults.filter(({ from, to }) => from === link.from && to === link.to));
    for (const link of this.#links) this.#widen(link);
    for (const link of this.#links) this.#release(link);
    const now = this.#options.clock.now();
    return { by: 'simulated network', interval: [now, now] };
  }

  async clear(owner: string): Promise<void> {
    await this.apply(owner, []);
  }

  /** Ends the troubles of the world itself too: from now on messages are quick and none is lost, for nothing can be asked of a system whose network stays as bad as it can be. */
  async heal(): Promise<void> {
    this.#healed = true;
    for (const link of this.#links) {
      link.byOwner.clear();
      link.trouble = WHOLE;
      this.#widen(link);
    }
    for (const link of this.#links) this.#release(link);
  }

  async stats(): Promise<readonly LinkStats[]> {
    return this.#links.map(({ from, to, trouble, deliveredBytes, deliveredChunks, held, stalledChunks, resets, delayedChunks, disturbedChunks }) => ({ from, to, cut: trouble.drop !== undefined, deliveredBytes, deliveredChunks, heldBytes: held.length * NOMINAL_BYTES, stalledChunks, resets, delayedChunks, disturbedChunks }));
  }

  async probe(links: readonly LinkName[] = this.#links): Promise<readonly LinkProbe[]> {
    const { clock } = this.#options;
    const tried = links.map((name) => ({ name, link: this.#link(name.from, name.to), probes: [] as Probe[] }));
    const missing = (): boolean => tried.some(({ probes, link }) => link.trouble.drop === undefined && probes.some(({ arrivals }) => arrivals.length === 0));
    for (let i = 0; i < PROBES; i++) {
      for (const { link, probes } of tried) {
        const probe = new Probe(clock.now());
        probes.push(probe);
        this.#dispatch(link, { message: probe, sort: '', sentNs: probe.sentNs, life: undefined });
      }
      await clock.sleep(1);
    }
    for (let waitedMs = 0; waitedMs < PROBE_LIMIT_MS && missing(); waitedMs += 20) await clock.sleep(20);
    return tried.map(({ name, link, probes }) => {
      link.held = link.held.filter(({ message }) => !(message instanceof Probe));
      return probed(name, probes);
    });
  }

  faulty(): boolean {
    return this.#links.some(({ byOwner }) => byOwner.size > 0);
  }

  /** Decides what becomes of a message, and when. */
  #dispatch(link: Link, flight: Flight): void {
    const { trouble } = link;
    const n = link.count++;
    if (trouble.drop === 'reset') {
      link.resets++;
      return this.#tell(link, flight, 'cut');
    }
    if (trouble.drop === 'stall') return this.#hold(link, flight);
    if (trouble.lossRate > 0 && unit(link.key, n, 1) < trouble.lossRate) {
      link.disturbedChunks++;
      return this.#tell(link, flight, 'lost');
    }
    // Our own messages show what faults do to a link, not what this world is like without them.
    const natural = !(flight.message instanceof Probe);
    const { nowMs } = this.#options.clock;
    const fates = this.#fatesOn(link);
    if (natural && fates.lost(link.key, n, nowMs, flight.sort)) return this.#tell(link, flight, 'lost');
    this.#plan(link, flight, n, 3);
    if (trouble.duplicateRate > 0 && unit(link.key, n, 4) < trouble.duplicateRate) {
      link.disturbedChunks++;
      this.#plan(link, flight, n, 5);
    }
    if (natural && fates.twice(link.key, n, nowMs, flight.sort)) this.#plan(link, flight, n, 7);
  }

  #plan(link: Link, flight: Flight, n: number, salt: number): void {
    const { clock } = this.#options;
    const { trouble } = link;
    let atNs = flight.message instanceof Probe ? clock.now() + PROBE_NS : this.#fatesOn(link).arrivalMs(link.key, n, salt, clock.nowMs, flight.sort) * 1e6;
    if (trouble.delayMs > 0 || trouble.jitterMs > 0) {
      link.delayedChunks++;
      atNs += (trouble.delayMs + trouble.jitterMs * unit(link.key, n, salt + 10)) * 1e6;
    }
    if (trouble.bytesPerSecond !== Infinity) atNs = this.#narrow(link, flight, atNs);
    const inOrder = this.#wild.keepsOrder && !(flight.message instanceof Probe);
    if (inOrder) atNs = Math.max(atNs, link.lastArrivalNs);
    if (trouble.reorderRate > 0 && unit(link.key, n, salt + 20) < trouble.reorderRate) {
      link.disturbedChunks++;
      atNs += unit(link.key, n, salt + 30) * OVERTAKEN_MS * 1e6;
    } else if (inOrder) {
      link.lastArrivalNs = atNs;
    }
    const narrow = trouble.bytesPerSecond !== Infinity;
    const way: Way = {
      flight,
      n,
      salt,
      narrow,
      arrival: clock.at(Math.round(atNs), () => {
        link.ways.delete(way);
        this.#arrive(link, flight);
      }, 'plain'),
    };
    if (inOrder || narrow) link.ways.add(way);
  }

  /** A message takes the time that its bytes need, one after the other. */
  #narrow(link: Link, { message }: Flight, atNs: number): number {
    const bytes = message instanceof Probe ? 50 : JSON.stringify(message).length;
    const startNs = Math.max(this.#options.clock.now(), link.busyUntilNs);
    link.busyUntilNs = startNs + (bytes / link.trouble.bytesPerSecond) * 1e9;
    if (link.busyUntilNs > atNs) link.delayedChunks++;
    return Math.max(atNs, link.busyUntilNs);
  }

  #arrive(link: Link, flight: Flight): void {
    const { receivers, clock } = this.#options;
    if (flight.message instanceof Probe) {
      flight.message.arrivals.push(clock.now());
      return;
    }
    if (link.trouble.drop !== undefined) return this.#tell(link, flight, 'cut');
    const receiver = receivers.get(link.to);
    const outlived = this.#options.setting.order === 'fifo' && receiver?.life !== flight.life;
    if (receiver?.life === undefined || outlived) return this.#tell(link, flight, 'down');
    link.deliveredChunks++;
    link.deliveredBytes += NOMINAL_BYTES;
    this.#tell(link, flight, undefined);
    receiver.deliver(link.from, flight.message);
    this.moments.pass('received', flight.sort, link.from, link.to);
  }

  #hold(link: Link, flight: Flight): void {
    link.stalledChunks++;
    link.held.push(flight);
  }

  #tell(link: Link, { message, sentNs }: Flight, lost: string | undefined): void {
    const { trace, describe, clock } = this.#options;
    if (trace === undefined || message instanceof Probe) return;
    const words = describe(message);
    trace({ kind: 'message', from: link.from, to: link.to, sentNs, ...(lost === undefined ? { arrivedNs: clock.now() } : { lost }), ...words });
  }

  #set(link: Link, owner: string, faults: readonly LinkFault[]): void {
    if (faults.length > 0) link.byOwner.set(owner, faults);
    else if (!link.byOwner.delete(owner)) return;
    const before = link.trouble.drop;
    link.trouble = combineFaults([...link.byOwner.values()].flat());
    if (link.trouble.drop !== undefined && link.trouble.drop !== before) this.#cutOff(link);
  }

  /** What is on its way when a link is cut is cut off: it waits before all that is sent from now on, or is lost with its connection. */
  #cutOff(link: Link): void {
    for (const { flight, arrival } of link.ways) {
      arrival.run = undefined;
      if (link.trouble.drop === 'stall') this.#hold(link, flight);
      else this.#tell(link, flight, 'cut');
    }
    link.ways.clear();
    link.lastArrivalNs = 0;
  }

  /** A link is narrow no more: what waits on it goes at once, in its order, and what was sent after it with it. */
  #widen(link: Link): void {
    if (link.trouble.bytesPerSecond !== Infinity || ![...link.ways].some(({ narrow }) => narrow)) return;
    const waiting = [...link.ways];
    link.ways.clear();
    link.busyUntilNs = link.lastArrivalNs = this.#options.clock.now();
    for (const { arrival } of waiting) arrival.run = undefined;
    for (const { flight, n, salt } of waiting) this.#plan(link, flight, n, salt);
  }

  /** What a cut held goes on its way. */
  #release(link: Link): void {
    if (link.trouble.drop === 'stall' || link.held.length === 0) return;
    const held = link.held;
    link.held = [];
    for (const flight of held) this.#dispatch(link, flight);
  }

  #fatesOn({ troubled }: Link): Fates {
    const { setting: { troubledMs }, clock } = this.#options;
    const inTime = troubledMs === undefined || (clock.nowMs >= troubledMs[0] && clock.nowMs < troubledMs[1]);
    return troubled && inTime && !this.#healed ? this.#wild : this.#calm;
  }

  #link(from: string, to: string): Link {
    const link = this.#ways.get(from)?.get(to);
    if (link === undefined) throw new FaultlineError('no-such-link', `there is no link from "${from}" to "${to}"`);
    return link;
  }
}

function probed({ from, to }: LinkName, probes: readonly Probe[]): LinkProbe {
  const arrived = probes.filter(({ arrivals }) => arrivals.length > 0);
  const ways = arrived.map(({ sentNs, arrivals }) => ((arrivals[0] ?? sentNs) - sentNs) / 1e6);
  const firsts = arrived.map(({ arrivals }) => arrivals[0] ?? 0);
  const round = (ms: number): number => Math.round(ms * 100) / 100;
  return {
    from,
    to,
    sent: probes.length,
    received: arrived.length,
    duplicates: probes.reduce((sum, { arrivals }) => sum + Math.max(0, arrivals.length - 1), 0),
    reordered: firsts.filter((at, i) => firsts.slice(i + 1).some((later) => later < at)).length,
    meanMs: ways.length === 0 ? null : round(ways.reduce((a, b) => a + b, 0) / ways.length),
    maxMs: ways.length === 0 ? null : round(Math.max(...ways)),
  };
}
