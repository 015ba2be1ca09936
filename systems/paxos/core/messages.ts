/**
 * Messages between nodes. Every one is plain JSON. The transport may lose, delay, repeat and reorder them; it must not
 * change them, and `from` of a message event must be the true sender.
 */
import type { Ballot, Command, Member, NodeId, Reply, Request, Slot } from './types.js';

/** A value with the ballot it was accepted at. */
export interface AcceptedValue {
  readonly ballot: Ballot;
  readonly command: Command;
}

/** An accepted value and its slot. */
export interface AcceptedSlot extends AcceptedValue {
  readonly slot: Slot;
}

/** First and last slot of a run of slots, both included. */
export type SlotRange = readonly [first: Slot, last: Slot];

/** Asks whether an election makes sense now: "have you heard from a leader within the election timeout?" Changes no durable state. */
export interface PreVote {
  readonly type: 'pre-vote';
  /** Tells the attempts of the sender apart; comes back in the reply. */
  readonly attempt: number;
  /** The sender's epoch; left out in the first. */
  readonly epoch?: number;
}

/** Answer to a pre-vote. */
export interface PreVoteReply {
  readonly type: 'pre-vote-reply';
  readonly attempt: number;
  /** No leader was heard of lately. */
  readonly granted: boolean;
  /** What the sender has promised, so that the asker's next ballot is high enough. */
  readonly promised: Ballot;
  /** The sender is in a later epoch than the asker, and knows what is chosen up to here. */
  readonly ahead?: Slot;
}

/** Phase 1a for all slots from `from` on. */
export interface Prepare {
  readonly type: 'prepare';
  readonly ballot: Ballot;
  /** The first slot that the proposer does not know to be chosen. */
  readonly from: Slot;
}

/** Phase 1b: sent when the promise is durable. */
export interface PromiseMessage {
  readonly type: 'promise';
  readonly ballot: Ballot;
  /** Everything up to here is chosen and can be fetched from the sender; `accepted` tells nothing about these slots. */
  readonly chosenUpTo: Slot;
  /** All that the sender has accepted in slots >= from that are above chosenUpTo, in slot order. */
  readonly accepted: readonly AcceptedSlot[];
}

/** Refusal of a prepare, accept or heartbeat: the sender has promised a higher ballot. */
export interface Nack {
  readonly type: 'nack';
  /** The ballot that was refused. */
  readonly ballot: Ballot;
  readonly promised: Ballot;
  /** The ballot is high enough, but another leader holds a lease for so long, ms. */
  readonly leaseMs?: number;
}

/** Phase 2a for one or more neighbouring slots. */
export interface Accept {
  readonly type: 'accept';
  readonly ballot: Ballot;
  /** The slot of commands[0]; the others follow without gap. Never empty. */
  readonly slot: Slot;
  readonly commands: readonly Command[];
  /** Everything up to here is chosen, as far as the leader knows. */
  readonly commit: Slot;
}

/** Phase 2b: sent when the accepted values are durable. Sent to the ballot's node only. */
export interface Accepted {
  readonly type: 'accepted';
  readonly ballot: Ballot;
  readonly slots: readonly SlotRange[];
}

/** A leader's sign of life; also carries the commit index and confirms the leadership for reads. */
export interface Heartbeat {
  readonly type: 'heartbeat';
  readonly ballot: Ballot;
  /** Grows by one with every round of heartbeats of a ballot. */
  readonly nonce: number;
  readonly commit: Slot;
  /** The sender's clock, read before sending; comes back in the acknowledgement. */
  readonly sentAt: number;
  /** The length of the lease that is asked for; 0: none. */
  readonly leaseMs: number;
  /** Where members are reached that not all nodes were configured with: for one that may have to ask them what it has missed. */
  readonly members?: readonly Member[];
}

/** The sender's promise is exactly `ballot`, and durable; and it grants the lease that it was asked for. */
export interface HeartbeatAck {
  readonly type: 'heartbeat-ack';
  readonly ballot: Ballot;
  readonly nonce: number;
  readonly sentAt: number;
  readonly leaseMs: number;
  /** From a node that is no member (yet): it knows what is chosen up to here. */
  readonly upTo?: Slot;
}

/** Asks for chosen values from a slot on. */
export interface Fetch {
  readonly type: 'fetch';
  readonly from: Slot;
}

/** Chosen values from `from` on without gap, a bounded number of them; empty when the sender knows no more. */
export interface Learn {
  readonly type: 'learn';
  readonly from: Slot;
  readonly values: readonly AcceptedValue[];
  /** Everything up to here is chosen and can be fetched from the sender. */
  readonly chosenUpTo: Slot;
}

/** A part of the sender's snapshot: the answer to a fetch of slots that it has compacted. */
export interface SnapshotPart {
  readonly type: 'snapshot-part';
  /** Name of the snapshot. */
  readonly digest: string;
  /** It holds everything up to here. */
  readonly slot: Slot;
  /** Number of this part, from 0, and of all parts. */
  readonly part: number;
  readonly of: number;
  readonly data: string;
  /** Checksum of data. */
  readonly sum: string;
}

/** Asks for the parts of a snapshot from one on, a bounded number of them. A node that has it not, or no more, answers as to a Fetch from the slot on. */
export interface FetchSnapshot {
  readonly type: 'fetch-snapshot';
  readonly digest: string;
  readonly part: number;
  readonly from: Slot;
}

/** A client's request passed on to the leader. Never passed on again. */
export interface Forward {
  readonly type: 'forward';
  /** Chosen by the sender; comes back in the reply. Unique in the life of the sender's process. */
  readonly id: number;
  /** Tells the lives of the sender's process apart, so that no old reply is taken for a new one. */
  readonly epoch: string;
  /** The ballot in which the receiver leads, as the sender believes; in any other it refuses. */
  readonly ballot: Ballot;
  readonly request: Request;
}

/** The leader's answer to a forwarded request. */
export interface ForwardReply {
  readonly type: 'forward-reply';
  readonly id: number;
  readonly epoch: string;
  readonly reply: Reply;
}

/** Asks the leader up to which slot a read that arrived before this message must see the log. */
export interface ReadIndex {
  readonly type: 'read-index';
  /** Like in Forward. */
  readonly id: number;
  readonly epoch: string;
  /** Whether a lease will do as confirmation. */
  readonly lease: boolean;
}

/** Answer to ReadIndex: sent when the leadership was confirmed after the question arrived, or under a lease. */
export interface ReadIndexReply {
  readonly type: 'read-index-reply';
  readonly id: number;
  readonly epoch: string;
  /** Everything up to here must be applied before the read; null: the sender does not lead. */
  readonly index: Slot | null;
  /** The ballot in which the sender led, or its promise if it does not lead. */
  readonly ballot: Ballot;
  /** Who may lead, where the sender does not. */
  readonly leader?: NodeId;
}

/** Asks an acceptor how far the log may be chosen (Charapko, Ailijiang, Demirbas: Linearizable Quorum Reads in Paxos, HotStorage 2019). */
export interface QuorumRead {
  readonly type: 'quorum-read';
  /** Like in Forward. */
  readonly id: number;
  readonly epoch: string;
}

/** Answer to QuorumRead. */
export interface QuorumReadReply {
  readonly type: 'quorum-read-reply';
  readonly id: number;
  readonly epoch: string;
  /** The highest slot in which the sender has accepted anything. */
  readonly last: Slot;
}

/** The leader hands over: the acceptors may promise to others again, and one of them is to stand for election now. */
export interface HandOver {
  readonly type: 'hand-over';
  readonly ballot: Ballot;
  readonly to: NodeId;
  /** The leader's clock: grants that it asked for until then are no longer relied on. */
  readonly sentAt: number;
}

/** Everything that nodes say to each other. */
export type Message =
  | PreVote
  | PreVoteReply
  | Prepare
  | PromiseMessage
  | Nack
  | Accept
  | Accepted
  | Heartbeat
  | HeartbeatAck
  | Fetch
  | Learn
  | SnapshotPart
  | FetchSnapshot
  | Forward
  | ForwardReply
  | ReadIndex
  | ReadIndexReply
  | QuorumRead
  | QuorumReadReply
  | HandOver;
