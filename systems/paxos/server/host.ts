import { createReplica, idleUntil, standing, status, step, wantsFlush, type Standing, type Effect, type Event, type Member, type Message, type NodeId, type Reply, type ReplicaState, type ReplicaStatus, type Recovered, type Request, type Slot } from '../core/index.js';
import { changesBetween } from './changes.js';
import type { DataFolder } from './data-folder.js';
import { diskFailure, SERVER_EXIT, ServerError } from './failure.js';
import type { Log } from './log.js';
import { addressOf, type Address, type ServerOptions } from './options.js';
import { Storage } from './storage.js';
import type { Timers } from './timers.js';

/** How often the core is told the time while it needs that, milliseconds. */
const TICK_MS = 10;
type Answer = (reply: Reply) => void;

export interface HostOptions {
  readonly server: ServerOptions;
  readonly folder: DataFolder;
  /** Seed of the core's own randomness: another one in every life of the node. */
  readonly seed: number;
  /** The clock of leases and timers, monotonic unless a bug has it otherwise, milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly log: Log;
  /** Called once when the node cannot go on. */
  readonly onFatal: (error: ServerError) => void;
}

/** What a host counts besides the core: see WalCounters and PeerTransport. */
export type HostCounters = Readonly<Record<'walWrites' | 'walFsyncs' | 'walBytes' | 'peerMessagesDropped', number>>;

/** How messages of the type M get to the other nodes. */
export interface PeerTransport<M> {
  /** Connects to a node, unless that is done already. */
  reach(peer: NodeId, address: Address): void;
  send(to: NodeId, message: M): void;
  /** Whether what is sent waits for `flush`, so that the messages of a turn go together. */
  readonly batches: boolean;
  /** Lets go what was sent in this turn. */
  flush(now: number): void;
  /** Messages dropped because a peer took nothing for too long. */
  readonly dropped: number;
  close(): void;
}

/** Hosts the core on a disk, a network and a clock. Events of one turn of the event loop are one batch: one flush, and at most one write, for all of them. */
export class Host {
  readonly #options: HostOptions;
  readonly #state: ReplicaState;
  readonly #storage: Storage;
  readonly #answers = new Map<number, Answer>();
  #transport: PeerTransport<Message> | undefined;
  #nextRequest = 1;
  #flushing = false;
  /** Whether something was sent that waits for the end of the turn. */
  #sent = false;
  /** Cancels the next tick, which is due at a time of the core's clock. */
  #ticker: (() => void) | undefined;
  #tickAt = Infinity;
  #stopped = false;
  #noted: ReplicaStatus | undefined;
  #standing: Standing | undefined;
  /** When by the monotonic clock the next tick is due. */
  #dueMs: number | undefined;
  #longestStopMs = 0;
  /** Members whose place means nothing here, and of whom that was said. */
  readonly #lost = new Set<NodeId>();

  /** Recovers from the disk. Throws ServerError. */
  constructor(options: HostOptions) {
    this.#options = options;
    const { folder, server, log } = options;
    const { storage, recovered } = Storage.open(folder.path, {
      files: folder.files,
      sleep: (ms) => options.timers.sleep(ms),
      stir: () => options.timers.stir(),
      copy: folder.copy,
      sync: server.sync,
      bugs: server.bugs,
      onDurable: (upTo) => this.#onDurable(upTo),
      onSnapshot: (slot) => this.#onSnapshot(slot),
      onFull: () => log.warn('the disk is full: this node waits for space, and does not lead meanwhile'),
      onWarning: (text) => log.warn(text),
      onFailure: (error) => this.#fatal(diskFailure(error)),
    });
    this.#storage = storage;
    this.#state = restore(options, recovered);
    const { promised, applied } = this.status();
    log.info('recovered', { snapshot: recovered.snapshot?.slot ?? null, records: recovered.records.length, promised, applied });
  }

  /** Joins the network: what the core says goes out from now on, and time goes on. */
  join(transport: PeerTransport<Message>): void {
    this.#transport = transport;
    this.#planTick(this.#options.now());
  }

  /** What the configured members were at first, as text. */
  get genesis(): string {
    const { core } = this.#options.server;
    return `nodes ${core.nodes.join(', ')}, q1 ${core.q1}, q2 ${core.q2}`;
  }

  /** Gives messages of another node to the core. */
  receive(from: NodeId, messages: readonly Message[]): void {
    const now = this.#options.now();
    for (const message of messages) this.#event({ kind: 'message', now, from, message });
  }

  /** Gives a client's request to the core. */
  request(request: Request, answer: Answer): void {
    const requestId = this.#nextRequest++;
    this.#answers.set(requestId, answer);
    this.#event({ kind: 'request', now: this.#options.now(), requestId, request });
  }

  /** Hands leadership over if this node leads; resolves when it leads no more, or cannot help it. */
  async handOver(timeoutMs: number): Promise<void> {
    const { role, established } = this.status();
    if (role !== 'leader' || !established || this.#stopped) return;
    const { timers } = this.#options;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        inTime();
        resolve();
        timers.stir();
      };
      const inTime = timers.after(timeoutMs, end);
      this.request({ kind: 'transfer' }, end);
    });
  }

  status(): ReplicaStatus {
    return status(this.#state);
  }

  /** For how long this process has at most stood still since it serves, milliseconds: by its own work, or because it was kept from working. */
  get longestStopMs(): number {
    return Math.round(this.#longestStopMs);
  }

  /** Counters of the disk and the network. */
  counters(): HostCounters {
    const { writes, fsyncs, bytes } = this.#storage.counters;
    return { walWrites: writes, walFsyncs: fsyncs, walBytes: bytes, peerMessagesDropped: this.#transport?.dropped ?? 0 };
  }

  close(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ticker?.();
    this.#transport?.close();
    this.#storage.close();
  }

  #tick(): void {
    const [now, at] = [this.#options.now(), this.#options.timers.monotonicMs()];
    this.#longestStopMs = Math.max(this.#longestStopMs, at - (this.#dueMs ?? at));
    this.#tickAt = Infinity;
    this.#endTurn({ kind: 'tick', now });
    this.#planTick(now);
  }

  /** Plans the next tick for when the core needs it, but not sooner than after the usual time. */
  #planTick(now: number): void {
    if (this.#stopped || this.#transport === undefined) return;
    const { timers } = this.#options;
    const waitMs = Math.max(TICK_MS, idleUntil(this.#state) - now);
    if (now + waitMs >= this.#tickAt) return;
    this.#ticker?.();
    this.#tickAt = now + waitMs;
    this.#dueMs = timers.monotonicMs() + waitMs;
    this.#ticker = timers.after(waitMs, () => this.#tick());
  }

  #event(event: Event): void {
    if (this.#stopped) return;
    this.#step(event);
    // It may need the time earlier than it had said.
    if (this.#tickAt - event.now > TICK_MS) this.#planTick(event.now);
    if (this.#flushing) return;
    if (!this.#sent && !wantsFlush(this.#state)) return this.#noteChanges();
    this.#flushing = true;
    this.#options.timers.soon(() => {
      this.#flushing = false;
      this.#endTurn({ kind: 'flush', now: this.#options.now() });
    });
  }

  /** What the events since the last such have left goes out. */
  #endTurn(event: Event): void {
    if (this.#stopped) return;
    this.#step(event);
    this.#sent = false;
    this.#transport?.flush(event.now);
    this.#noteChanges();
  }

  #step(event: Event): void {
    let effects: readonly Effect[];
    try {
      effects = step(this.#state, event);
    } catch (error) {
      // A broken invariant: going on could break a promise to somebody.
      this.#fatal(new ServerError(SERVER_EXIT.defect, `the replica stops: ${(error as Error).stack ?? String(error)}`));
      return;
    }
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#sent = this.#transport?.batches === true;
        return this.#transport?.send(effect.to, effect.message);
      case 'persist':
        return this.#storage.append(effect.lsn, effect.records, effect.checkpoint === true);
      case 'reach':
        return this.#reach(effect.members);
      case 'save-snapshot':
        return this.#storage.saveSnapshot(effect.slot, effect.parts, effect.last);
      case 'reply': {
        const answer = this.#answers.get(effect.requestId);
        this.#answers.delete(effect.requestId);
        return answer?.(effect.reply);
      }
    }
  }

  #reach(members: readonly Member[]): void {
    const { id: self, places } = this.#options.server;
    for (const { id, at } of members) {
      if (id === self) continue;
      const address = addressOf(at, places);
      if (address !== undefined) this.#transport?.reach(id, address);
      else if (!this.#lost.has(id)) this.#options.log.warn('a member cannot be reached: its place is neither HOST:PORT nor among --places', { member: id, at });
      if (address === undefined) this.#lost.add(id);
    }
  }

  /** What waited for this write was collected while it was on its way, and goes out at once. */
  #onDurable(upTo: number): void {
    if (this.#stopped) return;
    const now = this.#options.now();
    this.#step({ kind: 'persisted', now, upTo });
    if (!this.#flushing && wantsFlush(this.#state)) this.#endTurn({ kind: 'flush', now });
    else this.#noteChanges();
  }

  #onSnapshot(slot: Slot): void {
    this.#options.log.info('snapshot', { slot });
    this.#event({ kind: 'snapshot-saved', now: this.#options.now(), slot });
  }

  #noteChanges(): void {
    const now = standing(this.#state, this.#standing);
    if (now === this.#standing) return;
    this.#standing = now;
    this.#tellChanges();
  }

  #tellChanges(): void {
    const now = this.status();
    for (const { message, fields } of changesBetween(this.#noted, now)) this.#options.log.info(message, fields);
    this.#noted = now;
  }

  #fatal(error: ServerError): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ticker?.();
    this.#transport?.close();
    this.#options.onFatal(error);
  }
}

/** The state that the disk holds. Throws ServerError (data) if what it holds does not belong together. */
function restore({ server, seed, now }: HostOptions, recovered: Recovered): ReplicaState {
  try {
    return createReplica({ ...server.core, seed }, recovered, now());
  } catch (error) {
    throw new ServerError(SERVER_EXIT.data, `the log and the snapshot do not belong together: ${(error as Error).message}. This node may have forgotten what it promised, and must not vote. Replace it by a new node with an empty disk and a new id.`);
  }
}
