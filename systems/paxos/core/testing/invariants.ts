/** The invariants of Multi-Paxos, checked from outside after every step (paxos.md 2; the numbers are those of that list). */
import {
  ballotText,
  compareBallots,
  epochOf,
  initialMembership,
  NO_BALLOT,
  type Ballot,
  type Command,
  type CoreConfig,
  type Effect,
  type Event,
  type Membership,
  type Message,
  type NodeId,
  type Recovered,
  type ReplicaState,
  type Request,
  type Slot,
  type WalRecord,
} from '../index.js';
import { leaseUntil } from '../lease.js';
import { applyCommand, createMachine, machineText, type Machine } from '../machine.js';
import { machineOf, takeParts } from '../snapshot.js';
import type { SimCluster, SimObserver } from './sim-cluster.js';

interface Vote {
  readonly value: string;
  readonly nodes: Set<NodeId>;
}

interface Acceptor {
  /** The highest promise on its disk, in memory, and told to others. */
  durable: Ballot;
  memory: Ballot;
  told: Ballot;
  readonly accepted: Map<Slot, { readonly ballot: Ballot; readonly value: string }>;
  applied: Slot;
}

type PromiseReport = Extract<Message, { type: 'promise' }>;

const LIMIT = 20;

/** Collects violations; knows at every moment what is chosen, from the nodes' disks alone. */
export class InvariantChecker implements SimObserver {
  readonly violations: string[] = [];
  /** Chosen commands by slot, found by counting durable votes. */
  readonly chosen = new Map<Slot, Command>();
  /** Ballots in which something was proposed. */
  readonly ballots = new Set<string>();
  readonly #chosenText = new Map<Slot, string>();
  readonly #chosenUpdates = new Set<string>();
  /** By epoch: members and quorums, as the chosen commands name them. */
  readonly #memberships: Membership[];
  readonly #acceptors = new Map<NodeId, Acceptor>();
  readonly #votes = new Map<Slot, Map<string, Vote>>();
  readonly #proposed = new Map<string, string>();
  readonly #promises = new Map<string, Map<NodeId, PromiseReport>>();
  readonly #requests = new Map<number, Request>();
  /** What the chosen commands make, at slots where that was asked for. */
  readonly #folds = new Map<Slot, readonly string[]>();
  /** Slots that ended the epochs. */
  readonly #ends: Slot[] = [];
  #cluster: SimCluster | undefined;

  constructor(initial: Pick<CoreConfig, 'nodes' | 'q1' | 'q2'>) {
    this.#memberships = [initialMembership(initial)];
  }

  /** Epochs that were begun after the first. */
  get changes(): number {
    return this.#memberships.length - 1;
  }

  started(node: NodeId, state: ReplicaState): void {
    const acceptor = this.#acceptor(node);
    this.#check(compareBallots(state.promised, acceptor.told) >= 0, `I2: node ${node} forgot its promise ${ballotText(acceptor.told)}`);
    acceptor.memory = state.promised;
    acceptor.applied = 0;
    this.#checkApplied(node, acceptor, state);
  }

  durable(node: NodeId, records: readonly WalRecord[]): void {
    const acceptor = this.#acceptor(node);
    for (const record of records) {
      if (record.type === 'chosen' || record.type === 'lease') continue;
      if (compareBallots(record.ballot, acceptor.durable) > 0) acceptor.durable = record.ballot;
      if (record.type === 'accepted') this.#vote(node, acceptor, record);
    }
  }

  /** I12: a snapshot holds what the chosen commands up to its slot make. */
  saved(node: NodeId, { slot, parts }: NonNullable<Recovered['snapshot']>): void {
    this.#check(machineText(machineOf({ slot, parts }, 'first-reply')) === this.#foldTo(slot), `I12: the snapshot of node ${node} at slot ${slot} is not what was chosen up to there`);
  }

  /** Also checks leases, which concern several nodes at a moment. */
  watch(cluster: SimCluster): void {
    this.#cluster = cluster;
  }

  stepped(node: NodeId, event: Event, effects: readonly Effect[], state: ReplicaState): void {
    if (event.kind === 'request') this.#requests.set(event.requestId, event.request);
    const acceptor = this.#acceptor(node);
    this.#check(compareBallots(state.promised, acceptor.memory) >= 0, `I2: node ${node} lowered its promise`);
    acceptor.memory = state.promised;
    this.#checkApplied(node, acceptor, state);
    this.#checkLease(node, state);
    for (const effect of effects) {
      if (effect.kind === 'send') this.#checkMessage(node, acceptor, effect.message, state.log.first);
      else if (effect.kind === 'persist') this.#checkOwnProposals(node, effect.records);
      else if (effect.kind === 'reply' && effect.reply.ok) this.#checkReply(effect.requestId);
    }
  }

  /** I11: while a leader may answer by its lease nobody else leads with a barrier that is chosen. By the nodes' own clocks, at one moment of true time. */
  #checkLease(node: NodeId, state: ReplicaState): void {
    const cluster = this.#cluster;
    if (cluster === undefined || !isEstablished(state)) return;
    for (const other of cluster.ids) {
      const rival = other === node ? undefined : cluster.state(other);
      if (rival?.role.kind !== 'leader' || rival.log.chosenUpTo < rival.role.barrier) continue;
      const [low, high] = compareBallots(rival.role.ballot, ballotOf(state)) < 0 ? [rival, state] : [state, rival];
      if (low.role.kind !== 'leader') continue;
      const left = leaseUntil(low, low.role) - cluster.clockOf(low.config.self);
      this.#check(left <= 0, `I11: node ${low.config.self} has a lease for ${left} ms, and node ${high.config.self} leads with a higher ballot`);
    }
  }

  #vote(node: NodeId, acceptor: Acceptor, record: Extract<WalRecord, { type: 'accepted' }>): void {
    const { slot, ballot } = record;
    const value = JSON.stringify(record.command);
    acceptor.accepted.set(slot, { ballot, value });
    let votes = this.#votes.get(slot);
    if (votes === undefined) this.#votes.set(slot, (votes = new Map<string, Vote>()));
    const name = ballotText(ballot);
    let vote = votes.get(name);
    if (vote === undefined) votes.set(name, (vote = { value, nodes: new Set() }));
    this.#check(vote.value === value, `I4: two values in slot ${slot}, ballot ${name}`);
    this.#check(this.#proposed.get(`${name}/${slot}`) === value, `I5: slot ${slot}, ballot ${name} was never proposed like this`);
    vote.nodes.add(node);
    const membership = this.#memberships[epochOf(ballot)];
    this.#check(membership !== undefined, `I13: slot ${slot} is accepted in ballot ${name}, and the members of that epoch are not chosen yet`);
    if (membership === undefined || countVoters(membership, vote.nodes) < membership.q2) return;
    const end = this.#ends[membership.epoch];
    this.#check(end === undefined || slot <= end, `I13: slot ${slot} is chosen in ballot ${name}, and epoch ${membership.epoch} has ended with slot ${end}`);
    const known = this.#chosenText.get(slot);
    this.#check(known === undefined || known === value, `I1: slot ${slot} is chosen twice: ${known} and ${value}`);
    if (known !== undefined) return;
    this.#chosenText.set(slot, value);
    this.chosen.set(slot, record.command);
    if (record.command.kind === 'reconfigure' && record.command.membership.epoch === this.#memberships.length) this.#begin(slot, record.command.membership);
    if (record.command.kind === 'operation') this.#chosenUpdates.add(updateName(record.command));
  }

  /** I13: nothing is chosen after the end of an epoch but in a later one. */
  #begin(end: Slot, membership: Membership): void {
    this.#ends.push(end);
    this.#memberships.push(membership);
  }

  #checkMessage(node: NodeId, acceptor: Acceptor, message: Message, firstKept: Slot): void {
    switch (message.type) {
      case 'accept':
        return message.commands.forEach((command, i) => this.#checkProposal(node, message.ballot, message.slot + i, command));
      case 'promise':
        this.#tell(node, acceptor, message.ballot);
        this.#remember(node, message);
        return message.accepted.forEach(({ slot, ballot }) => this.#checkVoted(node, slot, ballot, 'promise'));
      case 'accepted':
        for (const [first, last] of message.slots) {
          for (let slot = Math.max(first, firstKept); slot <= last; slot++) this.#checkVoted(node, slot, message.ballot, 'acknowledgement');
        }
        return;
      case 'heartbeat-ack':
        return this.#tell(node, acceptor, message.ballot);
      case 'prepare':
        this.#check(message.ballot.node === node, `I4: node ${node} uses the ballot of another`);
        return this.#tell(node, acceptor, message.ballot);
      default:
        return;
    }
  }

  /** A leader whose peers are all silent proposes to itself alone. */
  #checkOwnProposals(node: NodeId, records: readonly WalRecord[]): void {
    for (const record of records) {
      if (record.type === 'accepted' && record.ballot.node === node) {
        this.#checkProposal(node, record.ballot, record.slot, record.command);
      }
    }
  }

  #tell(node: NodeId, acceptor: Acceptor, ballot: Ballot): void {
    this.#check(compareBallots(ballot, acceptor.durable) <= 0, `I7: node ${node} told of promise ${ballotText(ballot)} before it was durable`);
    if (compareBallots(ballot, acceptor.told) > 0) acceptor.told = ballot;
  }

  #checkVoted(node: NodeId, slot: Slot, ballot: Ballot, where: string): void {
    const durable = this.#votes.get(slot)?.get(ballotText(ballot))?.nodes.has(node) === true;
    this.#check(durable, `I7: ${where} of node ${node} tells of slot ${slot}, ballot ${ballotText(ballot)} before it was durable`);
  }

  #remember(node: NodeId, message: PromiseReport): void {
    const name = ballotText(message.ballot);
    let reports = this.#promises.get(name);
    if (reports === undefined) this.#promises.set(name, (reports = new Map<NodeId, PromiseReport>()));
    reports.set(node, message);
  }

  #checkProposal(node: NodeId, ballot: Ballot, slot: Slot, command: Command): void {
    const name = `${ballotText(ballot)}/${slot}`;
    const value = JSON.stringify(command);
    const before = this.#proposed.get(name);
    this.#check(ballot.node === node, `I4: node ${node} proposes in ballot ${ballotText(ballot)}`);
    this.#check(before === undefined || before === value, `I4: two proposals for slot/ballot ${name}`);
    if (before !== undefined) return;
    this.#proposed.set(name, value);
    this.ballots.add(ballotText(ballot));
    this.#check(this.#isJustified(node, ballot, slot, value), `I6: no quorum of promises justifies ${value} for ${name}`);
  }

  /** Whether some phase-1 quorum of promises has this value as that of the highest ballot, or has no value. */
  #isJustified(node: NodeId, ballot: Ballot, slot: Slot, value: string): boolean {
    if (this.#chosenText.get(slot) === value) return true;
    const reports: { ballot: Ballot; value: string | undefined }[] = [];
    const membership = this.#memberships[epochOf(ballot)];
    if (membership === undefined) return false;
    const own = this.#acceptor(node).accepted.get(slot);
    const heeded = own !== undefined && epochOf(own.ballot) === epochOf(ballot) ? own : { ballot: NO_BALLOT, value: undefined };
    if (isMember(membership, node)) reports.push(heeded);
    for (const [voter, promise] of this.#promises.get(ballotText(ballot)) ?? []) {
      if (!isMember(membership, voter)) continue;
      if (promise.chosenUpTo >= slot) continue;
      const report = promise.accepted.find((accepted) => accepted.slot === slot);
      if (report === undefined || epochOf(report.ballot) < epochOf(ballot)) reports.push({ ballot: NO_BALLOT, value: undefined });
      else reports.push({ ballot: report.ballot, value: JSON.stringify(report.command) });
    }
    const highest = reports
      .filter((report) => report.value === value)
      .reduce((high, report) => (compareBallots(report.ballot, high) > 0 ? report.ballot : high), NO_BALLOT);
    return reports.filter((report) => compareBallots(report.ballot, highest) <= 0).length >= membership.q1;
  }

  #checkApplied(node: NodeId, acceptor: Acceptor, state: ReplicaState): void {
    // What is compacted came with a snapshot.
    if (state.log.first > acceptor.applied + 1) {
      this.#check(machineText(state.machine) === this.#foldTo(state.applied), `I8: the state of node ${node} at slot ${state.applied} is not what was chosen up to there`);
    }
    for (let slot = Math.max(acceptor.applied + 1, state.log.first); slot <= state.applied; slot++) {
      const value = JSON.stringify(state.log.get(slot)?.command);
      this.#check(this.#chosenText.get(slot) === value, `I8: node ${node} applied ${value} in slot ${slot}, chosen is ${this.#chosenText.get(slot)}`);
    }
    this.#check(state.applied >= acceptor.applied, `I8: node ${node} took back what it had applied`);
    acceptor.applied = state.applied;
  }

  /** The state that the chosen commands up to a slot make; undefined if one of them is not known to be chosen. */
  #foldTo(slot: Slot): string | undefined {
    const from = Math.max(0, ...[...this.#folds.keys()].filter((known) => known <= slot));
    const parts = this.#folds.get(from);
    const machine: Machine = parts === undefined ? createMachine() : machineOf({ slot: from, parts }, 'first-reply');
    for (let next = from + 1; next <= slot; next++) {
      const command = this.chosen.get(next);
      if (command === undefined) return undefined;
      applyCommand(machine, next, command);
    }
    if (slot > 0) this.#folds.set(slot, [...takeParts(machine, slot)]);
    return machineText(machine);
  }

  #checkReply(requestId: number): void {
    const request = this.#requests.get(requestId);
    if (request?.kind !== 'operation' || request.op.f === 'read') return;
    this.#check(this.#chosenUpdates.has(updateName(request)), `I9: ${JSON.stringify(request)} was acknowledged and is not chosen`);
  }

  #acceptor(node: NodeId): Acceptor {
    let acceptor = this.#acceptors.get(node);
    if (acceptor === undefined) {
      acceptor = { durable: NO_BALLOT, memory: NO_BALLOT, told: NO_BALLOT, accepted: new Map(), applied: 0 };
      this.#acceptors.set(node, acceptor);
    }
    return acceptor;
  }

  #check(holds: boolean, violation: string): void {
    if (!holds && this.violations.length < LIMIT) this.violations.push(violation);
  }
}

function isMember({ voters }: Membership, node: NodeId): boolean {
  return voters.some(({ id }) => id === node);
}

function countVoters(membership: Membership, nodes: ReadonlySet<NodeId>): number {
  return membership.voters.filter(({ id }) => nodes.has(id)).length;
}

function updateName(update: { readonly op: unknown; readonly session?: { readonly id: number; readonly seq: number } }): string {
  return update.session === undefined ? JSON.stringify(update.op) : `${update.session.id}/${update.session.seq}`;
}

function isEstablished({ role, log }: ReplicaState): boolean {
  return role.kind === 'leader' && log.chosenUpTo >= role.barrier;
}

function ballotOf({ role }: ReplicaState): Ballot {
  return role.kind === 'leader' ? role.ballot : NO_BALLOT;
}
