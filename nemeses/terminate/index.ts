import { downingNemesis } from '../shared/downing.js';

/** Ends nodes as an operator does, with SIGTERM: they may say goodbye, hand over, close files. */
export const terminateNemesis = downingNemesis({
  name: 'terminate',
  description: 'Ends nodes in order (SIGTERM, SIGKILL for those that do not heed it) and starts them again on their data.',
  verb: 'Ends',
  needs: ['terminate'],
  way: () => ({
    past: 'ended',
    down: async (node) => {
      await node.signal('SIGTERM');
      const end = await node.lastEnd();
      if (end === undefined) return 'gone';
      return end.signal === null ? `ended with exit code ${end.code ?? '?'}` : `ended by ${end.signal}`;
    },
  }),
});
