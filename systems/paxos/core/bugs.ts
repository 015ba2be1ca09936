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
