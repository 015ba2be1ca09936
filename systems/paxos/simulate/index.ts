import type { Simulation } from '../../../src/index.js';
import { paxosOptions } from '../options.js';
import { describeMessage } from './describe.js';
import { runServer } from './program.js';
import { sortOf } from './transport.js';

/** The service in a simulation: the same core, storage and requests, on a simulated machine. */
export const paxosSimulation: Simulation = {
  run: (_file, argv, machine) => runServer(argv, machine),
  clockErrorRate: (options) => paxosOptions.parse(options).clockError,
  draw: (random, { nodes, matter }) => ({
    snapshotEvery: random.fork('snapshots').pick(matter === 'disks' ? [0, 10, 10, 30] : [0, 10, 30, 100]),
    reads: random.fork('reads').pick(matter === 'time' ? ['lease', 'mixed'] : ['mixed', 'mixed', 'read-index', 'lease', 'quorum']),
    leaseMs: random.fork('lease').pick(matter === 'time' ? [200, 500] : matter === 'leaders' ? [0, 0, 200] : [0, 200, 500]),
    electionTimeoutMs: random.fork('election').pick(matter === 'leaders' || matter === 'time' ? [100, 100, 200] : [100, 200, 400]),
    ...(matter === 'time' ? { clockError: random.fork('clock error').pick([0.01, 0.1, 0.3]) } : {}),
    ...(nodes > 3 && random.fork('quorums').float() < 0.25 ? { quorums: 'flexible' } : {}),
  }),
  describe: describeMessage,
  sortOf,
};
