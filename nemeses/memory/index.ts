import { downingNemesis } from '../shared/downing.js';

/** The kernel gets this long to find a program that has run out of memory. */
const KILL_MS = 6000;

/** Lets nodes run out of memory: their limit is lowered to what they use, and the kernel kills them when they ask for more. */
export const memoryNemesis = downingNemesis({
  name: 'memory',
  description: 'Lets nodes run out of memory (the kernel kills them) and starts them again on their data, with their old limit.',
  verb: 'Starves',
  needs: ['out-of-memory'],
  way: (run) => ({
    past: 'starved',
    down: async (node, signal) => {
      await node.exhaustMemory(run.clock.within(KILL_MS, signal));
      return 'killed by the kernel, out of memory';
    },
  }),
});
