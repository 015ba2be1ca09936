/**
 * A cluster of replicas in virtual time: network, disks, crashes and pauses are simulated, everything is decided by one
 * seed, and an observer sees every step.
 */
import {
  createReplica,
  step,
  idleUntil, wantsFlush,
  type CoreConfig,
  type Effect,
  type Event,
  type NodeId,
  type Recovered,
  type Reply,
  type ReplicaState,
  type Request,
  type WalRecord,
} from '../index.js';
import { CoreRandom } from '../random.js';
import { EventQueue } from './event-queue.js';
import { SimDisk } from './sim-disk.js';
import { SimNetwork, type NetworkModel } from './sim-network.js';

/** What a simulation is made of; the rest of a node's configuration has defaults that suit virtual time. */
export interface SimOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly bugs?: readonly string[];
  readonly network?: Partial<NetworkModel>;
  /** Duration of a disk write, uniform between the two, in ms. */
  readonly diskMs?: readonly [number, number];
  readonly tickMs?: number;
  readonly config?: Partial<CoreConfig>;
  readonly observer?: SimObserver;
  /** Whether every node's clock has a zero and a rate of its own, the rate wrong by up to the configured clockErrorRate. */
  readonly skewedClocks?: boolean;
  /** Hosts look at the clock only when they tick (the bug lease-cached-clock). */
  readonly cachedClocks?: boolean;
}

/** Sees what happens, at the moment it happens. */
export interface SimObserver {
  /** After a step; state is the replica's after it. */
  stepped?(node: NodeId, event: Event, effects: readonly Effect[], state: ReplicaState): void;
  /** Records have become durable at a node. */
  durable?(node: NodeId, records: readonly WalRecord[]): void;
  /** A snapshot has become durable at a node. */
  saved?(node: NodeId, snapshot: NonNullable<Recovered['snapshot']>): void;
  /** A node has started from its disk, first or again. */
  started?(node: NodeId, state: ReplicaState): void;
}

interface SimNode {
  readonly id: NodeId;
  readonly disk: SimDisk;
  state: ReplicaState | undefined;
  /** Counts the starts, so that nothing of a former life reaches a later one. */
  life: number;
  paused: boolean;
  inbox: Event[];
  turnScheduled: boolean;
  writes: Extract<Effect, { kind: 'persist' }>[];
  writing: boolean;
  /** Of the snapshot that is being saved: its parts so far. */
  parts: string[];
  replies: Map<number, (reply: Reply) => void>;
  /** Whom it knows the way to; what is sent to others is lost. */
  reaches: Set<NodeId>;
  /** The clock at the last tick. */
  tickedAt: number;
  clock: { readonly zero: number; readonly rate: number };
}

const CLOCK_ERROR = 0.05;
const DEFAULT_NETWORK: NetworkModel = { delayMs: [0.2, 2], loss: 0, duplication: 0, ordered: true, cut: 'drop' };

/** The nodes 1 .. n, started at time 0. */
export class SimCluster {
  readonly queue = new EventQueue();
  readonly network: SimNetwork;
  /** For what drives the simulation: faults, clients. */
  readonly random: CoreRandom;
  readonly #initial: readonly NodeId[];
  readonly #options: SimOptions;
  readonly #diskRandom: CoreRandom;
  readonly #clockRandom: CoreRandom;
  readonly #nodes: Map<NodeId, SimNode>;
  #requests = 0;
  #highestId: NodeId;

  constructor(options: SimOptions) {
    this.#options = options;
    this.random = new CoreRandom(options.seed);
    this.#diskRandom = new CoreRandom(options.seed + 0x51ed27);
    this.#clockRandom = new CoreRandom(options.seed + 0x3c6ef3);
    this.#initial = Array.from({ length: options.nodes }, (_, i) => i + 1);
    this.#highestId = options.nodes;
    this.network = new SimNetwork(
      { ...DEFAULT_NETWORK, ...options.network },
      this.queue,
      new CoreRandom(options.seed + 0x2545f4),
      (from, to, message) => this.#arrive(to, { kind: 'message', now: this.queue.now, from, message }),
    );
    this.#nodes = new Map(this.#initial.map((id) => [id, newNode(id, this.#drawClock())]));
    for (const id of this.ids) this.restart(id);
  }

  /** All nodes but those that were taken away. */
  get ids(): readonly NodeId[] {
    return [...this.#nodes.keys()];
  }

  /** The members as the nodes say that know best. */
  members(): readonly NodeId[] {
    const memberships = this.ids.flatMap((id) => this.state(id)?.membership ?? []).sort((a, b) => b.epoch - a.epoch);
    return memberships[0]?.voters.map(({ id }) => id) ?? [];
  }

  /** Starts a new node, that is no member yet; gives its number. */
  addNode(): NodeId {
    const id = ++this.#highestId;
    this.#nodes.set(id, newNode(id, this.#drawClock()));
    this.restart(id);
    return id;
  }

  /** Takes a node away for good. */
  retire(id: NodeId): void {
    if (!this.#nodes.has(id)) return;
    this.crash(id);
    this.#nodes.delete(id);
  }

  /** Virtual milliseconds since the start. */
  get now(): number {
    return this.queue.now;
  }

  /** Runs until a virtual time, or until a condition holds that is looked at every few milliseconds. Whether it held. */
  run(untilMs: number, done?: () => boolean): boolean {
    while (this.now < untilMs) {
      if (done?.() === true) return true;
      this.queue.runUntil(done === undefined ? untilMs : Math.min(untilMs, this.now + 5));
    }
    return done?.() ?? true;
  }

  /** The replica of a node that runs (or is paused). */
  state(id: NodeId): ReplicaState | undefined {
    return this.#nodes.get(id)?.state;
  }

  /** What a node's clock shows now, ms. */
  clockOf(id: NodeId): number {
    const { zero, rate } = this.#node(id).clock;
    return zero + this.now * rate;
  }

  /** Lets a node's clock go on at another rate from where it is. */
  setClockRate(id: NodeId, rate: number): void {
    const node = this.#node(id);
    node.clock = { zero: this.clockOf(id) - this.now * rate, rate };
  }

  isPaused(id: NodeId): boolean {
    return this.#node(id).paused;
  }

  /** The established leader of the highest ballot, if there is one. */
  leader(): NodeId | undefined {
    const leaders = this.ids.filter((id) => this.state(id)?.role.kind === 'leader');
    const round = (id: NodeId): number => this.state(id)?.promised.round ?? 0;
    return leaders.sort((a, b) => round(b) - round(a))[0];
  }

  /** What would survive a crash of the node now. */
  disk(id: NodeId): Recovered {
    return this.#node(id).disk.recover();
  }

  /** Sends a request to a node; without reply if the node is down or goes down. */
  request(id: NodeId, request: Request, onReply: (reply: Reply) => void): void {
    const node = this.#nodes.get(id);
    if (node?.state === undefined) return;
    const requestId = ++this.#requests;
    node.replies.set(requestId, onReply);
    this.#arrive(id, { kind: 'request', now: this.now, requestId, request });
  }

  /** Kills a node: its memory and what is not durable are gone, except that a write under way may have got part of its records down. */
  crash(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (node?.state === undefined) return;
    let left = node.writing ? Math.floor(this.#diskRandom.float() * (node.writes.reduce((sum, { records }) => sum + records.length, 0) + 1)) : 0;
    for (const write of node.writes) {
      if (left <= 0) break;
      this.#makeDurable(node, write.records.slice(0, left), write.checkpoint);
      left -= write.records.length;
    }
    node.life++;
    Object.assign(node, { state: undefined, paused: false, inbox: [], writes: [], writing: false, parts: [], replies: new Map() });
    this.network.forget(id);
  }

  /** Starts a node that is down from what its disk holds. */
  restart(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (node === undefined || node.state !== undefined) return;
    const life = ++node.life;
    node.reaches = new Set(this.#initial);
    node.state = createReplica(this.#config(id), node.disk.recover(), this.clockOf(id));
    this.#options.observer?.started?.(id, node.state);
    const { tickMs = 5 } = this.#options;
    const tick = (): void => {
      if (node.life !== life) return;
      if (!node.paused) this.#arrive(id, { kind: 'tick', now: this.clockOf(id) });
      this.queue.at(this.now + tickMs, tick);
    };
    this.queue.at(this.now + this.random.between(0, tickMs), tick);
  }

  /** Stops a node's process; what is sent to it waits. */
  pause(id: NodeId): void {
    this.#node(id).paused = true;
  }

  resume(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    node.paused = false;
    if (node.inbox.length > 0) this.#scheduleTurn(node);
  }

  /** Undoes every fault. */
  healAll(): void {
    this.network.heal();
    for (const id of this.ids) {
      this.resume(id);
      this.restart(id);
    }
  }

  #drawClock(): SimNode['clock'] {
    if (this.#options.skewedClocks !== true) return { zero: 0, rate: 1 };
    const worst = this.#options.config?.clockErrorRate ?? CLOCK_ERROR;
    return { zero: this.#clockRandom.between(0, 1e6), rate: 1 + this.#clockRandom.between(-worst, worst) };
  }

  #config(id: NodeId): CoreConfig {
    const { nodes, seed, bugs = [], config } = this.#options;
    const majority = Math.floor(nodes / 2) + 1;
    return {
      self: id,
      nodes: this.#initial,
      q1: majority,
      q2: majority,
      heartbeatMs: 20,
      electionTimeoutMs: 200,
      requestTimeoutMs: 1000,
      reads: 'log',
      maxInFlight: 1000,
      maxPipeline: 64,
      leaseMs: 150,
      clockErrorRate: CLOCK_ERROR,
      stableLeader: true,
      snapshotEvery: 40,
      bugs: new Set(bugs),
      ...config,
      seed: seed * 1009 + id * 31 + this.#node(id).life,
    };
  }

  #node(id: NodeId): SimNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new RangeError(`no node ${id}`);
    return node;
  }

  #arrive(id: NodeId, event: Event): void {
    const node = this.#nodes.get(id);
    if (node?.state === undefined) return;
    node.inbox.push(event);
    if (!node.paused) this.#scheduleTurn(node);
  }

  /** Like an event loop: all that has arrived by then is one turn, ended by a flush. */
  #scheduleTurn(node: SimNode): void {
    if (node.turnScheduled) return;
    node.turnScheduled = true;
    this.queue.at(this.now, () => {
      node.turnScheduled = false;
      if (node.paused || node.state === undefined) return;
      const { state } = node;
      const events = node.inbox;
      node.inbox = [];
      for (const event of events) {
        if (event.kind === 'tick') node.tickedAt = this.clockOf(node.id);
        const idle = event.kind === 'tick' && this.#nowAt(node) < idleUntil(state);
        const wanted = wantsFlush(state);
        const did = this.#step(node, state, { ...event, now: this.#nowAt(node) });
        if (idle && did && !wanted) throw new Error(`node ${node.id} had something to do at a tick, and said that it would be idle`);
      }
      const wanted = wantsFlush(state);
      const did = this.#step(node, state, { kind: 'flush', now: this.#nowAt(node) });
      if (did && !wanted) throw new Error(`node ${node.id} had something to flush, and did not say so`);
    });
  }

  #nowAt(node: SimNode): number {
    return this.#options.cachedClocks === true ? node.tickedAt : this.clockOf(node.id);
  }

  /** Whether anything came of it. */
  #step(node: SimNode, state: ReplicaState, event: Event): boolean {
    const effects = step(state, event);
    this.#options.observer?.stepped?.(node.id, event, effects, state);
    for (const effect of effects) this.#carryOut(node, effect);
    return effects.length > 0;
  }

  #carryOut(node: SimNode, effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        if (node.reaches.has(effect.to)) this.network.send(node.id, effect.to, effect.message);
        return;
      case 'persist':
        node.writes.push(effect);
        return this.#startWrite(node);
      case 'reach':
        for (const { id } of effect.members) node.reaches.add(id);
        return;
      case 'save-snapshot':
        return this.#saveSnapshot(node, effect);
      case 'reply': {
        const onReply = node.replies.get(effect.requestId);
        if (onReply === undefined) throw new Error(`node ${node.id} replied twice, or to nobody: ${effect.requestId}`);
        node.replies.delete(effect.requestId);
        onReply(effect.reply);
      }
    }
  }

  /** Group commit: one write takes all that has collected while the last one was under way. */
  #startWrite(node: SimNode): void {
    if (node.writing || node.writes.length === 0) return;
    node.writing = true;
    const { life } = node;
    const batch = node.writes.length;
    const [low, high] = this.#options.diskMs ?? [0.5, 3];
    this.queue.at(this.now + this.#diskRandom.between(low, high), () => {
      if (node.life !== life) return;
      const done = node.writes.splice(0, batch);
      for (const { records, checkpoint } of done) this.#makeDurable(node, records, checkpoint);
      node.writing = false;
      this.#arrive(node.id, { kind: 'persisted', now: this.clockOf(node.id), upTo: done.at(-1)?.lsn ?? 0 });
      this.#startWrite(node);
    });
  }

  #makeDurable(node: SimNode, records: readonly WalRecord[], checkpoint = false): void {
    node.disk.append(records, checkpoint);
    if (records.length > 0) this.#options.observer?.durable?.(node.id, records);
  }

  /** Once all parts are there, a while later, the snapshot is durable. Its checkpoint was written before, since that was asked for first. */
  #saveSnapshot(node: SimNode, { slot, parts, last }: Extract<Effect, { kind: 'save-snapshot' }>): void {
    node.parts.push(...parts);
    if (!last) return;
    const snapshot = { slot, parts: node.parts };
    node.parts = [];
    const { life } = node;
    const generation = node.disk.generation + node.writes.filter(({ checkpoint }) => checkpoint === true).length;
    const save = (): void => {
      if (node.life !== life) return;
      if (node.disk.generation < generation) {
        this.queue.at(this.now + 1, save);
        return;
      }
      node.disk.save(snapshot, generation);
      this.#options.observer?.saved?.(node.id, snapshot);
      this.#arrive(node.id, { kind: 'snapshot-saved', now: this.clockOf(node.id), slot });
    };
    this.queue.at(this.now + this.#diskRandom.between(1, 40), save);
  }
}

function newNode(id: NodeId, clock: SimNode['clock']): SimNode {
  return {
    id,
    clock,
    tickedAt: clock.zero,
    disk: new SimDisk(),
    parts: [],
    state: undefined,
    life: 0,
    paused: false,
    inbox: [],
    turnScheduled: false,
    writes: [],
    writing: false,
    replies: new Map(),
    reaches: new Set(),
  };
}
