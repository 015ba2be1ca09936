/** The contract between the pure core and whatever hosts it: the server on sockets and a disk, the simulator, a test. */
import type { Message } from './messages.js';

/** 1 .. n; also the tie-breaker of ballots. */
export type NodeId = number;

/** Lexicographic: round, then node. A ballot belongs to one incarnation of one node and is used once in its life. The upper part of a round is the epoch (ballot.ts). */
export interface Ballot {
  readonly round: number;
  readonly node: NodeId;
}

/** A node that votes, and where the others reach it: an address or a name for one, as the hosts understand it; empty for those that all were configured with. */
export interface Member {
  readonly id: NodeId;
  readonly at: string;
}

/** The members of an epoch, and the quorums of both phases among them. */
export interface Membership {
  /** From 0. */
  readonly epoch: number;
  readonly voters: readonly Member[];
  readonly q1: number;
  readonly q2: number;
  /** The highest number that a member ever had: none is given twice. */
  readonly highestId: NodeId;
  /** Where the quorums of the first epoch were no majorities: the phase with the smaller quorum, and its size, which it keeps as far as there are nodes. */
  readonly smaller?: SmallerQuorum;
}

/** The phase that makes do with fewer nodes, and with how many. */
export interface SmallerQuorum {
  readonly phase: 1 | 2;
  readonly size: number;
}

/** Position in the replicated log, from 1. */
export type Slot = number;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** An operation on a key. A key that was never written holds null. */
export type Operation =
  | { readonly f: 'read'; readonly key: string }
  | { readonly f: 'write'; readonly key: string; readonly value: Json }
  /** Compares deeply. Replies ok, or `cas-mismatch` with the value found. */
  | { readonly f: 'cas'; readonly key: string; readonly from: Json; readonly to: Json }
  /** Appends an element to a list; null counts as the empty list. Replies the new length. */
  | { readonly f: 'append'; readonly key: string; readonly value: Json }
  /** Adds to a counter; null counts as 0. Replies the new value. */
  | { readonly f: 'add'; readonly key: string; readonly value: number };

/**
 * How a read is served. `log`: as a command. `read-index`: the leader makes sure that it still leads, then the node that was asked reads its own state. `lease`: the same, but
 * a leader that holds a lease need not make sure. `quorum`: without the leader, by asking enough acceptors how far the log may be chosen. All those are linearizable. `stale`: from
 * the state of the node that was asked, however old.
 */
export type ReadMode = (typeof READ_MODES)[number];

/** All read modes. */
export const READ_MODES = ['log', 'read-index', 'lease', 'quorum', 'stale'] as const;

/** What a client asks of the node it is connected to. */
export type Request =
  /** Opens a session; the reply's value is the session's id. */
  | { readonly kind: 'open-session' }
  /** Asks a leader to hand over, to a certain node or to any; the reply's value is that node. For the leader itself; never passed on. */
  | { readonly kind: 'transfer'; readonly to?: NodeId }
  /** Changes the members; the reply's value is the new membership. Asked for again, it is answered when it is made. */
  | { readonly kind: 'reconfigure'; readonly add: readonly Member[]; readonly remove: readonly NodeId[] }
  | {
      readonly kind: 'operation';
      readonly op: Operation;
      /** Makes retries exactly-once. Absent: at-most-once at the client's own risk (curl). */
      readonly session?: SessionRef;
      /** For reads only. */
      readonly via?: ReadMode;
      /** For stale reads: the client has seen the log up to here, and the node answers when it has applied as much. So a client sees its own writes, and never goes back in time. */
      readonly after?: Slot;
    };

export interface SessionRef {
  readonly id: number;
  /** From 1, one higher for each new operation; the same for a retry. */
  readonly seq: number;
  /** The client has the replies of everything below this. */
  readonly firstUnacked: number;
}

export type Reply =
  /** `at`: the answer is as of this slot of the log. */
  | { readonly ok: true; readonly value: Json; readonly at?: Slot }
  | {
      readonly ok: false;
      readonly code: ReplyErrorCode;
      readonly message: string;
      /** Whether the operation certainly did not and will not take effect. */
      readonly definite: boolean;
      /** With `cas-mismatch`: what was found. */
      readonly actual?: Json;
      /** With `not-leader`: who may lead. */
      readonly leader?: NodeId;
    };

export type ReplyErrorCode =
  | 'cas-mismatch'
  | 'wrong-type'
  | 'session-expired'
  /** Not accepted: nobody known to lead, or the limit of requests in flight is reached. Definite. */
  | 'not-leader'
  /** The node does not belong to the cluster, or no more. Definite. */
  | 'not-member'
  | 'overloaded'
  /** Makes no sense here. Definite. */
  | 'bad-request'
  /** Was not possible now. Definite. */
  | 'unavailable'
  /** Lost sight of after it was proposed or forwarded: it may take effect at any time or never. */
  | 'unknown';

export interface CoreConfig {
  readonly self: NodeId;
  /** The voters of the first epoch, the same for all nodes. One that is not among them has to be added later. */
  readonly nodes: readonly NodeId[];
  /** Quorum sizes in the first epoch; q1 + q2 > nodes.length (checked by createReplica). */
  readonly q1: number;
  readonly q2: number;
  readonly heartbeatMs: number;
  /** Election timeout is uniform in [electionTimeoutMs, 2 * electionTimeoutMs], drawn again on every attempt. */
  readonly electionTimeoutMs: number;
  /** A request without result for so long is answered `unknown`. */
  readonly requestTimeoutMs: number;
  /** Length of a leader's lease; 0: none are asked for, and reads by lease are served by read-index. Nobody else can be elected before it ends. */
  readonly leaseMs: number;
  /** By how much the rate of a node's clock may be wrong: 0.01 is a hundredth. */
  readonly clockErrorRate: number;
  /** False: there is no leader to whom others leave the proposing. Every node that has requests stands for election at once, whoever leads: proposers duel, as in Paxos without a distinguished proposer. Leases are of no use then. */
  readonly stableLeader: boolean;
  /** How reads are served that do not say. */
  readonly reads: ReadMode;
  /** A snapshot is taken when so many slots have been applied since the last; 0: none, and the log grows for ever. */
  readonly snapshotEvery: number;
  /** Limit of requests in flight at a node; above it: `overloaded`. */
  readonly maxInFlight: number;
  /** Limit of slots proposed and not yet chosen. */
  readonly maxPipeline: number;
  /** Seed of the core's own randomness (election timeouts, backoff). */
  readonly seed: number;
  /** Names from bugs.ts that are switched on; normally none. */
  readonly bugs: ReadonlySet<string>;
}

/** Everything that is kept on disk, as records of a write-ahead log; replayed in order at boot. Plain JSON. */
export type WalRecord =
  | { readonly type: 'promised'; readonly ballot: Ballot }
  | { readonly type: 'accepted'; readonly slot: Slot; readonly ballot: Ballot; readonly command: Command }
  /** An optimisation only: everything up to the slot is chosen and the accepted values up to there are the chosen ones. */
  | { readonly type: 'chosen'; readonly upTo: Slot }
  /** The longest lease that this node has granted: for so long it promises nothing after a start. */
  | { readonly type: 'lease'; readonly longestMs: number };

/** What a start finds on the disk. */
export interface Recovered {
  /** The newest snapshot that is durable. */
  readonly snapshot?: { readonly slot: Slot; readonly parts: readonly string[] };
  /** All records from the checkpoint that belongs to it on (without a snapshot: all), in the order in which they were written. */
  readonly records: readonly WalRecord[];
}

/** What a slot holds. */
export type Command =
  | { readonly kind: 'noop' }
  /** The stop-sign: the last command of its epoch. */
  | { readonly kind: 'reconfigure'; readonly membership: Membership }
  | { readonly kind: 'open-session'; readonly nonce: string }
  | { readonly kind: 'operation'; readonly op: Operation; readonly session?: SessionRef; readonly nonce?: string };

/**
 * Where time enters: `now` is the host's monotonic clock in milliseconds, read after what the event tells has arrived. Reads by lease stand on that: a process may stand still
 * between any two instructions, and a clock that was read before the request came proves nothing of the time when it came.
 */
export type Event =
  | { readonly kind: 'tick'; readonly now: number }
  /** End of a batch of events: what was collected for it (proposals, acknowledgements) goes out. Hosts give it at the end of every turn that leaves something for it; a tick is its own. */
  | { readonly kind: 'flush'; readonly now: number }
  | { readonly kind: 'message'; readonly now: number; readonly from: NodeId; readonly message: Message }
  | { readonly kind: 'request'; readonly now: number; readonly requestId: number; readonly request: Request }
  /** All persist effects with lsn <= upTo are durable. */
  | { readonly kind: 'persisted'; readonly now: number; readonly upTo: number }
  /** The snapshot is durable, and a start would find it. */
  | { readonly kind: 'snapshot-saved'; readonly now: number; readonly slot: Slot };

/** What the host is to do. Effects of one step are carried out in order; `send` and `reply` at once, `persist` as soon as the disk can. */
export type Effect =
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: Message }
  /**
   * lsn grows by one each; the host may write several with one fsync, in order, and then gives `persisted`. `checkpoint`: a snapshot is begun, and these records are the first that are
   * needed besides it. When the snapshot is durable, records before them may be removed, but not before.
   */
  | { readonly kind: 'persist'; readonly lsn: number; readonly records: readonly WalRecord[]; readonly checkpoint?: true }
  /** More parts of the snapshot that the latest checkpoint is for. After the last the host makes it durable as a whole, and gives `snapshot-saved`. */
  | { readonly kind: 'save-snapshot'; readonly slot: Slot; readonly parts: readonly string[]; readonly last: boolean }
  /** These nodes must be reachable from now on, besides the configured ones. */
  | { readonly kind: 'reach'; readonly members: readonly Member[] }
  | { readonly kind: 'reply'; readonly requestId: number; readonly reply: Reply };
