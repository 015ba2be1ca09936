import type { Json, NodeId } from '../../paxos/core/index.js';
import type { DataFolder } from '../../paxos/server/data-folder.js';
import { diskFailure, SERVER_EXIT, ServerError } from '../../paxos/server/failure.js';
import type { PeerTransport } from '../../paxos/server/host.js';
import type { Log } from '../../paxos/server/log.js';
import type { Timers } from '../../paxos/server/timers.js';
import { Wal } from '../../paxos/server/wal.js';
import { Synod, type SynodEffect, type SynodEvent, type SynodMessage, type SynodRecord, type SynodReply } from '../core/index.js';
import type { SynodServerOptions } from './options.js';
import { recordsSchema } from './wire.js';

/** How often the core is told the time, milliseconds. */
const TICK_MS = 5;

export interface SynodHostOptions {
  readonly server: SynodServerOptions;
  readonly folder: DataFolder;
  /** Seed of the core's own randomness: another one in every life of the node. */
  readonly seed: number;
  readonly timers: Timers;
  readonly log: Log;
  /** Called once when the node cannot go on. */
  readonly onFatal: (error: ServerError) => void;
}

/** Hosts the core on a disk, a network and a clock. */
export class SynodHost {
  readonly #options: SynodHostOptions;
  readonly #synod: Synod;
  readonly #wal: Wal<SynodRecord>;
  readonly #answers = new Map<number, (reply: SynodReply) => void>();
  #transport: PeerTransport<SynodMessage> | undefined;
  #requests = 0;
  #ticker: (() => void) | undefined;
  #stopped = false;

  /** Recovers from the disk. Throws ServerError. */
  constructor(options: SynodHostOptions) {
    this.#options = options;
    const { server, folder, timers, log } = options;
    const { wal, records, tornBytes } = Wal.open<SynodRecord>(folder.path, {
      files: folder.files,
      sleep: (ms) => timers.sleep(ms),
      from: 0,
      schema: recordsSchema,
      sync: true,
      copy: folder.copy,
      onDurable: (upTo) => this.#event({ kind: 'persisted', now: timers.monotonicMs(), upTo }),
      onFull: () => log.warn('the disk is full: this node waits for space'),
      onFailure: (error) => this.#fatal(diskFailure(error)),
    });
    this.#wal = wal;
    this.#synod = new Synod({ self: server.id, nodes: nodesOf(server), retryMs: server['retry-ms'], requestTimeoutMs: server['request-timeout-ms'], seed: options.seed, bugs: new Set<string>(server.bug) }, records, timers.monotonicMs());
    log.info('recovered', { records: records.length, tornBytes });
  }

  /** Joins the network: what the core says goes out from now on, and time goes on. */
  join(transport: PeerTransport<SynodMessage>): void {
    this.#transport = transport;
    this.#ticker = this.#options.timers.every(TICK_MS, () => this.#event({ kind: 'tick', now: this.#now() }));
  }

  /** Who the nodes are, as text: the same at all of them. */
  get genesis(): string {
    return `nodes ${nodesOf(this.#options.server).join(', ')}`;
  }

  /** Gives messages of another node to the core. */
  receive(from: NodeId, messages: readonly SynodMessage[]): void {
    for (const message of messages) this.#event({ kind: 'message', now: this.#now(), from, message });
  }

  /** Proposes a value for a client; the answer is what is chosen. */
  propose(key: string, value: Json, answer: (reply: SynodReply) => void): void {
    const requestId = ++this.#requests;
    this.#answers.set(requestId, answer);
    this.#event({ kind: 'propose', now: this.#now(), requestId, key, value });
  }

  counters(): Readonly<Record<string, number>> {
    const { writes, fsyncs } = this.#wal.counters;
    return { ...this.#synod.counters, walWrites: writes, walFsyncs: fsyncs, peerMessagesDropped: this.#transport?.dropped ?? 0 };
  }

  get decisions(): number {
    return this.#synod.decisions;
  }

  close(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ticker?.();
    this.#transport?.close();
    this.#wal.close();
  }

  #now(): number {
    return this.#options.timers.monotonicMs();
  }

  #event(event: SynodEvent): void {
    if (this.#stopped) return;
    let effects: readonly SynodEffect[];
    try {
      effects = this.#synod.step(event);
    } catch (error) {
      this.#fatal(new ServerError(SERVER_EXIT.defect, `the node stops: ${(error as Error).stack ?? String(error)}`));
      return;
    }
    for (const effect of effects) this.#perform(effect);
    this.#transport?.flush(this.#now());
  }

  #perform(effect: SynodEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#transport?.send(effect.to, effect.message);
      case 'persist':
        return this.#wal.append(effect.lsn, effect.records);
      case 'reply':
        this.#answers.get(effect.requestId)?.(effect.reply);
        this.#answers.delete(effect.requestId);
    }
  }

  #fatal(error: ServerError): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ticker?.();
    this.#transport?.close();
    this.#options.onFatal(error);
  }
}

function nodesOf({ id, peers }: Pick<SynodServerOptions, 'id' | 'peers'>): readonly NodeId[] {
  return [id, ...peers.keys()].sort((a, b) => a - b);
}
