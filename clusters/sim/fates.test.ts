import { describe, expect, it } from 'vitest';
import { Fates } from './fates.js';
import { CALM, type SimSetting } from './setting.js';

const SORTS = ['prepare', 'promise', 'accept', 'accepted', 'heartbeat', 'nack'];

function fates(setting: Partial<SimSetting['network']>, key = 1): Fates {
  return new Fates({ ...CALM.network, ...setting }, key);
}

/** How long messages of a sort take on a link at a time. */
function ways(of: Fates, link: number, sort: string, nowMs: number, count = 50): readonly number[] {
  return Array.from({ length: count }, (_, n) => of.arrivalMs(link, n, 3, nowMs, sort) - nowMs);
}

describe('the order "sorts"', () => {
  const setting: Partial<SimSetting['network']> = { order: 'sorts', delayMs: [0.3, 4000], changesPerSecond: 1, lossRate: 0.5, duplicateRate: 0.5 };
  const of = fates(setting);
  const links = Array.from({ length: 20 }, (_, i) => 1000 + i);
  const times = [100, 1100, 2100, 3100];
  const places = links.flatMap((link) => SORTS.flatMap((sort) => times.map((at) => ({ link, sort, at }))));

  it('has sorts that are quick on a link and others that are very slow there', () => {
    const means = places.map(({ link, sort, at }) => ways(of, link, sort, at).reduce((a, b) => a + b, 0) / 50);
    expect(means.filter((ms) => ms < 5).length / means.length).toBeGreaterThan(0.6);
    expect(means.filter((ms) => ms > 100).length / means.length).toBeGreaterThan(0.05);
  });

  it('treats a sort on a link in one way for a time, and then perhaps in another', () => {
    for (const { link, sort, at } of places.slice(0, 100)) {
      const [low, high] = [Math.min(...ways(of, link, sort, at)), Math.max(...ways(of, link, sort, at))];
      expect(high / low).toBeLessThanOrEqual(3);
      expect(ways(of, link, sort, at + 300)[0]).toBeCloseTo(ways(of, link, sort, at)[0] ?? 0, 6);
    }
    const changed = places.filter(({ link, sort, at }) => Math.abs((ways(of, link, sort, at)[0] ?? 0) - (ways(of, link, sort, at + 1000)[0] ?? 0)) > 1e-3);
    expect(changed.length / places.length).toBeGreaterThan(0.9);
  });

  it('loses or doubles some sorts on some links, and leaves most alone', () => {
    const share = (hit: (link: number, n: number, at: number, sort: string) => boolean): number => places.filter(({ link, sort, at }) => Array.from({ length: 40 }, (_, n) => hit(link, n, at, sort)).some(Boolean)).length / places.length;
    for (const hit of [of.lost.bind(of), of.twice.bind(of)]) {
      expect(share(hit)).toBeGreaterThan(0.05);
      expect(share(hit)).toBeLessThan(0.25);
    }
  });

  it('is another one with another key', () => {
    expect(ways(fates(setting, 2), 1000, 'prepare', 100)).not.toEqual(ways(of, 1000, 'prepare', 100));
  });
});

describe('the order "stragglers"', () => {
  it('has as many late messages as it says, and the others quick', () => {
    const all = ways(fates({ order: 'stragglers', delayMs: [0.2, 1500], lateRate: 0.2 }), 7, 'accept', 0, 5000);
    const late = all.filter((ms) => ms > 3);
    expect(late.length / all.length).toBeGreaterThan(0.17);
    expect(late.length / all.length).toBeLessThan(0.23);
    expect(Math.max(...all)).toBeLessThanOrEqual(1500);
    expect(late.filter((ms) => ms > 300).length / late.length).toBeGreaterThan(0.2);
  });
});
