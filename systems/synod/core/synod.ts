/**
 * Paxos for single decrees, as Lamport's "Paxos Made Simple" has it: every key is decided once, by a run of the protocol of its own. No leader, no log: a node at which a client
 * proposes is a proposer of the key until it is decided. As in the core of Multi-Paxos nothing in here reads a clock, draws from a shared source of randomness or touches a socket or a disk.
 */
import { compareBallots, NO_BALLOT, sameBallot, type Ballot, type Json, type NodeId } from '../../paxos/core/index.js';
import { CoreRandom } from '../../paxos/core/random.js';
import type { SynodConfig, SynodEffect, SynodEvent, SynodMessage, SynodRecord, SynodReply, Vote } from './types.js';

/** What a node counts, from its start on. */
export interface SynodCounters {
  prepares: number;
  nacks: number;
  /** Own ballots that somebody preempted. */
  preemptions: number;
  retransmissions: number;
  /** Values of others that a proposer found and had to go on with. */
  adopted: number;
  decided: number;
  unknownReplies: number;
}

interface Proposal {
  readonly ballot: Ballot;
  readonly promises: Map<NodeId, Vote | undefined>;
  /** In phase 2: what is proposed, and who has accepted it. */
  value: Json | undefined;
  readonly accepted: Set<NodeId>;
  /** How many acknowledgements have come, whosever they are: for the bug count-acks-not-nodes. */
  acks: number;
  sentAt: number;
}

interface Waiter {
  readonly requestId: number;
  readonly value: Json;
  readonly deadline: number;
}

/** One key at one node. */
interface Decree {
  readonly key: string;
  promised: Ballot;
  accepted: Vote | undefined;
  decided: { readonly value: Json } | undefined;
  highestRound: number;
  proposal: Proposal | undefined;
  waiters: Waiter[];
  failures: number;
  /** When to try again after a preemption. */
  retryAt: number | undefined;
}

/** A node: acceptor of all keys, proposer of those that its clients propose for. */
export class Synod {
  readonly counters: SynodCounters = { prepares: 0, nacks: 0, preemptions: 0, retransmissions: 0, adopted: 0, decided: 0, unknownReplies: 0 };
  readonly #config: SynodConfig;
  readonly #random: CoreRandom;
  readonly #decrees = new Map<string, Decree>();
  /** Keys with waiters: the others need no time. */
  readonly #busy = new Set<Decree>();
  #now: number;
  #effects: SynodEffect[] = [];
  #lsn = 0;
  #durable = 0;
  #deferred: { readonly lsn: number; readonly run: () => void }[] = [];

  /** A node as it is after a start: all it knows are the records of its disk, in the order in which they were written. */
  constructor(config: SynodConfig, records: readonly SynodRecord[], now: number) {
    this.#config = config;
    this.#random = new CoreRandom(config.seed);
    this.#now = now;
    for (const record of records) this.#replay(record);
  }

  /** Takes in one event and gives what is to be done, in order. */
  step(event: SynodEvent): readonly SynodEffect[] {
    this.#now = Math.max(this.#now, event.now);
    if (event.kind === 'tick') for (const decree of this.#busy) this.#tick(decree);
    else if (event.kind === 'propose') this.#propose(event.key, event.value, event.requestId);
    else if (event.kind === 'persisted') this.#persisted(event.upTo);
    else this.#receive(event.from, event.message);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** The number of keys that this node knows the decision of. */
  get decisions(): number {
    return [...this.#decrees.values()].filter(({ decided }) => decided !== undefined).length;
  }

  #replay(record: SynodRecord): void {
    const decree = this.#decree(record.key);
    if (record.type === 'promised' && this.#has('forget-promise')) return;
    if (record.type === 'accepted' && this.#has('forget-accepted')) return;
    const promises = record.type === 'promised' || !this.#has('accept-no-promise-bump');
    if (promises && compareBallots(record.ballot, decree.promised) > 0) decree.promised = record.ballot;
    if (record.type === 'accepted') decree.accepted = { ballot: record.ballot, value: record.value };
  }

  #receive(from: NodeId, message: SynodMessage): void {
    const decree = this.#decree(message.key);
    switch (message.type) {
      case 'prepare':
        return this.#onPrepare(decree, from, message.ballot);
      case 'promise':
        return this.#onPromise(decree, from, message.ballot, message.accepted);
      case 'accept':
        return this.#onAccept(decree, from, message.ballot, message.value);
      case 'accepted':
        return this.#onAccepted(decree, from, message.ballot);
      case 'nack':
        return this.#onNack(decree, message.ballot, message.promised);
      case 'decided':
        return this.#decide(decree, message.value, false);
    }
  }

  /** An acceptor promises a ballot that is higher than all it has promised. */
  #onPrepare(decree: Decree, from: NodeId, ballot: Ballot): void {
    if (this.#rank(ballot, decree.promised) < 0 && !this.#has('promise-lower-ballot')) return this.#refuse(decree, from, ballot);
    const { accepted } = decree;
    this.#whenDurable(this.#promise(decree, ballot), () => this.#send(from, { type: 'promise', key: decree.key, ballot, ...(accepted === undefined ? {} : { accepted }) }));
  }

  /** It accepts in every ballot but those that are lower than its promise. */
  #onAccept(decree: Decree, from: NodeId, ballot: Ballot, value: Json): void {
    if (this.#rank(ballot, decree.promised) < 0 && !this.#has('accept-below-promise')) return this.#refuse(decree, from, ballot);
    this.#whenDurable(this.#accept(decree, ballot, value), () => this.#send(from, { type: 'accepted', key: decree.key, ballot }));
  }

  /** The order of ballots as an acceptor sees it. */
  #rank(a: Ballot, b: Ballot): number {
    return this.#has('ballot-without-node-id') ? a.round - b.round : compareBallots(a, b);
  }

  #promise(decree: Decree, ballot: Ballot): number {
    if (sameBallot(ballot, decree.promised)) return this.#lsn;
    decree.promised = ballot;
    decree.highestRound = Math.max(decree.highestRound, ballot.round);
    return this.#record({ type: 'promised', key: decree.key, ballot });
  }

  #accept(decree: Decree, ballot: Ballot, value: Json): number {
    if (compareBallots(ballot, decree.promised) > 0 && !this.#has('accept-no-promise-bump')) decree.promised = ballot;
    decree.highestRound = Math.max(decree.highestRound, ballot.round);
    if (decree.accepted !== undefined && sameBallot(decree.accepted.ballot, ballot)) return this.#lsn;
    decree.accepted = { ballot, value };
    return this.#record({ type: 'accepted', key: decree.key, ballot, value });
  }

  #refuse({ key, promised }: Decree, to: NodeId, ballot: Ballot): void {
    this.counters.nacks++;
    this.#send(to, { type: 'nack', key, ballot, promised });
  }

  #propose(key: string, value: Json, requestId: number): void {
    const decree = this.#decree(key);
    if (decree.decided !== undefined) return this.#reply(requestId, { ok: true, value: decree.decided.value });
    decree.waiters.push({ requestId, value, deadline: this.#now + this.#config.requestTimeoutMs });
    this.#busy.add(decree);
    if (decree.proposal === undefined && decree.retryAt === undefined) this.#begin(decree);
  }

  /** Phase 1, with a ballot that was never used: the own promise is durable before anybody hears of it. */
  #begin(decree: Decree): void {
    const above = this.#has('ballot-reuse-after-restart') ? decree.highestRound : Math.max(decree.highestRound, decree.promised.round);
    const ballot: Ballot = { round: above + 1, node: this.#config.self };
    const proposal: Proposal = { ballot, promises: new Map(), value: undefined, accepted: new Set(), acks: 0, sentAt: this.#now };
    decree.proposal = proposal;
    decree.retryAt = undefined;
    this.counters.prepares++;
    const { accepted } = decree;
    this.#whenDurable(this.#promise(decree, ballot), () => {
      if (decree.proposal !== proposal) return;
      this.#toOthers({ type: 'prepare', key: decree.key, ballot });
      this.#onPromise(decree, this.#config.self, ballot, accepted);
    });
  }

  /** With promises of a majority: proposes what was accepted in the highest ballot, or else what a client here wants. */
  #onPromise(decree: Decree, from: NodeId, ballot: Ballot, accepted: Vote | undefined): void {
    const { proposal } = decree;
    if (proposal === undefined || !sameBallot(proposal.ballot, ballot) || proposal.value !== undefined) return;
    proposal.promises.set(from, accepted);
    if (proposal.promises.size < this.#majority) return;
    const found = this.#highest([...proposal.promises.values()]);
    const value = found?.value ?? decree.waiters[0]?.value;
    if (value === undefined) return this.#abandon(decree);
    // Somebody else's prepare came between.
    if (this.#rank(ballot, decree.promised) < 0 && !this.#has('accept-below-promise')) return this.#preempted(decree);
    if (found !== undefined) this.counters.adopted++;
    proposal.value = value;
    proposal.sentAt = this.#now;
    this.#toOthers({ type: 'accept', key: decree.key, ballot, value });
    this.#whenDurable(this.#accept(decree, ballot, value), () => this.#onAccepted(decree, this.#config.self, ballot));
  }

  /** A value is chosen when a majority has accepted it in one ballot. */
  #onAccepted(decree: Decree, from: NodeId, ballot: Ballot): void {
    const { proposal } = decree;
    if (proposal?.value === undefined || (!sameBallot(proposal.ballot, ballot) && !this.#has('tally-across-ballots'))) return;
    proposal.accepted.add(from);
    proposal.acks++;
    const tally = this.#has('count-acks-not-nodes') ? proposal.acks : proposal.accepted.size;
    if (tally < (this.#has('ack-before-chosen') ? 1 : this.#majority)) return;
    this.#decide(decree, proposal.value, true);
  }

  #onNack(decree: Decree, ballot: Ballot, promised: Ballot): void {
    decree.highestRound = Math.max(decree.highestRound, promised.round);
    if (decree.proposal !== undefined && sameBallot(decree.proposal.ballot, ballot)) this.#preempted(decree);
  }

  /** Two proposers can preempt each other for ever: a random pause, which doubles with every failure, lets one of them through. */
  #preempted(decree: Decree): void {
    this.counters.preemptions++;
    decree.proposal = undefined;
    decree.failures++;
    if (this.#has('no-backoff')) return this.#begin(decree);
    const { retryMs } = this.#config;
    decree.retryAt = this.#now + this.#random.between(0, retryMs * 2 ** Math.min(decree.failures - 1, 5));
  }

  #decide(decree: Decree, value: Json, tell: boolean): void {
    if (tell) this.#toOthers({ type: 'decided', key: decree.key, value });
    if (decree.decided === undefined) {
      decree.decided = { value };
      this.counters.decided++;
    }
    for (const { requestId } of decree.waiters) this.#reply(requestId, { ok: true, value: decree.decided.value });
    decree.waiters = [];
    this.#abandon(decree);
  }

  #abandon(decree: Decree): void {
    decree.proposal = undefined;
    decree.retryAt = undefined;
    this.#busy.delete(decree);
  }

  #tick(decree: Decree): void {
    const late = decree.waiters.filter(({ deadline }) => this.#now >= deadline);
    decree.waiters = decree.waiters.filter((waiter) => !late.includes(waiter));
    this.counters.unknownReplies += late.length;
    for (const { requestId } of late) this.#reply(requestId, { ok: false, message: `not decided within ${this.#config.requestTimeoutMs} ms` });
    if (decree.waiters.length === 0) return this.#abandon(decree);
    const { proposal, retryAt } = decree;
    if (retryAt !== undefined && this.#now >= retryAt) this.#begin(decree);
    if (proposal !== undefined && this.#now - proposal.sentAt >= this.#config.retryMs) this.#resend(decree, proposal);
  }

  #resend({ key }: Decree, proposal: Proposal): void {
    const { ballot, value, promises, accepted } = proposal;
    // Before its own promise is durable nobody has heard of it.
    if (!promises.has(this.#config.self)) return;
    proposal.sentAt = this.#now;
    this.counters.retransmissions++;
    const message: SynodMessage = value === undefined ? { type: 'prepare', key, ballot } : { type: 'accept', key, ballot, value };
    for (const node of this.#config.nodes) if (node !== this.#config.self && !(value === undefined ? promises.has(node) : accepted.has(node))) this.#send(node, message);
  }

  #highest(votes: readonly (Vote | undefined)[]): Vote | undefined {
    if (this.#has('own-value-after-prepare')) return undefined;
    const sign = this.#has('lowest-ballot-wins') ? -1 : 1;
    return votes.filter((vote) => vote !== undefined).sort((a, b) => sign * compareBallots(b.ballot, a.ballot))[0];
  }

  get #majority(): number {
    const half = this.#config.nodes.length / 2;
    return this.#has('quorum-short') ? Math.max(1, Math.floor(half)) : Math.floor(half) + 1;
  }

  #decree(key: string): Decree {
    let decree = this.#decrees.get(key);
    if (decree === undefined) {
      decree = { key, promised: NO_BALLOT, accepted: undefined, decided: undefined, highestRound: 0, proposal: undefined, waiters: [], failures: 0, retryAt: undefined };
      this.#decrees.set(key, decree);
    }
    return decree;
  }

  #toOthers(message: SynodMessage): void {
    for (const node of this.#config.nodes) if (node !== this.#config.self) this.#send(node, message);
  }

  #send(to: NodeId, message: SynodMessage): void {
    this.#effects.push({ kind: 'send', to, message });
  }

  #reply(requestId: number, reply: SynodReply): void {
    this.#effects.push({ kind: 'reply', requestId, reply });
  }

  #record(record: SynodRecord): number {
    this.#effects.push({ kind: 'persist', lsn: ++this.#lsn, records: [record] });
    return this.#lsn;
  }

  #whenDurable(lsn: number, run: () => void): void {
    if (lsn <= this.#durable) run();
    else this.#deferred.push({ lsn, run });
  }

  #persisted(upTo: number): void {
    this.#durable = Math.max(this.#durable, upTo);
    const ready = this.#deferred.filter(({ lsn }) => lsn <= upTo);
    this.#deferred = this.#deferred.filter(({ lsn }) => lsn > upTo);
    for (const { run } of ready) run();
  }

  #has(bug: string): boolean {
    return this.#config.bugs.has(bug);
  }
}
