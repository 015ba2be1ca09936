import type { Simulation } from '../../../src/index.js';
import { paxosOptions } from '../options.js';
import { describeMessage } from './describe.js';
import { runServer } from './program.js';

/** The service in a simulation: the same core, storage and requests, on a simulated machine. */
export const paxosSimulation: Simulation = {
  run: (_file, argv, machine) => runServer(argv, machine),
  clockErrorRate: (options) => paxosOptions.parse(options).clockError,
  describe: describeMessage,
};
