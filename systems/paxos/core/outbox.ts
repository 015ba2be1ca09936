/**
 * What leaves the core: sends and replies at once, records for the disk collected until the flush, and what may be said
 * only once those records are durable. Host contract: persist effects are written in the order of their lsn, and
 * `persisted {upTo}` is given when all up to there would survive a crash.
 */
import type { Effect, Member, NodeId, Reply, Slot, WalRecord } from './types.js';
import type { Message } from './messages.js';

interface Deferred {
  readonly lsn: number;
  readonly run: () => void;
}

interface PendingWrite {
  readonly lsn: number;
  readonly since: number;
}

const NO_EFFECTS: readonly Effect[] = [];

/** The effects of the current step, and the bookkeeping of durability. */
export class Outbox {
  #effects: Effect[] = [];
  #records: WalRecord[] = [];
  /** The lsn that the collected records will get. */
  #nextLsn = 1;
  #durableLsn = 0;
  #deferred: Deferred[] = [];
  #pending: PendingWrite[] = [];

  /** `hasty` is the bug ack-before-fsync: what is to be said when a write is durable is said at once. */
  constructor(readonly hasty = false) {}

  /** The lsn up to which all records are durable. */
  get durableLsn(): number {
    return this.#durableLsn;
  }

  /** The lsn of the newest record, collected or emitted; everything recorded so far is durable when this is. */
  get newestLsn(): number {
    return this.#records.length > 0 ? this.#nextLsn : this.#nextLsn - 1;
  }

  /** Since when the oldest unfinished write is on its way, or undefined. */
  get oldestWriteSince(): number | undefined {
    return this.#pending[0]?.since;
  }

  /** Says something that depends on no write of this step. */
  send(to: NodeId, message: Message): void {
    this.#effects.push({ kind: 'send', to, message });
  }

  /** Answers a client of this node. */
  reply(requestId: number, reply: Reply): void {
    this.#effects.push({ kind: 'reply', requestId, reply });
  }

  /** Names nodes that the host must be able to reach. */
  reach(members: readonly Member[]): void {
    if (members.length > 0) this.#effects.push({ kind: 'reach', members });
  }

  /** Collects a record for the next persist effect and gives that effect's lsn. */
  record(record: WalRecord): number {
    this.#records.push(record);
    return this.#nextLsn;
  }

  /** Whether records wait for the next persist effect. */
  get hasRecords(): boolean {
    return this.#records.length > 0;
  }

  /** Runs an action now if the lsn is durable, else as soon as it is; actions run in the order of their lsn. */
  whenDurable(lsn: number, run: () => void): void {
    if (lsn <= this.#durableLsn || this.hasty) run();
    else this.#deferred.push({ lsn, run });
  }

  /** Emits the collected records as one persist effect. */
  emitRecords(now: number): void {
    if (this.#records.length === 0) return;
    const lsn = this.#nextLsn++;
    this.#effects.push({ kind: 'persist', lsn, records: this.#records });
    this.#records = [];
    this.#pending.push({ lsn, since: now });
  }

  /** Emits what is collected, and then records that begin a new piece of the log: those before are of no use once the snapshot that is begun with them is durable. */
  checkpoint(records: readonly WalRecord[], now: number): void {
    this.emitRecords(now);
    const lsn = this.#nextLsn++;
    this.#effects.push({ kind: 'persist', lsn, records, checkpoint: true });
    this.#pending.push({ lsn, since: now });
  }

  /** Gives the host more of the snapshot that belongs to the latest checkpoint. */
  saveSnapshot(slot: Slot, parts: readonly string[], last: boolean): void {
    this.#effects.push({ kind: 'save-snapshot', slot, parts, last });
  }

  /** Notes durability and runs what waited for it. Refuses what was never emitted. */
  persisted(upTo: number): void {
    if (upTo >= this.#nextLsn) throw new Error(`persisted up to ${upTo}, but only ${this.#nextLsn - 1} writes were asked for`);
    if (upTo <= this.#durableLsn) return;
    this.#durableLsn = upTo;
    this.#pending = this.#pending.filter((write) => write.lsn > upTo);
    if (this.#deferred.length === 0) return;
    const ready = this.#deferred.filter((deferred) => deferred.lsn <= upTo);
    this.#deferred = this.#deferred.filter((deferred) => deferred.lsn > upTo);
    for (const deferred of ready) deferred.run();
  }

  /** Whether there are effects that no step has given yet: what a start leaves. */
  get hasEffects(): boolean {
    return this.#effects.length > 0;
  }

  /** The effects since the last call. */
  take(): readonly Effect[] {
    if (this.#effects.length === 0) return NO_EFFECTS;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
