import { describe, expect, it } from 'vitest';
import { Random, type Disk, type Node, type Run } from '../../src/index.js';
import { powerLoss } from './power-loss.js';

/** A node whose disk is a table of texts. */
function nodeWith(files: Map<string, string>): Node {
  const disk: Partial<Disk> = {
    list: async () => [...files].map(([path, text]) => ({ path, bytes: text.length })),
    read: async (path) => Buffer.from(files.get(path) ?? ''),
    patch: async (path, at, bytes) => void files.set(path, (files.get(path) ?? '').slice(0, at) + bytes.toString()),
    replace: async (from, _to, keep) => {
      for (const path of [...files.keys()]) if (!keep.some((name) => path.startsWith(`${name}/`))) files.delete(path);
      for (const [path, text] of [...files]) if (path.startsWith(`${from}/`)) files.set(path.slice(from.length + 1), text);
    },
  };
  return { name: 'n1', disk } as unknown as Node;
}

const run = (seed: number): Run => ({ random: Random.fromSeed(seed) }) as unknown as Run;
const folder = (log: string, durable: string): Map<string, string> => new Map([['log-000000.wal', log], ['identity.json', 'new'], ['identity.json.tmp', 'half'], ['.durable/log-000000.wal', durable], ['.durable/identity.json', 'old']]);

describe('a power failure', () => {
  it('leaves what was durable, and of the rest a prefix at most', () => {
    const left = new Set<string>();
    return Promise.all(
      Array.from({ length: 40 }, async (_, seed) => {
        const files = folder('durable+LOST', 'durable');
        const words = await powerLoss(nodeWith(files), run(seed));
        const log = files.get('log-000000.wal') ?? '';
        expect('durable+LOST'.startsWith(log) && log.startsWith('durable') && log.length < 12).toBe(true);
        expect(words).toContain(`lost ${12 - log.length} of the 12 bytes`);
        expect([files.get('identity.json'), files.has('identity.json.tmp'), files.get('.durable/log-000000.wal')]).toEqual(['old', false, 'durable']);
        left.add(log);
      }),
    ).then(() => expect(left.size).toBeGreaterThan(3));
  });

  it('takes nothing of a log that was durable, and nothing from a node that has written nothing', async () => {
    const files = folder('all', 'all');
    expect(await powerLoss(nodeWith(files), run(1))).toBe('lost nothing: its whole log was durable');
    expect(files.get('log-000000.wal')).toBe('all');
    const fresh = new Map([['identity.json', 'new'], ['log-000000.wal', '']]);
    expect(await powerLoss(nodeWith(fresh), run(1))).toMatch(/^lost nothing/);
    expect(fresh.get('identity.json')).toBe('new');
  });

  it('takes a piece of the log that was begun and not durable, and none that was', async () => {
    const files = new Map([['log-000003.wal', 'whole'], ['log-000004.wal', 'LOST'], ['snapshot-000003.dat', 'old'], ['snapshot-000004.dat.tmp', 'half'], ['identity.json', 'new'], ['.durable/log-000003.wal', 'whole'], ['.durable/snapshot-000003.dat', 'old'], ['.durable/identity.json', 'old']]);
    expect(await powerLoss(nodeWith(files), run(1))).toContain('lost 4 of the 9 bytes of the end of its log');
    expect([...files].filter(([path]) => !path.startsWith('.'))).toEqual([['log-000003.wal', 'whole'], ['snapshot-000003.dat', 'old'], ['identity.json', 'old']]);
  });
});
