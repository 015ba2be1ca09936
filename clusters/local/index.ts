import type { ClusterProvider } from '../../src/index.js';
import { cleanLocal } from './clean.js';
import { examineLocal } from './examine.js';
import { provisionLocal } from './provision.js';

/**
 * Nodes as processes of this machine: no root, no containers. Every directed link between two nodes goes through a relay in
 * the controller, so that it can be cut, slowed and healed at once; see docs/local-cluster.md for what that is and is not.
 */
export const localProvider: ClusterProvider = {
  name: 'local',
  description: 'Processes on this machine; links go through in-process TCP relays, faults need no privileges.',
  examine: examineLocal,
  provision: provisionLocal,
  clean: cleanLocal,
};
