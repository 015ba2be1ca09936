import type { Machine } from '../../../src/index.js';
import type { NodeId } from '../core/index.js';
import type { PeerTransport } from '../server/host.js';
import type { Address, ServerOptions } from '../server/options.js';

/** A message on its way, with what a connection's greeting would say. */
export interface Envelope<M> {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly cluster: string;
  readonly genesis: string;
  readonly message: M;
}

/** What sort of message is in an envelope. */
export function sortOf(envelope: unknown): string {
  return (envelope as Envelope<{ readonly type: string }>).message.type;
}

/** Messages between nodes over simulated links. What is meant for another number or another cluster is not taken. */
export class SimTransport<M> implements PeerTransport<M> {
  readonly dropped = 0;
  readonly batches = false;
  readonly #machine: Machine;
  readonly #options: Pick<ServerOptions, 'id' | 'cluster'>;
  readonly #genesis: string;
  readonly #hosts = new Map<NodeId, string>();
  #closed = false;

  constructor(machine: Machine, options: Pick<ServerOptions, 'id' | 'cluster' | 'peers'>, genesis: string, onMessage: (from: NodeId, message: M) => void) {
    this.#machine = machine;
    this.#options = options;
    this.#genesis = genesis;
    for (const [peer, address] of options.peers) this.reach(peer, address);
    machine.receive((_, envelope) => {
      const { from, to, cluster, genesis: theirs, message } = envelope as Envelope<M>;
      if (!this.#closed && to === options.id && cluster === options.cluster && theirs === genesis) onMessage(from, message);
    });
  }

  reach(peer: NodeId, { host }: Address): void {
    if (peer !== this.#options.id && !this.#hosts.has(peer)) this.#hosts.set(peer, host);
  }

  send(to: NodeId, message: M): void {
    const host = this.#hosts.get(to);
    if (host === undefined || host === this.#machine.node || this.#closed) return;
    const { id, cluster } = this.#options;
    const envelope: Envelope<M> = { from: id, to, cluster, genesis: this.#genesis, message };
    this.#machine.send(host, envelope);
  }

  flush(): void {
    // Every message goes its own way at once.
  }

  close(): void {
    this.#closed = true;
  }
}
