import type { CoreBug } from '../../paxos/core/index.js';

const SPLIT = 'Two values are chosen for one key.';

/** The switchable bugs of the single decree: each drops one clause of the protocol. */
export const SYNOD_BUGS = [
  {
    name: 'own-value-after-prepare',
    meaning: 'A proposer proposes its own value, whatever the promises report as accepted.',
    part: 'phase 1',
    faults: ['partition', 'slow', 'kill'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'lowest-ballot-wins',
    meaning: 'Of the values that the promises report the one of the lowest ballot is proposed.',
    part: 'phase 1',
    faults: ['partition', 'kill'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'accept-below-promise',
    meaning: 'An acceptor accepts in any ballot, whatever it has promised.',
    part: 'phase 2',
    faults: ['slow', 'partition', 'pause'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'forget-promise',
    meaning: 'Promises are kept in memory only.',
    part: 'durability',
    faults: ['kill', 'slow'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'forget-accepted',
    meaning: 'What was accepted is kept in memory only.',
    part: 'durability',
    faults: ['kill'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'quorum-short',
    meaning: 'Half of the acceptors count as a majority.',
    part: 'quorums',
    faults: ['partition'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'ack-before-chosen',
    meaning: 'A proposer answers its client as soon as it has accepted the value itself.',
    part: 'phase 2',
    faults: ['partition', 'slow'],
    workloads: ['consensus'],
    symptom: SPLIT,
    kind: 'safety',
  },
  {
    name: 'no-backoff',
    meaning: 'A proposer that was preempted tries again at once with a higher ballot.',
    part: 'liveness',
    faults: ['slow'],
    workloads: ['consensus'],
    symptom: 'Proposers duel: they preempt each other for ever, and nothing is chosen.',
    kind: 'liveness',
  },
] as const satisfies readonly CoreBug[];
