/** The contract between the pure core and whatever hosts it: the server on sockets and a disk, the simulator, a test. */
import type { Message } from './messages.js';

/** 1 .. n; also the tie-breaker of ballots. */
export type NodeId = number;

/** Lexicographic: round, then node. A ballot belongs to one incarnation of one node and is used once in its life. */
export interface Ballot {
  readonly round: number;
  readonly node: NodeId;
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

/** How a read is served: through the log, by read-index, or as the node is configured. */
export type ReadMode = 'log' | 'read-index';

/** What a client asks of the node it is connected to. */
export type Request =
  /** Opens a session; the reply's value is the session's id. */
  | { readonly kind: 'open-session' }
  | {
      readonly kind: 'operation';
      readonly op: Operation;
      /** Makes retries exactly-once. Absent: at-most-once at the client's own risk (curl). */
      readonly session?: SessionRef;
      /** For reads only. */
      readonly via?: ReadMode;
    };

export interface SessionRef {
  readonly id: number;
  /** From 1, one higher for each new operation; the same for a retry. */
  readonly seq: number;
  /** The client has the replies of everything below this. */
  readonly firstUnacked: number;
}

export type Reply =
  | { readonly ok: true; readonly value: Json }
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
  | 'overloaded'
  /** Lost sight of after it was proposed or forwarded: it may take effect at any time or never. */
  | 'unknown';

export interface CoreConfig {
  readonly self: NodeId;
  /** All voters, self included. */
  readonly nodes: readonly NodeId[];
  /** Quorum sizes; q1 + q2 > nodes.length (checked by createReplica). */
  readonly q1: number;
  readonly q2: number;
  readonly heartbeatMs: number;
  /** Election timeout is uniform in [electionTimeoutMs, 2 * electionTimeoutMs], drawn again on every attempt. */
  readonly electionTimeoutMs: number;
  /** A request without result for so long is answered `unknown`. */
  readonly requestTimeoutMs: number;
  /** How reads are served that do not say. */
  readonly reads: ReadMode;
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
  | { readonly type: 'chosen'; readonly upTo: Slot };

/** What a slot holds. */
export type Command =
  | { readonly kind: 'noop' }
  | { readonly kind: 'open-session'; readonly nonce: string }
  | { readonly kind: 'operation'; readonly op: Operation; readonly session?: SessionRef; readonly nonce?: string };

/** Where time enters: `now` is the host's monotonic clock in milliseconds. */
export type Event =
  | { readonly kind: 'tick'; readonly now: number }
  /** End of a batch of events: what was collected for it (proposals, acknowledgements) goes out. Hosts give it after every turn. */
  | { readonly kind: 'flush'; readonly now: number }
  | { readonly kind: 'message'; readonly now: number; readonly from: NodeId; readonly message: Message }
  | { readonly kind: 'request'; readonly now: number; readonly requestId: number; readonly request: Request }
  /** All persist effects with lsn <= upTo are durable. */
  | { readonly kind: 'persisted'; readonly now: number; readonly upTo: number };

/** What the host is to do. Effects of one step are carried out in order; `send` and `reply` at once, `persist` as soon as the disk can. */
export type Effect =
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: Message }
  /** lsn grows by one each; the host may write several with one fsync, in order, and then gives `persisted`. */
  | { readonly kind: 'persist'; readonly lsn: number; readonly records: readonly WalRecord[] }
  | { readonly kind: 'reply'; readonly requestId: number; readonly reply: Reply };
