import { describe, expect, it } from 'vitest';
import { Random } from '../../src/index.js';
import { Links } from './testing/links.js';

const never = new AbortController().signal;

/** A network on which one message of each of these sorts has arrived, the first of them most often. */
async function after(...sorts: readonly string[]): Promise<Links> {
  const links = new Links();
  for (const [i, sort] of sorts.entries()) {
    for (let times = i; times < sorts.length; times++) links.net.send('a', 'b', sort);
  }
  await links.settled();
  return links;
}

describe('a moment that matters', () => {
  it('is when a message of a sort that was seen before is sent or arrives, or soon after', async () => {
    const links = await after('accept', 'accepted', 'prepare');
    for (let seed = 0; seed < 60; seed++) {
      const begun = links.clock.nowMs;
      const moment = links.net.moments.next(Random.fromSeed(seed), 500, never);
      await links.clock.sleep(50);
      for (const sort of ['accept', 'accepted', 'prepare']) links.net.send('b', 'c', sort);
      const met = await moment;
      expect(met).toMatchObject({ from: 'b', to: 'c' });
      const arrived = links.arrivals.findLast(({ message }) => message === met?.sort)?.atMs ?? NaN;
      const passed = met?.was === 'sent' ? begun + 50 : arrived;
      expect(links.clock.nowMs).toBeCloseTo(passed + (met?.laterMs ?? NaN), 5);
      expect(met?.laterMs).toBeGreaterThan(0);
      await links.settled();
    }
  });

  it('is of the rare sorts more often', async () => {
    const links = await after('accept', 'accepted', 'prepare');
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 300; seed++) {
      const moment = links.net.moments.next(Random.fromSeed(seed), 500, never);
      for (const sort of ['accept', 'accepted', 'prepare']) links.net.send('b', 'c', sort);
      const { sort = '' } = (await moment) ?? {};
      counts.set(sort, (counts.get(sort) ?? 0) + 1);
      await links.clock.sleep(20);
    }
    expect(counts.get('prepare')).toBeGreaterThan(counts.get('accept') ?? 0);
    expect([...counts.keys()].sort()).toEqual(['accept', 'accepted', 'prepare']);
  });

  it('is not waited for longer than there is patience, nor after the signal, nor where nothing was ever sent', async () => {
    const links = await after('accept');
    const begun = links.clock.nowMs;
    expect(await links.net.moments.next(Random.fromSeed(1), 300, never)).toBeUndefined();
    expect(links.clock.nowMs).toBeCloseTo(begun + 300, 3);
    const stop = new AbortController();
    const moment = links.net.moments.next(Random.fromSeed(1), 1e6, stop.signal);
    stop.abort();
    expect(await moment).toBeUndefined();
    expect(await new Links().net.moments.next(Random.fromSeed(1), 300, never)).toBeUndefined();
  });
});
