import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Links, overtaken, upTo } from './testing/links.js';
import { ORDERS, type SimSetting } from './setting.js';

const MANY = 2000;

/** A share of `count` independent chances of the given rate lies within five standard deviations, or the network is wrong. */
function expectShare(hits: number, count: number, rate: number): void {
  const deviation = Math.sqrt(count * rate * (1 - rate));
  expect(Math.abs(hits - count * rate)).toBeLessThanOrEqual(5 * deviation);
}

describe('a simulated network like TCP', () => {
  const order = { order: 'fifo', delayMs: [0.1, 30] } as const satisfies Partial<SimSetting['network']>;

  it('keeps the order of every link, loses nothing, and takes as long as it says', async () => {
    const links = new Links({ order: 'fifo', delayMs: [1, 10] });
    for (let i = 0; i < MANY; i++) {
      links.net.send('a', 'b', i);
      links.net.send('c', 'b', i);
      await links.clock.sleep(20);
    }
    expect(links.got('a', 'b')).toEqual(upTo(MANY));
    expect(links.got('c', 'b')).toEqual(upTo(MANY));
    const ways = links.arrivals.map(({ message, atMs }) => atMs - 20 * Number(message));
    expect(Math.min(...ways)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...ways)).toBeLessThanOrEqual(10);
    expectShare(ways.filter((ms) => ms < 5.5).length, 2 * MANY, 0.5);
  });

  it('keeps it however close the messages are', async () => {
    const links = new Links(order);
    await links.send('a', 'b', MANY, { everyMs: 0.01 });
    await links.settled();
    expect(links.got('a', 'b')).toEqual(upTo(MANY));
  });

  it('loses what a connection held when the receiver died, and gives nothing of it to its next life', async () => {
    const links = new Links(order);
    await links.send('a', 'b', 10, { everyMs: 0 });
    links.lives['b'] = undefined;
    links.net.send('a', 'b', 'to nobody');
    links.lives['b'] = 2;
    links.net.send('a', 'b', 'to the new one');
    await links.settled();
    expect(links.got('a', 'b')).toEqual(['to the new one']);
    expect(links.lost()).toEqual(Array.from({ length: 11 }, () => 'down'));
  });

  it('loses with either end what a cut held', async () => {
    for (const ended of ['a', 'b']) {
      const links = new Links(order);
      await links.net.apply('cut', [{ from: 'a', to: 'b', drop: 'stall' }, { from: 'c', to: 'b', drop: 'stall' }]);
      links.net.send('a', 'b', 'held');
      links.net.send('c', 'b', 'held too');
      links.net.forget(ended);
      await links.net.heal();
      await links.settled();
      expect(links.got('a', 'b')).toEqual([]);
      expect(links.got('c', 'b')).toEqual(ended === 'a' ? ['held too'] : []);
      expect(links.lost()).toEqual(ended === 'a' ? ['down'] : ['down', 'down']);
    }
  });
});

describe('a simulated network that loses the order', () => {
  it('uniform: any message may overtake any, and outlives the life that it was for', async () => {
    const links = new Links({ order: 'uniform', delayMs: [0.1, 30] });
    await links.send('a', 'b', MANY);
    links.lives['b'] = 2;
    await links.settled();
    const got = links.got('a', 'b');
    expect([...got].sort((x, y) => Number(x) - Number(y))).toEqual(upTo(MANY));
    expect(overtaken(got)).toBeGreaterThan(MANY / 2);
    links.lives['b'] = undefined;
    links.net.send('a', 'b', 'to nobody');
    await links.settled();
    expect(links.got('a', 'b').length).toBe(MANY);
  });

  it('priorities: a link keeps its order and its pace for a while, and others have another', async () => {
    const links = new Links({ order: 'priorities', delayMs: [0.2, 150], changesPerSecond: 1 });
    const pairs = [['a', 'b'], ['a', 'c'], ['b', 'a'], ['b', 'c'], ['c', 'a'], ['c', 'b']] as const;
    for (let i = 0; i < 100; i++) {
      for (const [from, to] of pairs) links.net.send(from, to, i);
      await links.clock.sleep(100);
    }
    await links.settled();
    const paces = pairs.flatMap(([from, to]) => {
      expect(links.got(from, to)).toEqual(upTo(100));
      const ways = links.arrivals.filter((each) => each.from === from && each.to === to).map(({ message, atMs }) => atMs - 100 * Number(message));
      return upTo(10).map((second) => {
        const own = ways.slice(10 * second, 10 * second + 10);
        // Within an epoch the pace varies by a tenth either way; what is late may be kept up by what was later still, at a change.
        expect(Math.max(...own.slice(2)) / Math.min(...own.slice(2))).toBeLessThanOrEqual(1.1 / 0.9);
        return own[9] ?? 0;
      });
    });
    // Even by their logarithms: from 0.2 to 150, half are below the geometric mean.
    expect(Math.min(...paces)).toBeGreaterThan(0.18);
    expect(Math.max(...paces)).toBeLessThan(150 * 1.1);
    expectShare(paces.filter((ms) => ms < Math.sqrt(0.2 * 150)).length, paces.length, 0.5);
  });

  it('rounds: messages arrive together behind the end of their round, or a link loses the whole round', async () => {
    const rounds = 1000;
    const links = new Links({ order: 'rounds', roundMs: 10, lossRate: 0.2 });
    await links.send('a', 'b', 5 * rounds, { everyMs: 2 });
    await links.settled();
    const byRound = upTo(rounds).map((round) => links.arrivals.filter(({ message }) => Math.floor(Number(message) / 5) === round));
    for (const [round, arrived] of byRound.entries()) {
      expect([0, 5]).toContain(arrived.length);
      for (const { atMs } of arrived) {
        expect(atMs).toBeGreaterThanOrEqual(10 * (round + 1));
        expect(atMs).toBeLessThanOrEqual(10 * (round + 1) + 0.5);
      }
    }
    expectShare(byRound.filter(({ length }) => length === 0).length, rounds, 0.2);
  });

  it.each(['fifo', 'uniform', 'priorities'] as const)('%s: loses and doubles as many as the world says, and no message of a world that does not', async (order) => {
    const troubled = new Links({ order, lossRate: 0.03, duplicateRate: 0.2 });
    const calm = new Links({ order });
    for (const links of [troubled, calm]) {
      await links.send('a', 'b', MANY);
      await links.settled();
    }
    expect(new Set(calm.got('a', 'b')).size).toBe(MANY);
    expect(calm.got('a', 'b').length).toBe(MANY);
    const got = troubled.got('a', 'b');
    const different = new Set(got).size;
    expectShare(MANY - different, MANY, 0.03);
    expectShare(got.length - different, different, 0.2);
    expect(troubled.lost()).toEqual(Array.from({ length: MANY - different }, () => 'lost'));
  });
});

describe('the fate of a message', () => {
  /** When the messages of a link arrive, with `others` going on beside it. */
  async function fates(setting: Partial<SimSetting['network']>, seed: number, others: (links: Links, i: number) => void): Promise<readonly unknown[]> {
    const links = new Links({ delayMs: [0.1, 20], lossRate: 0.1, duplicateRate: 0.2, ...setting }, seed);
    for (let i = 0; i < 60; i++) {
      links.net.send('a', 'b', i);
      others(links, i);
      await links.clock.sleep(3);
    }
    await links.settled();
    return links.arrivals.filter(({ from, to }) => from === 'a' && to === 'b');
  }

  it('depends on the seed, the link and how many there were before it, whatever goes on elsewhere', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...(Object.keys(ORDERS) as (keyof typeof ORDERS)[])), fc.nat(1000), fc.array(fc.nat(59)), async (order, seed, moments) => {
      const alone = await fates({ order }, seed, () => undefined);
      const amid = await fates({ order }, seed, ({ net }, i) => {
        for (const _ of moments.filter((moment) => moment === i)) {
          net.send('a', 'c', i);
          net.send('b', 'a', i);
          void net.apply('elsewhere', [{ from: 'c', to: 'b', lossRate: 0.5, delayMs: 5 }]);
        }
      });
      expect(amid).toEqual(alone);
    }), { numRuns: 40 });
  });

  it('is another one with another seed, be it the run\'s or the world\'s', async () => {
    const all = await Promise.all([fates({}, 1, () => undefined), fates({}, 1, () => undefined), fates({}, 2, () => undefined), fates({ seed: 7 }, 1, () => undefined)]);
    const [first, same, ...others] = all.map((each) => JSON.stringify(each));
    expect(same).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  it('is known to whoever follows the messages, whatever it is', async () => {
    const links = new Links({ order: 'uniform', lossRate: 0.1 });
    links.net.send('a', 'b', 1);
    await links.settled();
    expect(links.trace).toEqual([{ kind: 'message', from: 'a', to: 'b', sentNs: 0, arrivedNs: (links.arrivals[0]?.atMs ?? 0) * 1e6, sort: 'test' }]);
  });

  it('is no question where there is no link', async () => {
    const links = new Links();
    expect(() => links.net.send('a', 'd', 1)).toThrow('there is no link from "a" to "d"');
    await expect(links.net.apply('cut', [{ from: 'a', to: 'a', drop: 'stall' }])).rejects.toMatchObject({ code: 'no-such-link' });
  });
});
