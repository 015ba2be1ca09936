import { describe, expect, it } from 'vitest';
import { Random } from '../../src/index.js';
import { confine, drawSetting, simSettingSchema, troubledLinks } from './setting.js';

const world = drawSetting(Random.fromSeed(1));

describe('a world that is confined', () => {
  it('has all links in trouble at first, and then those that it was confined to', () => {
    expect(troubledLinks(world, 3)).toEqual(['n1>n2', 'n1>n3', 'n2>n1', 'n2>n3', 'n3>n1', 'n3>n2']);
    const few = confine(world, { links: ['n2>n1', 'n5>n1'] });
    expect(troubledLinks(few, 3)).toEqual(['n2>n1']);
    expect(simSettingSchema.parse(few)).toEqual(few);
    expect({ ...few, network: { ...few.network, troubled: undefined } }).toEqual({ ...world, network: { ...world.network, troubled: undefined } });
  });

  it('never has trouble at more times than before', () => {
    const early = confine(world, { timeMs: [100, 500] });
    expect(early.network.troubledMs).toEqual([100, 500]);
    expect(confine(early, { timeMs: [0, 300] }).network.troubledMs).toEqual([100, 300]);
    expect(confine(early, { timeMs: [400, 9000] }).network.troubledMs).toEqual([400, 500]);
    expect(confine(early, { timeMs: [0, 50] }).network.troubledMs).toEqual([100, 100]);
  });
});
