import { createSocket } from 'node:dgram';
import { AgentError, run } from './command.js';
import { PROBE_PORT, type Outgoing, type Peer } from './protocol.js';
import { needsQueue, type QueueCounts } from './queues.js';

/** What overtakes is let go at once, so everything else must be held back for a while. */
const REORDER_DELAY_MS = 20;
const FAST_BITS = 10_000_000_000;
const TRIAL_MS = 30;

/** Runs `tc` with some arguments and input, and gives its output. */
export type Tc = (args: readonly string[], input?: string) => Promise<string>;

/**
 * Delays, loses and reorders outgoing packets by the kernel's netem, a class of htb for each peer: for hosts whose kernel has netem and no netfilter queues. Probes have a class
 * of their own: they suffer the same, and are not counted among the packets of the nodes.
 */
export class Netem {
  readonly #device: string;
  readonly #tc: Tc;
  /** Of disciplines that were removed. */
  readonly #before = new Map<string, QueueCounts>();
  #links: readonly NetemLink[] = [];

  constructor(device: string, tc: Tc = (args, input) => run(['tc', ...args], input)) {
    this.#device = device;
    this.#tc = tc;
  }

  /** Brings all links to peers into the state asked for. */
  async apply(links: readonly Outgoing[], peers: readonly Peer[]): Promise<void> {
    const addresses = new Map(peers.map(({ name, address }) => [name, address]));
    const needy = links.filter(needsQueue).flatMap((link) => {
      const address = addresses.get(link.to);
      return address === undefined ? [] : [{ ...link, address }];
    });
    await this.remove();
    if (needy.length === 0) return;
    this.#links = needy;
    await this.#tc(['-batch', '-'], netemCommands(this.#device, needy).join('\n'));
  }

  /** Packets to each peer that were held back or lost, since the start. */
  async counts(): Promise<ReadonlyMap<string, QueueCounts>> {
    const now = this.#links.length === 0 ? new Map<string, Qdisc>() : readQdiscs(await this.#tc(['-s', 'qdisc', 'show', 'dev', this.#device]));
    const own = new Map(this.#links.map((link, i) => [link.to, countsOf(link, now.get(classOf(i)))]));
    return new Map([...new Set([...this.#before.keys(), ...own.keys()])].map((name) => {
      const both = [this.#before.get(name), own.get(name)];
      return [name, { delayed: both.reduce((sum, part) => sum + (part?.delayed ?? 0), 0), disturbed: both.reduce((sum, part) => sum + (part?.disturbed ?? 0), 0) }];
    }));
  }

  async remove(): Promise<void> {
    if (this.#links.length === 0) return;
    // The counters go with the disciplines.
    const last = await this.counts().catch(() => new Map<string, QueueCounts>());
    await this.#tc(['qdisc', 'del', 'dev', this.#device, 'root']);
    this.#links = [];
    for (const [name, counts] of last) this.#before.set(name, counts);
  }
}

type NetemLink = Outgoing & { readonly address: string };

/** The commands of `tc -batch` for some links to addresses. */
export function netemCommands(device: string, links: readonly (Omit<Outgoing, 'to'> & { readonly address: string })[]): readonly string[] {
  const held = (id: string, link: Omit<Outgoing, 'to'>): readonly string[] => [
    `class add dev ${device} parent 1: classid 1:${id} htb rate ${FAST_BITS}bit quantum 60000`,
    `qdisc add dev ${device} parent 1:${id} handle ${id}: netem ${netemOptions(link)}`,
  ];
  return [
    `qdisc add dev ${device} root handle 1: htb default 1`,
    `class add dev ${device} parent 1: classid 1:1 htb rate ${FAST_BITS}bit quantum 60000`,
    ...links.flatMap((link, i) => [
      ...held(classOf(i), link),
      ...held(probeClassOf(i), link),
      `filter add dev ${device} parent 1: protocol ip prio 1 u32 match ip dst ${link.address}/32 match ip protocol 17 0xff match ip dport ${PROBE_PORT} 0xffff flowid 1:${probeClassOf(i)}`,
      `filter add dev ${device} parent 1: protocol ip prio 2 u32 match ip dst ${link.address}/32 flowid 1:${classOf(i)}`,
    ]),
    '',
  ];
}

/** What the kernel counted at a queueing discipline. */
export interface Qdisc {
  /** That have left it. */
  readonly sent: number;
  readonly dropped: number;
  /** That are in it. */
  readonly waiting: number;
}

/** Reads `tc -s qdisc show`: handle, in hex -> counters. */
export function readQdiscs(text: string): ReadonlyMap<string, Qdisc> {
  const found = text.matchAll(/^qdisc \S+ ([0-9a-f]+): .*\n\s*Sent \d+ bytes (\d+) pkt \(dropped (\d+),.*\n\s*backlog \S+ (\d+)p/gm);
  return new Map([...found].map(([, handle = '', sent, dropped, waiting]) => [handle, { sent: Number(sent), dropped: Number(dropped), waiting: Number(waiting) }]));
}

/** Where there is a delay or a rate every packet waits, the least of them for its own length. How many overtook, netem does not say. */
function countsOf({ lossRate, ...link }: NetemLink, qdisc: Qdisc | undefined): QueueCounts {
  if (qdisc === undefined) return { delayed: 0, disturbed: 0 };
  return { delayed: needsQueue({ ...link, lossRate: 0 }) ? qdisc.sent + qdisc.waiting : 0, disturbed: lossRate > 0 ? qdisc.dropped : 0 };
}

/** The class for the packets of the nodes on a link with a number from 0, and that for its probes. */
function classOf(i: number): string {
  return (16 + 2 * i).toString(16);
}

function probeClassOf(i: number): string {
  return (17 + 2 * i).toString(16);
}

function netemOptions({ delayMs, jitterMs, lossRate, reorderRate, bytesPerSecond }: Omit<Outgoing, 'to'>): string {
  const delay = reorderRate > 0 ? Math.max(delayMs, REORDER_DELAY_MS) : delayMs;
  const parts = ['limit 100000'];
  // Ours is uniform above the delay, netem's is around it.
  if (delay > 0 || jitterMs > 0) parts.push(`delay ${Math.round((delay + jitterMs / 2) * 1000)}us ${Math.round(jitterMs * 500)}us`);
  if (lossRate > 0) parts.push(`loss ${(lossRate * 100).toFixed(3)}%`);
  if (reorderRate > 0) parts.push(`reorder ${(reorderRate * 100).toFixed(3)}%`);
  // With a rate netem keeps the order in spite of jitter.
  if (bytesPerSecond !== undefined) parts.push(`rate ${Math.round(bytesPerSecond * 8)}bit`);
  else if (jitterMs > 0 && reorderRate === 0) parts.push(`rate ${FAST_BITS}bit`);
  return parts.join(' ');
}

/** Measures on loopback, with the very commands, that netem delays what it is to delay and nothing else. Throws AgentError. */
export async function tryNetem(): Promise<void> {
  const netem = new Netem('lo');
  const [slow, fast] = ['127.0.0.2', '127.0.0.3'];
  const whole = { jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };
  try {
    await netem.apply([{ to: 'n2', delayMs: TRIAL_MS, ...whole }], [{ name: 'n2', address: slow, mac: '' }]);
    const [late, soon] = [await quickestMs(slow), await quickestMs(fast)];
    if (late < TRIAL_MS * 0.8 || late === Infinity || soon > TRIAL_MS / 2) throw new AgentError('netem', `of ${TRIAL_MS} ms it made ${late.toFixed(1)} ms, and ${soon.toFixed(1)} ms where none was asked for`);
  } finally {
    await netem.remove().catch(() => undefined);
  }
}

/** The quickest of a few datagrams: a busy machine delays some, no machine hastens one. */
async function quickestMs(address: string): Promise<number> {
  let quickest = Infinity;
  for (let i = 0; i < 3; i++) quickest = Math.min(quickest, await loopMs(address));
  return quickest;
}

/** Milliseconds that a datagram takes to an address of this host; Infinity if it does not arrive. */
function loopMs(address: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => done(Infinity), 500);
    const began = performance.now();
    const done = (ms: number): void => {
      clearTimeout(timer);
      socket.close();
      resolve(ms);
    };
    socket.on('error', () => done(Infinity));
    socket.on('message', () => done(performance.now() - began));
    socket.bind(0, '0.0.0.0', () => socket.send('x', socket.address().port, address));
  });
}
