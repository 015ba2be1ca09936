import type { Simulation } from '../../../src/index.js';
import { sortOf } from '../../paxos/simulate/transport.js';
import { describeMessage } from './describe.js';
import { runSynodServer } from './program.js';

/** No promise of the single decree depends on a clock; so wrong may those be that only retransmissions and pauses go by. */
const CLOCK_ERROR = 0.1;

/** The service in a simulation: the same core, log and requests, on a simulated machine. */
export const synodSimulation: Simulation = {
  run: (_file, argv, machine) => runSynodServer(argv, machine),
  clockErrorRate: () => CLOCK_ERROR,
  draw: (random) => ({ retryMs: random.fork('retry').pick([25, 50, 50, 150]) }),
  describe: describeMessage,
  sortOf,
};
