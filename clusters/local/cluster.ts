import type { Capability, Cluster, UnexpectedExit } from '../../src/index.js';
import type { LocalNet } from './net.js';
import type { LocalNode } from './node.js';

/** Nodes as processes of this machine, under this controller. */
export class LocalCluster implements Cluster {
  readonly provider = 'local';
  readonly nodes: readonly LocalNode[];
  readonly net: LocalNet;
  readonly #exits: readonly UnexpectedExit[];

  readonly #tracer: boolean;

  /** `exits` is the list that the nodes report to; `tracer`: whether programs can be traced. */
  constructor(nodes: readonly LocalNode[], net: LocalNet, exits: readonly UnexpectedExit[], tracer: boolean) {
    this.nodes = nodes;
    this.net = net;
    this.#exits = exits;
    this.#tracer = tracer;
  }

  supports(capability: Capability): boolean {
    const all: readonly Capability[] = ['links', 'link-delay', 'link-bandwidth', 'kill', 'terminate', 'pause', 'disk-damage'];
    return all.includes(capability) || (capability === 'clock' && this.nodes.every((node) => node.hasClock)) || (capability === 'slow-disk' && this.#tracer);
  }

  unexpectedExits(): readonly UnexpectedExit[] {
    return [...this.#exits];
  }

  /** Ends every process and closes every way, all of them even if one fails. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ends = await Promise.allSettled([...this.nodes, this.net].map((part) => part[Symbol.asyncDispose]()));
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }
}
