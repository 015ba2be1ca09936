import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../../paxos/server/data-folder.js';
import { diskFailure, SERVER_EXIT, ServerError } from '../../paxos/server/failure.js';
import type { Log } from '../../paxos/server/log.js';
import { Transport } from '../../paxos/server/transport.js';
import { Wal } from '../../paxos/server/wal.js';
import { Synod, type SynodEffect, type SynodEvent, type SynodMessage, type SynodRecord, type SynodReply } from '../core/index.js';
import type { SynodServerOptions } from './options.js';
import { messageSchema, recordsSchema } from './wire.js';

const TICK_MS = 5;

export interface SynodHostOptions {
  readonly server: SynodServerOptions;
  readonly folder: DataFolder;
  readonly seed: number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
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
  #transport: Transport<SynodMessage> | undefined;
  #requests = 0;
  #ticker: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(options: SynodHostOptions) {
    this.#options = options;
    const { server, folder, log } = options;
    const { wal, records, tornBytes } = Wal.open<SynodRecord>(folder.path, {
      files: folder.files,
      sleep,
      from: 0,
      schema: recordsSchema,
      sync: true,
      copy: folder.copy,
      onDurable: (upTo) => this.#event({ kind: 'persisted', now: options.now(), upTo }),
      onFull: () => log.warn('the disk is full: this node waits for space'),
      onFailure: (error) => this.#fatal(diskFailure(error)),
    });
    this.#wal = wal;
    const nodes = [server.id, ...server.peers.keys()].sort((a, b) => a - b);
    this.#synod = new Synod({ self: server.id, nodes, retryMs: server['retry-ms'], requestTimeoutMs: server['request-timeout-ms'], seed: options.seed, bugs: new Set<string>(server.bug) }, records, options.now());
    log.info('recovered', { records: records.length, tornBytes });
  }

  /** Recovers from the disk and joins the network. Throws ServerError. */
  static async open(options: SynodHostOptions): Promise<SynodHost> {
    const host = new SynodHost(options);
    const { id, cluster, peer, peers } = options.server;
    const genesis = `nodes ${[id, ...peers.keys()].sort((a, b) => a - b).join(', ')}`;
    const onMessages = (from: number, messages: readonly SynodMessage[]): void => {
      for (const message of messages) host.#event({ kind: 'message', now: options.now(), from, message });
    };
    host.#transport = await Transport.open<SynodMessage>({ schema: messageSchema, self: id, cluster, genesis, listen: peer, peers, log: options.log, onMessages });
    host.#ticker = setInterval(() => host.#event({ kind: 'tick', now: options.now() }), TICK_MS);
    return host;
  }

  /** Proposes a value for a client; the answer is what is chosen. */
  propose(key: string, value: Extract<SynodEvent, { kind: 'propose' }>['value'], answer: (reply: SynodReply) => void): void {
    const requestId = ++this.#requests;
    this.#answers.set(requestId, answer);
    this.#event({ kind: 'propose', now: this.#options.now(), requestId, key, value });
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
    clearInterval(this.#ticker);
    this.#transport?.close();
    this.#wal.close();
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
    this.#transport?.flush(this.#options.now());
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
    clearInterval(this.#ticker);
    this.#transport?.close();
    this.#options.onFatal(error);
  }
}
