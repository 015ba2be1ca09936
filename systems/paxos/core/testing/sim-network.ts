import type { CoreRandom } from '../random.js';
import type { Message, NodeId } from '../index.js';
import type { EventQueue } from './event-queue.js';

/** How a simulated network treats messages. */
export interface NetworkModel {
  /** Delay of a message, uniform between the two, in ms. */
  readonly delayMs: readonly [number, number];
  /** Probabilities of losing a message, and of delivering it twice. */
  readonly loss: number;
  readonly duplication: number;
  /** Whether messages of one link keep their order, as on a TCP connection. */
  readonly ordered: boolean;
  /** What a cut link does: lose messages, or keep them until it is healed (a relay that stops reading). */
  readonly cut: 'drop' | 'stall';
}

/** A network in the same virtual time as the nodes: seeded delays, loss, copies and cuts of single directions. */
export class SimNetwork {
  readonly #model: NetworkModel;
  readonly #queue: EventQueue;
  readonly #random: CoreRandom;
  readonly #deliver: (from: NodeId, to: NodeId, message: Message) => void;
  readonly #cut = new Set<string>();
  readonly #slow = new Map<string, number>();
  readonly #stalled: { from: NodeId; to: NodeId; message: Message }[] = [];
  readonly #lastArrival = new Map<string, number>();

  constructor(
    model: NetworkModel,
    queue: EventQueue,
    random: CoreRandom,
    deliver: (from: NodeId, to: NodeId, message: Message) => void,
  ) {
    this.#model = model;
    this.#queue = queue;
    this.#random = random;
    this.#deliver = deliver;
  }

  send(from: NodeId, to: NodeId, message: Message): void {
    if (this.#random.float() < this.#model.loss) return;
    const copies = this.#random.float() < this.#model.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.#transmit(from, to, message);
  }

  /** Cuts the direction from one node to another. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(link(from, to));
  }

  /** Cuts all links between nodes of different groups, in both directions. */
  partition(groups: readonly (readonly NodeId[])[]): void {
    groups.forEach((group, i) => {
      for (const other of groups.filter((_, j) => j !== i).flat()) for (const node of group) this.cut(node, other);
    });
  }

  /** Delays everything on a direction by so much more, ms. */
  slow(from: NodeId, to: NodeId, byMs: number): void {
    this.#slow.set(link(from, to), byMs);
  }

  /** Heals all links; what stalled on them arrives. */
  heal(): void {
    this.#cut.clear();
    this.#slow.clear();
    for (const { from, to, message } of this.#stalled.splice(0)) this.#transmit(from, to, message);
  }

  /** Loses what is on its way to a node, or stalled before it: its connections are gone. */
  forget(node: NodeId): void {
    const kept = this.#stalled.filter(({ from, to }) => from !== node && to !== node);
    this.#stalled.splice(0, this.#stalled.length, ...kept);
  }

  #transmit(from: NodeId, to: NodeId, message: Message): void {
    const name = link(from, to);
    if (this.#cut.has(name)) {
      if (this.#model.cut === 'stall') this.#stalled.push({ from, to, message });
      return;
    }
    let arrival = this.#queue.now + this.#random.between(...this.#model.delayMs) + (this.#slow.get(name) ?? 0);
    if (this.#model.ordered) arrival = Math.max(arrival, this.#lastArrival.get(name) ?? 0);
    this.#lastArrival.set(name, arrival);
    this.#queue.at(arrival, () => this.#deliver(from, to, message));
  }
}

function link(from: NodeId, to: NodeId): string {
  return `${from}>${to}`;
}
