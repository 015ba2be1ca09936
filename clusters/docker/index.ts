import { connectEngine } from './engine/connect.js';
import { cleanEngine } from './clean.js';
import { examineDocker } from './examine.js';
import { provisionDocker } from './provision.js';
import { FaultlineError, type ClusterProvider } from '../../src/index.js';

/**
 * Nodes as containers on the engine that DOCKER_HOST (or the local socket) names: real packets, real limits, unmodified images. See docs/docker-cluster.md.
 */
export const dockerProvider: ClusterProvider = {
  name: 'docker',
  description: 'Containers on a Docker engine; faults on packets, clocks, memory and disks, unmodified images.',
  containers: true,
  examine: examineDocker,
  provision: provisionDocker,
  clean: async (options) => {
    try {
      const { docker } = await connectEngine(process.env);
      return await cleanEngine(docker, options);
    } catch (error) {
      // Where no engine is, nothing of ours can be.
      if (error instanceof FaultlineError && error.code === 'engine-down' && (process.env['DOCKER_HOST'] ?? '') === '') return [];
      throw error;
    }
  },
};
