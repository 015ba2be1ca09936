import { CORE_BUGS, type CoreBug } from '../core/index.js';

/** The switchable bugs of the server around the core: what a careless implementation would leave out between the core and the disk. */
export const SERVER_BUGS = [
  {
    name: 'skip-fsync',
    meaning: 'The log is written but never synced: what the core takes for durable is in the page cache only.',
    part: 'durability',
    faults: ['power'],
    workloads: ['register', 'append', 'counter'],
    symptom: 'Acknowledged writes are lost when the power of several nodes fails; killing them loses nothing.',
    kind: 'safety',
  },
] as const satisfies readonly CoreBug[];

/** All bugs of the service, those of the core first. */
export const PAXOS_BUGS = [...CORE_BUGS, ...SERVER_BUGS] as const;
