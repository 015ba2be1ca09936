/**
 * The switchable bugs of the core: each drops one clause of the protocol, as a careless implementation would. A replica
 * with any of them switched on runs without its internal assertions, since those would stop it before a client notices.
 */

/** What a bug is; the same shape as the controller's BugInfo. */
export interface CoreBug {
  readonly name: string;
  /** What the code does wrong, one sentence. */
  readonly meaning: string;
  /** The part of the protocol it belongs to. */
  readonly part: string;
  /** Nemeses that bring it out. */
  readonly faults: readonly string[];
  /** Workloads that show it. */
  readonly workloads: readonly string[];
  readonly symptom: string;
  readonly kind: 'safety' | 'liveness';
  /** Options of the service in which it matters, where those that it has by default hide it. */
  readonly setting?: Readonly<Record<string, number>>;
}

/** All bugs of the core. */
export const CORE_BUGS = [
  {
    name: 'own-value-after-prepare',
    meaning: 'A new leader proposes its own values in the open slots and ignores what the promises report as accepted.',
    part: 'phase 1',
    faults: ['kill', 'partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'An acknowledged write is lost when the leader changes.',
    kind: 'safety',
  },
  {
    name: 'accept-below-promise',
    meaning: 'Acceptors accept values, and acknowledge heartbeats, of ballots lower than the promised one; an old leader, never refused, goes on.',
    part: 'phase 2',
    faults: ['partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Two leaders get their values accepted in the same slots: acknowledged writes are lost, nodes differ.',
    kind: 'safety',
  },
  {
    name: 'ack-before-chosen',
    meaning: 'The leader takes a value for chosen as soon as it has accepted it itself, and answers the client, cut off or not.',
    part: 'phase 2',
    faults: ['partition', 'kill'],
    workloads: ['register', 'append'],
    symptom: 'Writes acknowledged by an isolated leader are lost.',
    kind: 'safety',
  },
  {
    name: 'forget-accepted',
    meaning: 'Accepted values are kept in memory only: after a restart the acceptor knows its promise but no values.',
    part: 'durability',
    faults: ['kill'],
    workloads: ['register', 'append'],
    symptom: 'Acknowledged writes are lost when acceptors are killed and restarted.',
    kind: 'safety',
  },
  {
    name: 'local-read',
    meaning: 'Every node answers reads from its own state without asking anyone.',
    part: 'reads',
    faults: ['partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at followers and cut-off nodes.',
    kind: 'safety',
  },
  {
    name: 'leader-read-unchecked',
    meaning: 'A leader answers reads from its own state without making sure that it still leads, and never gives up leading by itself.',
    part: 'reads',
    faults: ['partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a deposed leader.',
    kind: 'safety',
  },
  {
    name: 'read-before-barrier',
    meaning: 'A new leader answers reads by read-index or lease before it knows all that its predecessors had chosen.',
    part: 'reads',
    faults: ['kill', 'partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader that has just been elected.',
    kind: 'safety',
  },
  {
    name: 'read-index-old-acks',
    meaning: 'Read-index counts acknowledgements of heartbeats that were sent before the read came; and the leader never gives up by itself.',
    part: 'reads',
    faults: ['partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a deposed leader.',
    kind: 'safety',
  },
  {
    name: 'read-index-no-apply-wait',
    meaning: 'A follower that has been told up to where it must read does not wait until it has applied that.',
    part: 'reads',
    faults: ['partition', 'slow', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at followers.',
    kind: 'safety',
  },
  {
    name: 'quorum-read-short',
    meaning: 'A quorum read asks no other acceptor than its own.',
    part: 'reads',
    faults: ['partition', 'pause', 'slow'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at nodes that lag behind.',
    kind: 'safety',
  },
  {
    name: 'quorum-read-no-rinse',
    meaning: 'A quorum read does not wait until what the acceptors named is chosen and applied.',
    part: 'reads',
    faults: ['partition', 'pause', 'slow'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at nodes that lag behind.',
    kind: 'safety',
  },
  {
    name: 'lease-not-honoured',
    meaning: 'Acceptors promise to other nodes although they have granted the leader a lease.',
    part: 'leases',
    faults: ['partition', 'pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader that is cut off and has been replaced.',
    kind: 'safety',
    setting: { leaseMs: 3000 },
  },
  {
    name: 'lease-forgotten-on-restart',
    meaning: 'An acceptor does not remember at its start that it may have granted a lease.',
    part: 'leases',
    faults: ['partition', 'kill'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader that is cut off while the others are restarted.',
    kind: 'safety',
    setting: { leaseMs: 8000 },
  },
  {
    name: 'lease-from-ack-time',
    meaning: 'The leader counts its lease from when it got the acknowledgement, not from before it sent the heartbeat.',
    part: 'leases',
    faults: ['slow', 'pause', 'partition'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader whose acknowledgements were long on their way.',
    kind: 'safety',
  },
  {
    name: 'lease-no-drift-margin',
    meaning: 'The leader relies on its lease for as long as it was granted, as if all clocks ran at the same rate.',
    part: 'leases',
    faults: ['partition', 'clock'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader that is cut off and whose clock is slow. Needs clocks whose rates differ: monotonic ones can be made to in simulation only.',
    kind: 'safety',
  },
  {
    name: 'lease-kept-in-transfer',
    meaning: 'A leader relies on its lease while it hands leadership over.',
    part: 'leases',
    faults: ['terminate', 'partition'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader that has handed over and does not know yet that another was elected.',
    kind: 'safety',
  },
  {
    name: 'no-dedupe',
    meaning: 'A retry of a command that was applied before is executed again.',
    part: 'sessions',
    faults: ['partition', 'pause', 'kill'],
    workloads: ['append', 'counter', 'register'],
    symptom: 'An element is appended twice, a counter counts twice, a cas that took effect is reported as failed.',
    kind: 'safety',
  },
  {
    name: 'preempted-means-failed',
    meaning: 'A leader that steps down reports its proposals in flight as failed, although a successor may choose them.',
    part: 'replies',
    faults: ['pause', 'partition', 'kill'],
    workloads: ['register', 'append'],
    symptom: 'A write that was reported as failed is read afterwards.',
    kind: 'safety',
  },
  {
    name: 'no-backoff',
    meaning: 'A proposer answers every preemption at once with a higher ballot: no pre-vote, no random pause.',
    part: 'elections',
    faults: ['partition', 'pause', 'kill'],
    workloads: ['register', 'append', 'counter'],
    symptom: 'Two proposers preempt each other for ever; nothing is chosen even after all faults are healed.',
    kind: 'liveness',
  },
] as const satisfies readonly CoreBug[];

/** Name of a bug of the core. */
export type CoreBugName = (typeof CORE_BUGS)[number]['name'];
