import type { ControlInfo } from '../../src/index.js';

/** Faults in which every program goes on, and with it all that it has in memory. */
const NOBODY_ENDS = ['partition', 'pause', 'slow', 'packet', 'clock'] as const;

/** Bugs in settings that hide them: what fails there is a false alarm. */
export const PAXOS_CONTROLS: readonly ControlInfo[] = [
  {
    name: 'ack-before-fsync-without-an-end',
    bug: 'ack-before-fsync',
    faults: NOBODY_ENDS,
    survives: 'What was told too early becomes true: as long as no program ends and no power fails, all that was written is synced in the end.',
  },
  {
    name: 'no-pre-vote-without-faults',
    bug: 'no-pre-vote',
    faults: [],
    survives: 'In a network that delivers, a node hears its leader: nobody stands for election but where there is none, and then the answer of a pre-vote would be yes.',
  },
];
