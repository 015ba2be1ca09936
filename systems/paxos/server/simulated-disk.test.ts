import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from './testing/simulated-life.js';
import { trial, type TrialOptions, type Verdict } from './testing/trial.js';

/** Tries many seeds, of which none may show what is forbidden; together they must show what is to be seen. */
async function holds(options: TrialOptions, forbidden: readonly Verdict['kind'][], expected: readonly Event[]): Promise<void> {
  const seen = new Set<Event>();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const verdict = await trial(seed, options);
      for (const event of verdict.seen) seen.add(event);
      expect(forbidden.includes(verdict.kind) ? verdict.why : '').toBe('');
    }),
    { numRuns: 120 },
  );
  expect([...seen]).toEqual(expect.arrayContaining([...expected]));
}

describe('a node\'s storage, wherever its lives end', () => {
  it.each<[string, TrialOptions, readonly Event[]]>([
    ['killed', {}, ['a snapshot', 'a torn write']],
    ['killed without fsync', { sync: false }, ['a snapshot', 'a torn write']],
    ['when the power fails, in the middle of a start as well', { power: true }, ['a snapshot', 'a torn write', 'a start cut short', 'bytes lost', 'names lost']],
    ['on a disk that is full, slow or failing', { power: true, strains: true }, ['a snapshot', 'a full disk', 'a disk that failed', 'bytes lost']],
  ])('%s, loses nothing that was acknowledged, and starts again', { timeout: 120_000 }, async (_, options, expected) => {
    await holds(options, ['lost', 'refused', 'crashed'], expected);
  });

  it('damaged: it keeps all, or says that it cannot', { timeout: 120_000 }, async () => {
    await holds({ damage: true }, ['lost', 'crashed'], ['damage']);
  });

  it.each([
    ['a mark that was torn when it was new', 35],
    ['a data folder that was made, and made again before it was there to stay', 193],
  ])('starts, where it refused to once: %s (seed %i)', async (_, seed) => {
    expect(await trial(seed, { power: true })).toMatchObject({ kind: 'kept' });
  });
});

describe('bugs that a disk brings to light', () => {
  it.each<[string, TrialOptions, readonly Verdict['kind'][]]>([
    ['skip-fsync', { sync: false, power: true }, ['lost', 'refused']],
    ['skip-folder-sync', { bugs: ['skip-folder-sync'], power: true }, ['lost', 'refused']],
    ['compact-before-snapshot-durable', { bugs: ['compact-before-snapshot-durable'] }, ['lost', 'refused']],
    ['wal-truncate-on-bad-crc', { bugs: ['wal-truncate-on-bad-crc'], damage: true }, ['lost']],
    ['wal-no-crc', { bugs: ['wal-no-crc'], damage: true }, ['lost', 'crashed']],
  ])('%s', { timeout: 120_000 }, async (_, options, kinds) => {
    const found = async (seed: number): Promise<boolean> => seed < 100 && (kinds.includes((await trial(seed, options)).kind) || (await found(seed + 1)));
    expect(await found(0)).toBe(true);
  });
});
