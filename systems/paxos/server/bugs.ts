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
  {
    name: 'skip-folder-sync',
    meaning: 'A new piece of the log, and a snapshot that takes its place, are synced, but their folder is not: new files are never made durable in it as long as the node runs.',
    part: 'durability',
    faults: ['power'],
    workloads: ['register', 'append', 'counter'],
    // Every snapshot begins a piece: until the first all goes to one that was there at the start.
    setting: { snapshotEvery: 25 },
    symptom: 'Acknowledged writes are lost when the power of several nodes fails: whole files with them. Killing the nodes loses nothing.',
    kind: 'safety',
  },
  {
    name: 'lease-wall-clock',
    meaning: 'The clock of leases and timers is the wall clock, which may be set.',
    part: 'leases',
    faults: ['clock', 'partition'],
    workloads: ['register', 'append', 'counter'],
    symptom: 'Stale reads at a leader whose clock was set back while it was cut off; elections without need.',
    kind: 'safety',
  },
  {
    name: 'lease-cached-clock',
    meaning: 'The clock is read ten times a second and not for every event: what comes when the process goes on after a standstill is judged by the time before it.',
    part: 'leases',
    faults: ['pause'],
    workloads: ['register', 'append'],
    symptom: 'Stale reads at a leader that stood still and has been replaced meanwhile.',
    kind: 'safety',
  },
  {
    name: 'wal-truncate-on-bad-crc',
    meaning: 'Whatever follows the first bad record of the log counts as a torn write: it is cut off, and the node goes on voting.',
    part: 'durability',
    faults: ['disk', 'partition', 'kill'],
    workloads: ['register', 'append'],
    // One long log is hit more often than many files.
    setting: { snapshotEvery: 0 },
    symptom: 'A node whose disk was damaged has forgotten what it promised and accepted: acknowledged writes are lost.',
    kind: 'safety',
  },
  {
    name: 'wal-no-crc',
    meaning: 'Records of the log are taken for what they say, without a look at their checksums.',
    part: 'durability',
    faults: ['disk', 'kill'],
    workloads: ['append', 'register', 'counter'],
    setting: { snapshotEvery: 0 },
    symptom: 'Values are read that nobody wrote, or a start fails on nonsense.',
    kind: 'safety',
  },
  {
    name: 'wiped-disk-rejoins',
    meaning: 'A node that finds no data takes itself for a new one, under the number that it is given, and votes.',
    part: 'durability',
    faults: ['disk', 'partition', 'kill'],
    workloads: ['register', 'append'],
    symptom: 'A node that has lost its disk has forgotten what it promised and accepted: acknowledged writes are lost.',
    kind: 'safety',
  },
  {
    name: 'compact-before-snapshot-durable',
    meaning: 'The log is shortened when a snapshot is begun, not when it is durable; and a start takes what there is.',
    part: 'snapshots',
    faults: ['kill', 'power'],
    workloads: ['append', 'counter'],
    setting: { snapshotEvery: 25 },
    symptom: 'A node that ends at the wrong moment has lost what it had accepted: acknowledged writes are lost with it, or it cannot start.',
    kind: 'safety',
  },
] as const satisfies readonly CoreBug[];

/** All bugs of the service, those of the core first. */
export const PAXOS_BUGS = [...CORE_BUGS, ...SERVER_BUGS] as const;
