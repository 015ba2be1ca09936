import type { Command, CoreConfig, NodeId, Request, WalRecord } from '../../core/index.js';

/** The bounds of an exploration of the replica core. */
export interface ReplicaScope {
  readonly nodes: number;
  /** Nodes 1 to `proposers` stand for election. */
  readonly proposers: number;
  /** Elections that are begun, by all nodes together. */
  readonly elections: number;
  /** Commands of clients; the no-ops of new leaders come besides. */
  readonly commands: number;
  /** How often a client asks again for each command, whatever it has heard; then commands belong to a session. */
  readonly retries: number;
  readonly crashes: number;
  readonly q1: number;
  readonly q2: number;
  /** Whether every message arrives once at most; else it may arrive again and again. */
  readonly once: boolean;
  /** Whether heartbeats may arrive; else they are all lost. */
  readonly heartbeats: boolean;
  /** Whether only what clients could notice is checked, and not how acceptors keep what they have promised. */
  readonly outcomesOnly: boolean;
  readonly bug?: string;
  /** For tests: messages that can do nothing any more are kept in the states. */
  readonly keepSpent?: boolean;
}

/** The session of all clients' commands, opened before the exploration begins. */
const SESSION_SLOT = 1;
/** Beyond what any clock shows here. */
const NEVER_MS = 1e9;

/**
 * A replica's configuration. Time stands still: every event has `now` 0, and no tick is given. So nothing is decided by how much time has passed: what a time-out would do (an election,
 * a message sent again) is either a step of its own or adds nothing, since messages can arrive at any time and again and again. The seed tells the lives of a node apart, as a
 * host's does; what is drawn from it are time-outs only.
 */
export function configOf({ nodes, q1, q2, bug }: ReplicaScope, self: NodeId, life: number): CoreConfig {
  return {
    self,
    nodes: Array.from({ length: nodes }, (_, i) => i + 1),
    q1,
    q2,
    heartbeatMs: 1,
    electionTimeoutMs: NEVER_MS,
    requestTimeoutMs: NEVER_MS,
    leaseMs: 0,
    clockErrorRate: 0,
    stableLeader: true,
    reads: 'log',
    snapshotEvery: 0,
    maxInFlight: 1000,
    maxPipeline: 64,
    seed: life * 100 + self,
    bugs: new Set(bug === undefined ? [] : [bug]),
  };
}

/** What is on every disk at first: nothing, or, if clients ask again, the session that their commands belong to, chosen in a ballot of the last node. */
export function firstRecords({ nodes, retries }: ReplicaScope): readonly WalRecord[] {
  if (retries === 0) return [];
  const command: Command = { kind: 'open-session', nonce: 'before' };
  return [
    { type: 'accepted', slot: SESSION_SLOT, ballot: { round: 1, node: nodes }, command },
    { type: 'chosen', upTo: SESSION_SLOT },
  ];
}

/** A client's request for command 1, 2 ...: to set x to that number, or, in a session, to add it to x, so that an execution too many shows. */
export function requestOf({ retries }: ReplicaScope, command: number): Extract<Request, { kind: 'operation' }> {
  if (retries === 0) return { kind: 'operation', op: { f: 'write', key: 'x', value: command } };
  return { kind: 'operation', op: { f: 'add', key: 'x', value: command }, session: { id: SESSION_SLOT, seq: command, firstUnacked: 1 } };
}

/** The client's command that a slot holds, from 1; undefined: none. */
export function commandNumber(command: Command): number | undefined {
  return command.kind === 'operation' && (command.op.f === 'write' || command.op.f === 'add') && typeof command.op.value === 'number' ? command.op.value : undefined;
}
