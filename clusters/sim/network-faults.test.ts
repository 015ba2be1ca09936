import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkFault, LinkProbe, LinkStats } from '../../src/index.js';
import { Links, overtaken, upTo } from './testing/links.js';

const MANY = 2000;
const AB = { from: 'a', to: 'b' } as const;

async function stats({ net }: Links, { from, to } = AB): Promise<LinkStats> {
  const found = (await net.stats()).find((each) => each.from === from && each.to === to);
  if (found === undefined) throw new Error(`no link from ${from} to ${to}`);
  return found;
}

/** Links with faults in force on a to b. */
async function faulty(...faults: readonly Omit<LinkFault, 'from' | 'to'>[]): Promise<Links> {
  const links = new Links();
  for (const [owner, fault] of faults.entries()) await links.net.apply(`owner ${owner}`, [{ ...AB, ...fault }]);
  return links;
}

describe('a cut link', () => {
  it('holds what is on its way and what comes, the other direction is whole, and healing lets it go in order', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom('fifo', 'priorities'), fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 }), async (order, moments) => {
      const links = new Links({ order, delayMs: [5, 9], changesPerSecond: 0 });
      const changes = new Set(moments);
      for (let i = 0; i < 40; i++) {
        if (changes.has(i)) await links.net.apply('cut', (await stats(links)).cut ? [] : [{ ...AB, drop: 'stall' }]);
        links.net.send('a', 'b', i);
        links.net.send('b', 'a', i);
        await links.clock.sleep(1);
      }
      await links.clock.sleep(100);
      const through = links.got('a', 'b');
      expect(through).toEqual(upTo(through.length));
      if ((await stats(links)).cut) expect(await stats(links)).toMatchObject({ heldBytes: (40 - through.length) * 200 });
      expect(links.got('b', 'a')).toEqual(upTo(40));
      await links.net.heal();
      await links.clock.sleep(100);
      expect(links.got('a', 'b')).toEqual(upTo(40));
      expect(await stats(links)).toMatchObject({ cut: false, heldBytes: 0, deliveredChunks: 40, deliveredBytes: 8000 });
    }));
  });

  it('loses what is on its way where messages are not in connections, and holds what comes', async () => {
    const links = new Links({ order: 'uniform', delayMs: [5, 9] });
    links.net.send('a', 'b', 'on its way');
    await links.net.apply('cut', [{ ...AB, drop: 'stall' }]);
    links.net.send('a', 'b', 'later');
    await links.settled();
    await links.net.clear('cut');
    await links.settled();
    expect(links.got('a', 'b')).toEqual(['later']);
    expect(links.lost()).toEqual(['cut']);
  });

  it('that resets loses what was held, what is on its way and what comes', async () => {
    const links = new Links({ delayMs: [5, 9] });
    await links.net.apply('cut', [{ ...AB, drop: 'stall' }]);
    links.net.send('a', 'b', 'held');
    await links.net.clear('cut');
    links.net.send('a', 'b', 'on its way');
    await links.net.apply('cut', [{ ...AB, drop: 'reset' }]);
    links.net.send('a', 'b', 'refused');
    links.net.send('b', 'a', 'the other way');
    await links.settled();
    await links.net.heal();
    links.net.send('a', 'b', 'healed');
    await links.settled();
    expect(links.got('a', 'b')).toEqual(['healed']);
    expect(links.got('b', 'a')).toEqual(['the other way']);
    expect(links.lost()).toEqual(['cut', 'cut', 'cut']);
    expect(await stats(links)).toMatchObject({ resets: 1 });
  });

  it('that begins to reset lets nothing go that it held', async () => {
    const links = await faulty({ drop: 'stall' });
    links.net.send('a', 'b', 'held');
    await links.net.apply('another', [{ ...AB, drop: 'reset' }]);
    await links.net.heal();
    await links.settled();
    expect(links.got('a', 'b')).toEqual([]);
    expect(links.lost()).toEqual(['cut']);
  });
});

describe('faults of several owners', () => {
  it('add up, and each is cleared by itself', async () => {
    const links = new Links({ delayMs: [1, 1] });
    const wayMs = async (): Promise<number | undefined> => {
      const [sentMs, before] = [links.clock.nowMs, links.arrivals.length];
      links.net.send('a', 'b', 'x');
      await links.settled();
      return links.arrivals.length === before ? undefined : Math.round((links.arrivals.at(-1)?.atMs ?? 0) - sentMs);
    };
    expect(links.net.faulty()).toBe(false);
    await links.net.apply('slow', [{ ...AB, delayMs: 100 }]);
    await links.net.apply('slower', [{ ...AB, delayMs: 50 }]);
    expect(await wayMs()).toBe(151);
    await links.net.apply('cut', [{ ...AB, drop: 'stall' }]);
    await links.net.apply('cut too', [{ ...AB, drop: 'stall' }]);
    expect(await wayMs()).toBeUndefined();
    await links.net.clear('cut');
    expect(links.got('a', 'b').length).toBe(1);
    await links.net.apply('slow', [{ ...AB, delayMs: 10 }]);
    await links.net.clear('cut too');
    await links.settled();
    expect(links.got('a', 'b').length).toBe(2);
    expect(await wayMs()).toBe(61);
    await links.net.clear('slower');
    expect(await wayMs()).toBe(11);
    await links.net.clear('nobody');
    expect(links.net.faulty()).toBe(true);
    await links.net.clear('slow');
    expect(await wayMs()).toBe(1);
    expect(links.net.faulty()).toBe(false);
  });

  it.each([
    ['one', [{ lossRate: 0.3 }], 0.3],
    ['two, as independent chances', [{ lossRate: 0.3 }, { lossRate: 0.5 }], 0.65],
  ])('lose as many as they say: %s', async (_, faults, rate) => {
    const links = await faulty(...faults);
    await links.send('a', 'b', MANY);
    await links.settled();
    expect(Math.abs(MANY - links.got('a', 'b').length - MANY * rate)).toBeLessThan(5 * Math.sqrt(MANY * rate * (1 - rate)));
    expect(await stats(links)).toMatchObject({ disturbedChunks: MANY - links.got('a', 'b').length });
  });

  it('double as many as they say', async () => {
    const links = await faulty({ duplicateRate: 0.25 });
    await links.send('a', 'b', MANY);
    await links.settled();
    expect(new Set(links.got('a', 'b')).size).toBe(MANY);
    expect(Math.abs(links.got('a', 'b').length - 1.25 * MANY)).toBeLessThan(5 * Math.sqrt(MANY * 0.25 * 0.75));
  });

  it('let be overtaken as many as they say, and keep the others in order', async () => {
    const links = await faulty({ reorderRate: 0.2 });
    // Sent faster than the late ones come: nearly each of them is overtaken.
    await links.send('a', 'b', MANY, { everyMs: 0.2 });
    await links.settled();
    const got = links.got('a', 'b');
    const { disturbedChunks } = await stats(links);
    expect(Math.abs(disturbedChunks - 0.2 * MANY)).toBeLessThan(5 * Math.sqrt(MANY * 0.2 * 0.8));
    expect(overtaken(got)).toBeLessThanOrEqual(disturbedChunks);
    expect(overtaken(got)).toBeGreaterThan(0.9 * disturbedChunks);
    expect(new Set(got).size).toBe(MANY);
  });

  it('spread the delay over the jitter', async () => {
    const links = await faulty({ delayMs: 100, jitterMs: 40 });
    await links.send('a', 'b', 200, { everyMs: 200 });
    const ways = links.arrivals.map(({ atMs, message }) => atMs - 200 * Number(message));
    expect(Math.min(...ways)).toBeGreaterThan(100);
    expect(Math.max(...ways)).toBeLessThan(142);
    expect(Math.max(...ways) - Math.min(...ways)).toBeGreaterThan(35);
    expect(await stats(links)).toMatchObject({ delayedChunks: 200 });
  });

  it('let through no more bytes than the narrowest', async () => {
    const links = await faulty({ bytesPerSecond: 50_000 }, { bytesPerSecond: 10_000 });
    for (let i = 0; i < 10; i++) links.net.send('a', 'b', 'x'.repeat(998));
    await links.settled();
    expect(links.arrivals.map(({ atMs }) => Math.round(atMs))).toEqual(upTo(10).map((i) => 100 * (Number(i) + 1)));
  });
});

describe('a probe', () => {
  async function probed(links: Links): Promise<LinkProbe> {
    const [found, ...others] = await links.net.probe([AB]);
    expect(others).toEqual([]);
    if (found === undefined) throw new Error('no probe');
    return found;
  }

  it('says that a link is whole, whatever the world is like, and is seen by no program', async () => {
    for (const world of [{}, { order: 'uniform', delayMs: [1, 80], lossRate: 0.9, duplicateRate: 0.9 }, { order: 'rounds', roundMs: 100, lossRate: 0.9 }, { order: 'priorities', delayMs: [0.2, 5000] }] as const) {
      const links = new Links(world as ConstructorParameters<typeof Links>[0]);
      expect(await links.net.probe()).toEqual(['a', 'b', 'c'].flatMap((from) => ['a', 'b', 'c'].flatMap((to) => (from === to ? [] : [{ from, to, sent: 12, received: 12, duplicates: 0, reordered: 0, meanMs: 0.5, maxMs: 0.5 }]))));
      expect(links.arrivals).toEqual([]);
      expect(links.trace).toEqual([]);
    }
  });

  it.each([
    ['a cut', { drop: 'stall' }, { received: 0, meanMs: null, maxMs: null }],
    ['a cut that resets', { drop: 'reset' }, { received: 0 }],
    ['a loss of everything', { lossRate: 1 }, { received: 0 }],
    ['duplicates', { duplicateRate: 1 }, { received: 12, duplicates: 12 }],
    ['a delay', { delayMs: 80 }, { received: 12, meanMs: 80.5, maxMs: 80.5 }],
  ] as const)('shows %s', async (_, fault, seen) => {
    expect(await probed(await faulty(fault))).toMatchObject(seen);
  });

  it('shows a disorder, and a narrow link', async () => {
    expect((await probed(await faulty({ reorderRate: 0.6 }))).reordered).toBeGreaterThan(0);
    expect((await probed(await faulty({ bytesPerSecond: 1000 }))).maxMs).toBeGreaterThan(200);
  });

  it('leaves nothing behind that a cut would hold, and takes less than a second', async () => {
    const links = await faulty({ drop: 'stall' });
    links.net.send('a', 'b', 'held');
    await probed(links);
    expect(links.clock.nowMs).toBeLessThan(1000);
    expect(await stats(links)).toMatchObject({ heldBytes: 200 });
    await links.net.heal();
    await links.settled();
    expect(links.got('a', 'b')).toEqual(['held']);
  });

  it('changes nothing for the messages of the programs on other links', async () => {
    const fates = async (probe: boolean): Promise<unknown> => {
      const links = new Links({ order: 'uniform', lossRate: 0.2 });
      if (probe) await links.net.probe([{ from: 'c', to: 'b' }]);
      else await links.clock.sleep(12);
      await links.send('a', 'b', 100);
      await links.settled();
      return links.arrivals;
    };
    expect(await fates(true)).toEqual(await fates(false));
  });
});

describe('healing', () => {
  it('ends what ails the world itself as well', async () => {
    const links = new Links({ order: 'stragglers', delayMs: [0.2, 4000], lateRate: 0.5, lossRate: 0.5, duplicateRate: 0.5 });
    await links.net.heal();
    await links.send('a', 'b', 500);
    await links.clock.sleep(5);
    expect([...links.got('a', 'b')].map(Number).sort((a, b) => a - b)).toEqual(upTo(500));
  });
});

describe('trouble that is confined', () => {
  const bad = { order: 'stragglers', delayMs: [0.2, 4000], lateRate: 0.5, lossRate: 0.5, duplicateRate: 0.5 } as const;

  it('to some links leaves the others quick and whole', async () => {
    const links = new Links({ ...bad, delayMs: [0.2, 4000], troubled: ['a>b'] });
    await links.send('a', 'b', 300);
    await links.send('b', 'a', 300);
    await links.clock.sleep(5);
    expect([...links.got('b', 'a')].map(Number).sort((a, b) => a - b)).toEqual(upTo(300));
    expect(links.got('a', 'b').length).toBeLessThan(280);
  });

  it('to a time leaves the rest of it quick and whole', async () => {
    const links = new Links({ ...bad, delayMs: [0.2, 4000], troubledMs: [1000, 1300] });
    await links.send('a', 'b', 1600);
    await links.settled();
    const got = new Set(links.got('a', 'b').map(Number));
    const missing = upTo(1600).filter((n) => !got.has(n));
    expect(missing.length).toBeGreaterThan(50);
    expect(missing.every((n) => n >= 995 && n < 1305)).toBe(true);
  });
});
