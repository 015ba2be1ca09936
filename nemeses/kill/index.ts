import { downingNemesis } from '../shared/downing.js';

/** Kills nodes with SIGKILL and starts them again on the same data. */
export const killNemesis = downingNemesis({
  name: 'kill',
  description: 'Kills nodes (SIGKILL, whole process group) and starts them again on their data.',
  verb: 'Kills',
  needs: ['kill'],
  way: () => ({
    past: 'killed',
    down: async (node) => {
      await node.signal('SIGKILL');
      return 'gone';
    },
  }),
});
