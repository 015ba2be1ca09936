import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROBE_PORT, type ProbeResult } from './protocol.js';

const KEPT_PROBES = 32;

interface Arrivals {
  received: number;
  duplicates: number;
  reordered: number;
  highest: number;
  readonly seen: Set<number>;
  sumMs: number;
  maxMs: number;
}

/**
 * Sends and counts numbered datagrams. The monotonic clock is one for all containers of an engine, so the time on the way is measured in one direction. No message
 * of a probe is ever answered: each tells of its own link alone.
 */
export class Prober {
  readonly #self: string;
  readonly #probes = new Map<string, Map<string, Arrivals>>();
  #socket: Promise<Socket> | undefined;

  constructor(self: string) {
    this.#self = self;
  }

  /** Begins to listen. */
  async open(): Promise<void> {
    await this.#open();
  }

  async send(to: readonly { readonly address: string }[], nonce: string, count: number, gapMs: number): Promise<void> {
    const socket = await this.#open();
    for (let sequence = 0; sequence < count; sequence++) {
      if (sequence > 0) await sleep(gapMs);
      for (const { address } of to) {
        // A send that the network refuses is a datagram that did not arrive.
        socket.send(`${this.#self} ${nonce} ${sequence} ${process.hrtime.bigint()}`, PROBE_PORT, address, () => undefined);
      }
    }
  }

  result(nonce: string): readonly ProbeResult[] {
    return [...(this.#probes.get(nonce) ?? [])].map(([from, { received, duplicates, reordered, sumMs, maxMs }]) => ({
      from,
      received,
      duplicates,
      reordered,
      meanMs: received === 0 ? null : round(sumMs / received),
      maxMs: received === 0 ? null : round(maxMs),
    }));
  }

  #open(): Promise<Socket> {
    this.#socket ??= new Promise((resolve, reject) => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
      socket.once('error', reject);
      socket.on('message', (bytes) => this.#hear(bytes.toString('latin1')));
      socket.bind(PROBE_PORT, () => {
        socket.removeAllListeners('error').on('error', () => undefined);
        resolve(socket);
      });
    });
    return this.#socket;
  }

  #hear(text: string): void {
    const now = process.hrtime.bigint();
    const [from = '', nonce = '', number = '', sent = ''] = text.split(' ');
    if (!/^n\d+$/.test(from) || !/^\d+$/.test(number) || !/^\d+$/.test(sent)) return;
    const sequence = Number(number);
    const arrivals = this.#arrivals(nonce, from);
    if (arrivals.seen.has(sequence)) {
      arrivals.duplicates += 1;
      return;
    }
    arrivals.seen.add(sequence);
    arrivals.received += 1;
    if (sequence < arrivals.highest) arrivals.reordered += 1;
    arrivals.highest = Math.max(arrivals.highest, sequence);
    const ms = Number(now - BigInt(sent)) / 1e6;
    arrivals.sumMs += ms;
    arrivals.maxMs = Math.max(arrivals.maxMs, ms);
  }

  #arrivals(nonce: string, from: string): Arrivals {
    const probe = this.#probes.get(nonce) ?? new Map<string, Arrivals>();
    this.#probes.set(nonce, probe);
    if (this.#probes.size > KEPT_PROBES) this.#probes.delete([...this.#probes.keys()][0] ?? '');
    const arrivals = probe.get(from) ?? { received: 0, duplicates: 0, reordered: 0, highest: -1, seen: new Set<number>(), sumMs: 0, maxMs: 0 };
    probe.set(from, arrivals);
    return arrivals;
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
