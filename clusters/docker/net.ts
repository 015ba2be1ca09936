import { FaultlineError, type AppliedFaults, type Clock, type LinkFault, type LinkName, type LinkProbe, type LinkStats, type Net } from '../../src/index.js';
import { combineFaults, WHOLE, type LinkState } from '../shared/link-state.js';
import type { AgentClient } from './agent/client.js';

/** What a probe sends along each link: so many datagrams, so far apart. */
const PROBE = { count: 20, gapMs: 4 } as const;
/** How long the last datagram may take beyond what the link's delay explains, and at most. */
const PATIENCE_MS = 120;
const LONGEST_MS = 900;

/** A node's agent and where its peers reach it. */
export interface NetMember {
  readonly name: string;
  readonly address: string;
  readonly agent: AgentClient;
}

/** The links between containers: rules in the receiver's network namespace, put there by the agent in the node's holder. */
export class DockerNet implements Net {
  readonly #members: ReadonlyMap<string, NetMember>;
  readonly #clock: Clock;
  readonly #by: (states: readonly LinkState[]) => string;
  readonly #faults = new Map<string, readonly LinkFault[]>();
  #turn: Promise<unknown> = Promise.resolve();
  #probes = 0;

  /** `by` names the means that a state of links takes. */
  constructor(members: readonly NetMember[], clock: Clock, by: (states: readonly LinkState[]) => string) {
    this.#members = new Map(members.map((member) => [member.name, member]));
    this.#clock = clock;
    this.#by = by;
  }

  async apply(owner: string, faults: readonly LinkFault[]): Promise<AppliedFaults> {
    for (const { from, to } of faults) {
      if (!this.#members.has(from) || !this.#members.has(to) || from === to) throw new FaultlineError('no-such-link', `there is no link from "${from}" to "${to}"`);
    }
    return this.#inTurn(async () => {
      if (faults.length === 0) this.#faults.delete(owner);
      else this.#faults.set(owner, faults);
      return this.#send(faults);
    });
  }

  async clear(owner: string): Promise<void> {
    await this.apply(owner, []);
  }

  async heal(): Promise<void> {
    await this.#inTurn(async () => {
      this.#faults.clear();
      await this.#send([]);
    });
  }

  async stats(): Promise<readonly LinkStats[]> {
    const states = this.#states();
    const all = (await Promise.all([...this.#members.values()].map(async ({ name, agent }) => (await agent.stats()).map((counts) => ({ to: name, ...counts }))))).flat();
    // What is done where packets are sent is known there.
    const sent = new Map(all.map(({ from: peer, to: sender, outgoing }) => [`${sender}>${peer}`, outgoing]));
    return all.map(({ from, to, ...counts }) => ({
      from,
      to,
      cut: states.get(`${from}>${to}`)?.drop !== undefined,
      deliveredBytes: counts.deliveredBytes,
      deliveredChunks: counts.deliveredPackets,
      heldBytes: 0,
      stalledChunks: counts.stalledPackets,
      resets: counts.resets,
      delayedChunks: counts.delayedPackets + (sent.get(`${from}>${to}`)?.delayedPackets ?? 0),
      disturbedChunks: counts.disturbedPackets + (sent.get(`${from}>${to}`)?.disturbedPackets ?? 0),
    }));
  }

  async probe(links: readonly LinkName[] = this.#allLinks()): Promise<readonly LinkProbe[]> {
    const nonce = `${++this.#probes}`;
    const states = this.#states();
    const patience = Math.max(0, ...links.map(({ from, to }) => patienceMs(states.get(`${from}>${to}`) ?? WHOLE)));
    const senders = [...this.#members.values()].flatMap((member) => {
      const to = links.filter(({ from }) => from === member.name).flatMap((link) => this.#members.get(link.to) ?? []);
      return to.length === 0 ? [] : [{ member, to: to.map(({ name, address }) => ({ name, address })) }];
    });
    await Promise.all(senders.map(({ member, to }) => member.agent.probeSend({ to, nonce, ...PROBE })));
    await this.#clock.sleep(patience);
    const receivers = [...new Set(links.map(({ to }) => to))].flatMap((name) => this.#members.get(name) ?? []);
    const results = new Map((await Promise.all(receivers.map(async ({ name, agent }) => (await agent.probeResult(nonce)).map((result) => [`${result.from}>${name}`, result] as const)))).flat());
    return links.map(({ from, to }) => {
      const { received = 0, duplicates = 0, reordered = 0, meanMs = null, maxMs = null } = results.get(`${from}>${to}`) ?? {};
      return { from, to, sent: PROBE.count, received, duplicates, reordered, meanMs, maxMs };
    });
  }

  faulty(): boolean {
    return this.#faults.size > 0;
  }

  /** Tells every agent the whole state of its links, all at once. */
  async #send(faults: readonly LinkFault[]): Promise<AppliedFaults> {
    const states = this.#states();
    const fromNs = this.#clock.now();
    const ends = await Promise.allSettled([...this.#members.values()].map(({ name, agent }) => {
      const incoming = [...this.#members.keys()].filter((other) => other !== name).map((from) => ({ from, ...wire(states.get(`${from}>${name}`) ?? WHOLE) }));
      const outgoing = [...this.#members.keys()].filter((other) => other !== name).map((to) => ({ to, ...wire(states.get(`${name}>${to}`) ?? WHOLE) }));
      return agent.applyLinks({ incoming, outgoing });
    }));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { by: this.#by(faults.map((fault) => combineFaults([fault]))), interval: [fromNs, this.#clock.now()] };
  }

  /** What governs each link that has a fault. */
  #states(): ReadonlyMap<string, LinkState> {
    const byLink = new Map<string, LinkFault[]>();
    for (const fault of [...this.#faults.values()].flat()) {
      const key = `${fault.from}>${fault.to}`;
      byLink.set(key, [...(byLink.get(key) ?? []), fault]);
    }
    return new Map([...byLink].map(([key, faults]) => [key, combineFaults(faults)]));
  }

  #allLinks(): readonly LinkName[] {
    const names = [...this.#members.keys()];
    return names.flatMap((from) => names.flatMap((to) => (from === to ? [] : [{ from, to }])));
  }

  /** One change after the other: the last one that was asked for is the one in force. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return mine;
  }
}

function patienceMs({ delayMs, jitterMs, reorderRate, bytesPerSecond }: LinkState): number {
  // What is to be overtaken is held back a little longer; a narrow link has a queue.
  return Math.min(LONGEST_MS, delayMs + jitterMs + (reorderRate > 0 ? 100 : 0) + (bytesPerSecond === Infinity ? 0 : LONGEST_MS) + PATIENCE_MS);
}

/** JSON knows no Infinity, and leaves out what is undefined. */
function wire({ drop, bytesPerSecond, ...rest }: LinkState): Omit<LinkState, 'drop' | 'bytesPerSecond'> & { readonly drop?: 'stall' | 'reset'; readonly bytesPerSecond?: number } {
  return { ...rest, ...(drop === undefined ? {} : { drop }), ...(bytesPerSecond === Infinity ? {} : { bytesPerSecond }) };
}
