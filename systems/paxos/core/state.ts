/** The state of a replica: the acceptor's durable part, what is rebuilt from it, and the role of the moment. */
import { NO_BALLOT } from './ballot.js';
import type { CoreBugName } from './bugs.js';
import type { Grant } from './lease.js';
import { Log } from './log.js';
import { initialMembership, type MemberChange } from './membership.js';
import { createMachine, type DedupeMode, type Machine } from './machine.js';
import type { PromiseMessage, SlotRange } from './messages.js';
import { Outbox } from './outbox.js';
import { CoreRandom } from './random.js';
import { SeenIds } from './seen-ids.js';
import type { Snapshot } from './snapshot.js';
import type { Receiving } from './snapshot-transfer.js';
import type { Lent, Saving } from './snapshots.js';
import type { Ballot, Command, CoreConfig, Membership, NodeId, ReadMode, Reply, Request, SessionRef, Slot } from './types.js';

/** Who waits for the result of a request. */
export type Origin =
  | { readonly kind: 'client'; readonly requestId: number }
  | { readonly kind: 'peer'; readonly node: NodeId; readonly id: number; readonly epoch: string };

/** A request without reply, and how far it has come. */
export interface Waiter {
  readonly origin: Origin;
  readonly request: Request;
  /** For a read: how it is to be served, which may change while it waits. */
  via: ReadMode;
  /** After this nobody waits for a leader any more: the request is refused. */
  readonly holdUntil: number;
  /** After this it is answered as it stands: unknown, if it may have been proposed. */
  readonly deadline: number;
  /** Whether it may take effect: it was proposed, or forwarded to a node that may have proposed it. */
  exposed: boolean;
  settled: boolean;
}

/** Reads that wait for the leadership to be confirmed: this node's own, or a follower's question. */
export type ReadTicket =
  | { readonly kind: 'own'; readonly waiter: Waiter }
  | { readonly kind: 'peer'; readonly node: NodeId; readonly id: number; readonly epoch: string };

/** Reads that are safe at `index` once heartbeats with this nonce or a later one are acknowledged by enough nodes. */
export interface ReadRound {
  readonly nonce: number;
  readonly index: Slot;
  readonly tickets: readonly ReadTicket[];
}

/** A value proposed and not yet known to be chosen. */
export interface Proposal {
  readonly command: Command;
  readonly waiter: Waiter | undefined;
  readonly proposedAt: number;
  /** Who has durably accepted it in the leader's ballot: a set of nodes as bits. */
  acks: number;
}

/** What a leader knows of another node. */
export interface Peer {
  lastAckAt: number;
  resentAt: number;
  nonceAcked: number;
  /** When, by the leader's clock, the latest heartbeat was sent that it has granted a lease for. */
  leasedAt: number;
}

/** One that has just been heard. */
export function newPeer(now: number): Peer {
  return { lastAckAt: now, resentAt: now, nonceAcked: 0, leasedAt: -Infinity };
}

/** Follows a leader, or waits for one. */
export interface Follower {
  readonly kind: 'follower';
}

/** Asks whether an election makes sense. */
export interface PreCandidate {
  readonly kind: 'pre-candidate';
  readonly attempt: number;
  readonly granted: Set<NodeId>;
}

/** In phase 1. */
export interface Candidate {
  readonly kind: 'candidate';
  readonly ballot: Ballot;
  /** Own promise is durable and the prepare is sent. */
  prepared: boolean;
  preparedAt: number;
  readonly from: Slot;
  readonly promises: Map<NodeId, PromiseMessage>;
}

/** A leader's attempt to hand over. */
export interface Transfer {
  readonly to: NodeId;
  readonly waiter: Waiter;
  readonly until: number;
  /** Whether the others know. */
  told: boolean;
}

/** A node that is brought up to be a member. */
export interface Learner {
  readonly at: string;
  /** How far it is, and when it last said so. */
  upTo: Slot;
  heardAt: number;
  /** Nobody wants it to be a member any more after this. */
  wantedUntil: number;
}

/** A leader's attempt to change the members. */
export interface Change extends MemberChange {
  readonly waiter: Waiter;
}

/** In phase 2. */
export interface Leader {
  readonly kind: 'leader';
  readonly ballot: Ballot;
  /** The no-op after the open slots: when it is chosen, everything chosen in earlier ballots is known here. */
  readonly barrier: Slot;
  /** Accepts that make a value chosen. */
  acksNeeded: number;
  nextSlot: Slot;
  readonly proposals: Map<Slot, Proposal>;
  /** Requests that wait for the barrier or for room in the pipeline. */
  queue: Waiter[];
  readonly peers: Map<NodeId, Peer>;
  readonly learners: Map<NodeId, Learner>;
  change: Change | undefined;
  /** Where it has proposed the end of its epoch: nothing may come after that. */
  stopAt: Slot | undefined;
  nonce: number;
  heartbeatAt: number;
  /** Without a quorum of acknowledgements for so long, the leader steps down. */
  readonly quorumTimeoutMs: number;
  /** The process itself stood still: until then silence is not held against the others. */
  graceUntil: number;
  /** Length of the lease that it asks for. */
  readonly leaseMs: number;
  /** Grants for heartbeats that were sent before this count no more: they may have been released. */
  leaseFloor: number;
  /** Leadership is being handed over: no lease is relied on from then on, and no command taken in. */
  transfer: Transfer | undefined;
  freshReads: ReadTicket[];
  readRounds: ReadRound[];
  /** For the bug dedupe-leader-memory: replies of this leader's time, by session and number. */
  readonly replies: Map<string, Reply>;
}

/** The name of a session's command in `replies`. */
export function replyName({ id, seq }: SessionRef): string {
  return `${id}/${seq}`;
}

/** What a replica does besides accepting and learning. */
export type Role = Follower | PreCandidate | Candidate | Leader;

/** A question for chosen values that is on its way. */
export interface Fetching {
  readonly from: NodeId;
  readonly sentAt: number;
  /** The answer came, and had nothing: the same node is not asked again at once. */
  readonly vain?: true;
}

/** A request forwarded to a leader. */
export interface Forwarded {
  readonly waiter: Waiter;
  readonly ballot: Ballot;
}

/** Own reads for which the leader was asked where to read. */
export interface AskedReads {
  readonly waiters: readonly Waiter[];
  readonly ballot: Ballot;
}

/** Own reads for which acceptors are asked how far the log may be chosen. */
export interface PolledReads {
  readonly waiters: readonly Waiter[];
  readonly since: number;
  readonly heard: Set<NodeId>;
  /** The highest slot that any has accepted something in. */
  last: Slot;
}

/** Own reads that wait until a slot is applied here. */
export interface IndexedReads {
  readonly index: Slot;
  readonly waiters: readonly Waiter[];
  /** When a quorum read gives up waiting for the slot; undefined: the slot is known to be chosen. */
  readonly patience: number | undefined;
}

/** Monotonic since the replica was created. */
export interface Counters {
  preVotes: number;
  elections: number;
  electionsWon: number;
  leaderChanges: number;
  stepDowns: number;
  preemptions: number;
  nacks: number;
  noops: number;
  gapsFilled: number;
  proposed: number;
  chosen: number;
  applied: number;
  learned: number;
  retransmissions: number;
  forwarded: number;
  readIndexServed: number;
  leaseReads: number;
  /** Reads by lease that found none. */
  leaseMissed: number;
  /** Prepares, pre-votes and own elections that a lease held up. */
  leasesRespected: number;
  quorumReads: number;
  /** Quorum reads that had to wait for what was accepted and not known to be chosen, and those that gave it up. */
  quorumReadsRinsed: number;
  quorumReadsGivenUp: number;
  followerReads: number;
  transfers: number;
  staleReads: number;
  snapshotsTaken: number;
  snapshotsInstalled: number;
  snapshotPartsSent: number;
  /** Parts that did not arrive as they were sent. */
  snapshotPartsBad: number;
  slotsCompacted: number;
  /** Epochs entered, by log or by snapshot; nodes added that had to be brought up before; requests refused because this node is no member. */
  membershipChanges: number;
  learnersCaughtUp: number;
  notMember: number;
  unknownReplies: number;
  refused: number;
  /** Counted by the machine, whichever it is: told by `status`. */
  dedupeHits: number;
}

/** Everything a replica knows. Changed in place by `step`; read it through `status`. */
export interface ReplicaState {
  readonly config: CoreConfig;
  /** Who votes on the slots that are not chosen yet. Change it by setMembers. */
  membership: Membership;
  /** Sizes of the quorums that this node goes by. */
  q1: number;
  q2: number;
  /** The other voters. */
  peers: readonly NodeId[];
  /** The bit of each voter in a tally. */
  bits: ReadonlyMap<NodeId, number>;
  /** Names this life of the process in what it asks of others. */
  readonly epoch: string;
  readonly out: Outbox;
  readonly log: Log;
  machine: Machine;
  readonly random: CoreRandom;
  readonly counters: Counters;

  now: number;
  tickedAt: number;

  promised: Ballot;
  /** The write that makes the promise durable. */
  promisedLsn: number;
  /** The lease that this acceptor has granted. */
  grant: Grant | undefined;
  /** Before this it promises nothing: it may have granted a lease in an earlier life. */
  silentUntil: number;
  /** The longest lease that it has ever granted, and the write that says so. */
  longestGrantMs: number;
  longestGrantLsn: number;
  /** Accepts to be acknowledged with the next flush. */
  acks: { ballot: Ballot; slots: SlotRange[] }[];
  applied: Slot;
  /** The chosen prefix as last written to disk. */
  recordedChosen: Slot;
  /** Size of what was applied since the last snapshot was begun. */
  appliedCharacters: number;

  /** The newest snapshot that is durable here. */
  snapshot: Snapshot | undefined;
  /** Earlier ones, while somebody may be reading them; the latest first. */
  lent: readonly Lent[];
  /** On its way to the disk. */
  saving: Saving | undefined;
  /** On its way from another node. */
  receiving: Receiving | undefined;
  /** Here as a whole, and not yet on its way to the disk. */
  received: { readonly snapshot: Snapshot; readonly machine: Machine } | undefined;

  role: Role;
  /** The highest round seen anywhere. */
  highestRound: number;
  electionTimeoutMs: number;
  electionDeadline: number;
  failedAttempts: number;
  /** It led the last epoch to its end, and stands for election in this one at once. */
  succeedsItself: boolean;
  /** Without a stable leader: when this node stands for election for the sake of its requests. */
  proposeAt: number;
  /** When a live leader, or a candidate that it promised, was last heard. */
  lastContact: number;
  leader: NodeId | undefined;
  leaderBallot: Ballot;

  /** Another node is known to have the chosen values up to here. */
  catchUpTo: Slot;
  /** Who last told of a later epoch, and when: that node is there and knows more, whoever this node was configured with. */
  informant: { readonly node: NodeId; readonly heardAt: number } | undefined;
  fetching: Fetching | undefined;

  /** All requests without reply, oldest first. */
  readonly waiters: Set<Waiter>;
  /** Those that wait for a leader to be known. */
  held: Waiter[];
  nextId: number;
  readonly forwarded: Map<number, Forwarded>;
  /** Requests that others have forwarded to this node, whatever became of them: a copy that the network made is none. */
  readonly forwardsSeen: SeenIds;
  /** What was promised when this life began: own ballots up to there were led in an earlier one, if at all. */
  promisedBefore: Ballot;
  /** Own reads to ask the leader about at the flush. */
  readsToAsk: Waiter[];
  readonly asked: Map<number, AskedReads>;
  /** Own reads to ask the acceptors about at the flush. */
  readsToPoll: Waiter[];
  readonly polled: Map<number, PolledReads>;
  readsToApply: IndexedReads[];
}

/** A follower that has heard and accepted nothing yet. */
export function emptyState(config: CoreConfig, now: number): ReplicaState {
  const membership = initialMembership(config);
  return {
    config,
    membership,
    ...votingIn(config, membership),
    epoch: `${config.seed}@${now}`,
    out: new Outbox(config.bugs.has('ack-before-fsync')),
    log: new Log(),
    machine: createMachine(dedupeMode(config.bugs)),
    random: new CoreRandom(config.seed),
    counters: zeroCounters(),
    now,
    tickedAt: now,
    promised: NO_BALLOT,
    promisedLsn: 0,
    grant: undefined,
    silentUntil: -Infinity,
    longestGrantMs: 0,
    longestGrantLsn: 0,
    acks: [],
    applied: 0,
    recordedChosen: 0,
    appliedCharacters: 0,
    snapshot: undefined,
    lent: [],
    saving: undefined,
    receiving: undefined,
    received: undefined,
    role: { kind: 'follower' },
    highestRound: 0,
    electionTimeoutMs: config.electionTimeoutMs,
    electionDeadline: now,
    failedAttempts: 0,
    succeedsItself: false,
    proposeAt: Infinity,
    lastContact: -Infinity,
    leader: undefined,
    leaderBallot: NO_BALLOT,
    catchUpTo: 0,
    informant: undefined,
    fetching: undefined,
    waiters: new Set(),
    held: [],
    nextId: 1,
    forwarded: new Map(),
    forwardsSeen: new SeenIds(),
    promisedBefore: NO_BALLOT,
    readsToAsk: [],
    asked: new Map(),
    readsToPoll: [],
    polled: new Map(),
    readsToApply: [],
  };
}

/** Whether a bug is switched on. */
export function hasBug(state: ReplicaState, name: CoreBugName): boolean {
  return state.config.bugs.has(name);
}

/**
 * Asserts what the protocol guarantees; throws an Error that names the node and what is broken. Silent while bugs are
 * switched on: a careless implementation has no such assertions, and the tester has to find the consequences.
 */
export function ensure(state: ReplicaState, holds: boolean, broken: string): void {
  if (!holds && state.config.bugs.size === 0) throw new Error(`node ${state.config.self}: ${broken}`);
}

/** Goes by these members from now on. */
export function setMembers(state: ReplicaState, membership: Membership): void {
  state.membership = membership;
  Object.assign(state, votingIn(state.config, membership));
}

function votingIn({ self, bugs, nodes }: CoreConfig, { voters, q1, q2 }: Membership): Pick<ReplicaState, 'q1' | 'q2' | 'peers' | 'bits'> {
  const ids = voters.map(({ id }) => id);
  const counted = bugs.has('removed-node-votes') ? [...new Set([...ids, ...nodes])] : ids;
  return {
    q1: bugs.has('quorums-do-not-intersect') ? Math.max(1, ids.length - q2) : q1,
    q2: bugs.has('write-quorum-short') ? Math.max(1, Math.floor(ids.length / 2)) : q2,
    peers: counted.filter((id) => id !== self),
    bits: new Map(counted.map((id, i) => [id, 1 << i])),
  };
}

/** How the machine treats retries. */
export function dedupeMode(bugs: ReadonlySet<string>): DedupeMode {
  if (bugs.has('no-dedupe') || bugs.has('dedupe-leader-memory')) return 'none';
  return bugs.has('dedupe-wrong-reply') ? 'reply-of-now' : 'first-reply';
}

/** All counters at nothing. */
export function zeroCounters(): Counters {
  return {
    preVotes: 0,
    elections: 0,
    electionsWon: 0,
    leaderChanges: 0,
    stepDowns: 0,
    preemptions: 0,
    nacks: 0,
    noops: 0,
    gapsFilled: 0,
    proposed: 0,
    chosen: 0,
    applied: 0,
    learned: 0,
    retransmissions: 0,
    forwarded: 0,
    readIndexServed: 0,
    leaseReads: 0,
    leaseMissed: 0,
    leasesRespected: 0,
    quorumReads: 0,
    quorumReadsRinsed: 0,
    quorumReadsGivenUp: 0,
    followerReads: 0,
    transfers: 0,
    staleReads: 0,
    snapshotsTaken: 0,
    snapshotsInstalled: 0,
    snapshotPartsSent: 0,
    snapshotPartsBad: 0,
    slotsCompacted: 0,
    membershipChanges: 0,
    learnersCaughtUp: 0,
    notMember: 0,
    unknownReplies: 0,
    refused: 0,
    dedupeHits: 0,
  };
}
