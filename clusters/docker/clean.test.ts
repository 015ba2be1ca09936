import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { cleanEngine } from './clean.js';
import { LABEL } from './labels.js';

/** An engine that has what a run left whose controller is gone, and does not remove the network. */
function engine(runId: string): Docker {
  const labels = { [LABEL.run]: runId, [LABEL.controller]: 'elsewhere 1 1' };
  return {
    listContainers: async () => [{ Id: 'c1', Names: ['/faultline-x-n1'], State: 'running', Labels: labels }],
    listNetworks: async () => [{ Id: 'w1', Name: 'faultline-x', Labels: labels }],
    listVolumes: async () => ({ Volumes: [] }),
    getContainer: () => ({ remove: async () => undefined }),
    getNetwork: () => ({ remove: async () => Promise.reject(new Error('network has active endpoints')) }),
  } as unknown as Docker;
}

it('tells what could not be removed apart from what was', async () => {
  const failed: string[] = [];
  const lines = await cleanEngine(engine('x'), { dryRun: false, runId: 'x', onFailure: (line) => failed.push(line) });
  expect(lines).toEqual(['removed container faultline-x-n1 (running) of run x']);
  expect(failed).toEqual([expect.stringMatching(/^could not remove network faultline-x of run x: .*active endpoints/)]);
  expect(await cleanEngine(engine('x'), { dryRun: true, runId: 'x' })).toHaveLength(2);
  expect(await cleanEngine(engine('x'), { dryRun: false, runId: 'another' })).toEqual([]);
});
