import { FaultlineError } from '../../src/index.js';
import { downingNemesis } from '../shared/downing.js';

/** Takes the power from nodes: what they had written and not synced is gone when they start again. SIGKILL alone leaves it, in the page cache. */
export const powerNemesis = downingNemesis({
  name: 'power',
  description: 'Takes the power from nodes: they are killed and lose what they had not made durable, a torn write may be left; then they are started again.',
  verb: 'Takes the power from',
  needs: ['kill', 'power-loss'],
  way: (run) => ({
    past: 'unpowered',
    down: async (node) => {
      const { cluster, system } = run;
      if (cluster.powerCut !== undefined) return cluster.powerCut(node);
      if (system.powerLoss === undefined) throw new FaultlineError('no-power-loss', `${system.name} does not say what a power failure takes from its nodes`);
      await node.signal('SIGKILL');
      // Its files are changed now: nobody may be writing to them.
      if ((await node.state()) !== 'stopped') throw new FaultlineError('still-running', `${node.name} runs after SIGKILL`);
      return system.powerLoss(node, run);
    },
  }),
});
