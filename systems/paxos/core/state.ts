/** The state of a replica: the acceptor's durable part, what is rebuilt from it, and the role of the moment. */
import { NO_BALLOT } from './ballot.js';
import type { CoreBugName } from './bugs.js';
import { Log } from './log.js';
import { createMachine, type Machine } from './machine.js';
import type { PromiseMessage, SlotRange } from './messages.js';
import { Outbox } from './outbox.js';
import { CoreRandom } from './random.js';
import type { SeenIds } from './seen-ids.js';
import type { Ballot, Command, CoreConfig, NodeId, Request, Slot } from './types.js';

/** Who waits for the result of a request. */
export type Origin =
  | { readonly kind: 'client'; readonly requestId: number }
  | { readonly kind: 'peer'; readonly node: NodeId; readonly id: number; readonly epoch: string };

/** A request without reply, and how far it has come. */
export interface Waiter {
  readonly origin: Origin;
  readonly request: Request;
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

/** In phase 2. */
export interface Leader {
  readonly kind: 'leader';
  readonly ballot: Ballot;
  /** The no-op after the open slots: when it is chosen, everything chosen in earlier ballots is known here. */
  readonly barrier: Slot;
  /** Accepts that make a value chosen. */
  readonly acksNeeded: number;
  nextSlot: Slot;
  readonly proposals: Map<Slot, Proposal>;
  /** Requests that wait for the barrier or for room in the pipeline. */
  queue: Waiter[];
  readonly peers: ReadonlyMap<NodeId, Peer>;
  nonce: number;
  heartbeatAt: number;
  /** Without a quorum of acknowledgements for so long, the leader steps down. */
  readonly quorumTimeoutMs: number;
  /** The process itself stood still: until then silence is not held against the others. */
  graceUntil: number;
  freshReads: ReadTicket[];
  readRounds: ReadRound[];
  readonly forwardsSeen: SeenIds;
}

/** What a replica does besides accepting and learning. */
export type Role = Follower | PreCandidate | Candidate | Leader;

/** A question for chosen values that is on its way. */
export interface Fetching {
  readonly from: NodeId;
  readonly sentAt: number;
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
  unknownReplies: number;
  refused: number;
}

/** Everything a replica knows. Changed in place by `step`; read it through `status`. */
export interface ReplicaState {
  readonly config: CoreConfig;
  readonly peers: readonly NodeId[];
  /** The bit of each voter in a tally. */
  readonly bits: ReadonlyMap<NodeId, number>;
  /** Names this life of the process in what it asks of others. */
  readonly epoch: string;
  readonly out: Outbox;
  readonly log: Log;
  readonly machine: Machine;
  readonly random: CoreRandom;
  readonly counters: Counters;

  now: number;
  tickedAt: number;

  promised: Ballot;
  /** The write that makes the promise durable. */
  promisedLsn: number;
  /** Accepts to be acknowledged with the next flush. */
  acks: { ballot: Ballot; slots: SlotRange[] }[];
  applied: Slot;
  /** The chosen prefix as last written to disk. */
  recordedChosen: Slot;

  role: Role;
  /** The highest round seen anywhere. */
  highestRound: number;
  electionTimeoutMs: number;
  electionDeadline: number;
  failedAttempts: number;
  /** When a live leader, or a candidate that it promised, was last heard. */
  lastContact: number;
  leader: NodeId | undefined;
  leaderBallot: Ballot;

  /** Another node is known to have the chosen values up to here. */
  catchUpTo: Slot;
  fetching: Fetching | undefined;

  /** All requests without reply, oldest first. */
  readonly waiters: Set<Waiter>;
  /** Those that wait for a leader to be known. */
  held: Waiter[];
  nextId: number;
  readonly forwarded: Map<number, Forwarded>;
  /** Own reads to ask the leader about at the flush. */
  readsToAsk: Waiter[];
  readonly asked: Map<number, AskedReads>;
  /** Own reads that wait until a slot is applied here. */
  readsToApply: { readonly index: Slot; readonly waiters: readonly Waiter[] }[];
}

/** A follower that has heard and accepted nothing yet. */
export function emptyState(config: CoreConfig, now: number): ReplicaState {
  return {
    config,
    peers: config.nodes.filter((node) => node !== config.self),
    bits: new Map(config.nodes.map((node, i) => [node, 1 << i])),
    epoch: `${config.seed}@${now}`,
    out: new Outbox(),
    log: new Log(),
    machine: createMachine(!config.bugs.has('no-dedupe')),
    random: new CoreRandom(config.seed),
    counters: zeroCounters(),
    now,
    tickedAt: now,
    promised: NO_BALLOT,
    promisedLsn: 0,
    acks: [],
    applied: 0,
    recordedChosen: 0,
    role: { kind: 'follower' },
    highestRound: 0,
    electionTimeoutMs: config.electionTimeoutMs,
    electionDeadline: now,
    failedAttempts: 0,
    lastContact: -Infinity,
    leader: undefined,
    leaderBallot: NO_BALLOT,
    catchUpTo: 0,
    fetching: undefined,
    waiters: new Set(),
    held: [],
    nextId: 1,
    forwarded: new Map(),
    readsToAsk: [],
    asked: new Map(),
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

function zeroCounters(): Counters {
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
    unknownReplies: 0,
    refused: 0,
  };
}
