import type { Ballot, Json, NodeId } from '../../paxos/core/index.js';

/** Messages of one decree, which is named by a key. Every one is plain JSON. The transport may lose, delay, repeat and reorder them. */
export type SynodMessage =
  /** Phase 1a. */
  | { readonly type: 'prepare'; readonly key: string; readonly ballot: Ballot }
  /** Phase 1b: sent when the promise is durable; with what was accepted last, if anything. */
  | { readonly type: 'promise'; readonly key: string; readonly ballot: Ballot; readonly accepted?: Vote }
  /** Phase 2a. */
  | { readonly type: 'accept'; readonly key: string; readonly ballot: Ballot; readonly value: Json }
  /** Phase 2b: sent when what was accepted is durable. */
  | { readonly type: 'accepted'; readonly key: string; readonly ballot: Ballot }
  /** Refusal of a prepare or accept: a higher ballot is promised. */
  | { readonly type: 'nack'; readonly key: string; readonly ballot: Ballot; readonly promised: Ballot }
  /** The value is chosen. */
  | { readonly type: 'decided'; readonly key: string; readonly value: Json };

/** A value and the ballot that it was accepted in. */
export interface Vote {
  readonly ballot: Ballot;
  readonly value: Json;
}

/** What an acceptor keeps on disk. */
export type SynodRecord =
  | { readonly type: 'promised'; readonly key: string; readonly ballot: Ballot }
  | { readonly type: 'accepted'; readonly key: string; readonly ballot: Ballot; readonly value: Json };

export interface SynodConfig {
  readonly self: NodeId;
  /** All acceptors, self included. */
  readonly nodes: readonly NodeId[];
  /** What is not answered is sent again after so long, ms; also the unit of the pauses after a preemption. */
  readonly retryMs: number;
  /** A proposal without result for so long is answered `unknown`, ms. */
  readonly requestTimeoutMs: number;
  readonly seed: number;
  /** Names from bugs.ts. */
  readonly bugs: ReadonlySet<string>;
}

/** `now` is a monotonic clock, ms. */
export type SynodEvent =
  | { readonly kind: 'tick'; readonly now: number }
  | { readonly kind: 'message'; readonly now: number; readonly from: NodeId; readonly message: SynodMessage }
  /** A client proposes a value for a key; the reply is the value that is chosen. */
  | { readonly kind: 'propose'; readonly now: number; readonly requestId: number; readonly key: string; readonly value: Json }
  /** All persist effects up to this lsn are durable. */
  | { readonly kind: 'persisted'; readonly now: number; readonly upTo: number };

export type SynodReply = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly message: string };

export type SynodEffect =
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: SynodMessage }
  | { readonly kind: 'persist'; readonly lsn: number; readonly records: readonly SynodRecord[] }
  | { readonly kind: 'reply'; readonly requestId: number; readonly reply: SynodReply };
