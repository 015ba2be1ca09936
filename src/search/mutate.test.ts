import { describe, expect, it } from 'vitest';
import { Random } from '../random/random.js';
import type { StoredPlan } from '../store/schema.js';
import { mutate } from './mutate.js';
import { partsOf } from './resolve.js';
import { swarm } from './swarm.js';
import { basePlan } from './testing/plans.js';

const plan = swarm(basePlan(1), partsOf(basePlan(1)), { nodes: false, nemeses: false, time: false, rate: false, options: [] });

function changed(mutant: StoredPlan): readonly string[] {
  const before: Readonly<Record<string, unknown>> = plan;
  return Object.entries(mutant).flatMap(([name, value]) => (JSON.stringify(value) === JSON.stringify(before[name]) ? [] : [name]));
}

describe('a mutation', () => {
  const mutants = Array.from({ length: 300 }, (_, i) => mutate(plan, Random.fromSeed(i)));

  it('differs in one thing, or in nothing, and in each thing some time', () => {
    for (const mutant of mutants) expect(changed(mutant).filter((name) => name !== 'command').length).toBeLessThanOrEqual(1);
    expect(new Set(mutants.flatMap(changed))).toEqual(new Set(['seed', 'world', 'paces', 'rate']));
  });

  it('is the same for the same random numbers', () => {
    expect(mutate(plan, Random.fromSeed(5))).toEqual(mutants[5]);
  });

  it('can be carried out', () => {
    for (const mutant of mutants) {
      expect(partsOf(mutant).provider.virtual?.setting.safeParse(mutant.world)).toMatchObject({ success: true });
      for (const { quiet, length } of Object.values(mutant.paces ?? {})) {
        expect(quiet).toBeGreaterThan(0);
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(4);
      }
    }
  });

  it('leaves other fates to the same world, or another world', () => {
    const network = ({ world }: StoredPlan): Readonly<Record<string, unknown>> => (world as { readonly network: Readonly<Record<string, unknown>> }).network;
    const { seed: _, ...before } = network(plan);
    const worlds = mutants.filter((mutant) => changed(mutant).includes('world')).map(network);
    const same = worlds.filter(({ seed: _seed, ...rest }) => JSON.stringify(rest) === JSON.stringify(before));
    expect(same.length).toBeGreaterThan(20);
    expect(worlds.length - same.length).toBeGreaterThan(20);
  });

  it('is possible without any nemesis', () => {
    const calm = { ...plan, nemeses: [], paces: {} };
    for (let i = 0; i < 50; i++) expect(mutate(calm, Random.fromSeed(i)).nemeses).toEqual([]);
  });
});
