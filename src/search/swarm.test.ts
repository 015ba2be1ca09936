import { describe, expect, it } from 'vitest';
import { nemeses, systems } from '../registry.js';
import type { StoredPlan } from '../store/schema.js';
import { partsOf } from './resolve.js';
import { swarm, type Pinned } from './swarm.js';
import { basePlan } from './testing/plans.js';

const FREE: Pinned = { nodes: false, nemeses: false, time: false, rate: false, options: [] };
const RUNS = 300;

function drawn(seed: number, pinned: Partial<Pinned> = {}, over: Partial<StoredPlan> = {}): StoredPlan {
  const plan = { ...basePlan(seed), ...over };
  return swarm(plan, partsOf(plan), { ...FREE, ...pinned });
}

function different<T>(of: (plan: StoredPlan) => T): number {
  return new Set(Array.from({ length: RUNS }, (_, seed) => JSON.stringify(of(drawn(seed))))).size;
}

describe('what a seed decides', () => {
  it('is the same each time, and can be carried out', () => {
    for (let seed = 0; seed < 50; seed++) {
      const plan = drawn(seed);
      expect(drawn(seed)).toEqual(plan);
      const { systemOptions, provider } = partsOf(plan);
      expect(systemOptions).toBeDefined();
      expect(provider.virtual?.setting.safeParse(plan.world)).toMatchObject({ success: true });
      expect(plan.concurrency).toBe(2 * plan.nodes);
      expect(Object.keys(plan.paces ?? {}).sort()).toEqual([...plan.nemeses].sort());
    }
  });

  it('has many sides', () => {
    expect(different(({ nodes }) => nodes)).toBe(2);
    expect(different(({ timeMs }) => timeMs)).toBe(3);
    expect(different(({ rate }) => rate)).toBe(5);
    expect(different(({ core }) => core)).toBe(2);
    expect(different(({ world }) => world)).toBe(RUNS);
    expect(different(({ systemOptions }) => systemOptions)).toBeGreaterThan(10);
    expect(different(({ paces }) => paces)).toBeGreaterThan(100);
  });

  it('has every nemesis in some runs and not in others, and at least one in each', () => {
    const plans = Array.from({ length: RUNS }, (_, seed) => drawn(seed));
    for (const name of Object.keys(nemeses)) {
      const share = plans.filter((plan) => plan.nemeses.includes(name)).length / RUNS;
      expect(share, name).toBeGreaterThan(0.05);
      expect(share, name).toBeLessThan(0.8);
    }
    expect(Math.min(...plans.map((plan) => plan.nemeses.length))).toBe(1);
    expect(new Set(plans.map((plan) => plan.nemeses.length)).size).toBeGreaterThan(5);
  });

  it('has few nemeses with few kinds each in most of the runs, and in many of these the leader cut off again and again', () => {
    const plans = Array.from({ length: RUNS }, (_, seed) => drawn(seed));
    const few = plans.filter(({ nemeses: names, paces = {} }) => names.length <= 3 && Object.values(paces).every(({ kinds, quiet }) => kinds !== undefined && kinds.length <= 3 && quiet <= 0.3));
    expect(few.length / RUNS).toBeGreaterThan(0.7);
    expect(few.length / RUNS).toBeLessThan(0.9);
    const churning = few.filter(({ paces = {} }) => paces['partition']?.kinds?.join() === 'leader-after-leader');
    expect(churning.length / RUNS).toBeGreaterThan(0.2);
  });

  it('has every kind of every nemesis in some', () => {
    const kept = Object.fromEntries(Object.keys(nemeses).map((name) => [name, new Set<string>()]));
    for (let seed = 0; seed < 3 * RUNS; seed++) {
      for (const [name, { kinds }] of Object.entries(drawn(seed).paces ?? {})) for (const kind of kinds ?? []) kept[name]?.add(kind);
    }
    for (const [name, { kinds }] of Object.entries(nemeses)) expect([...(kept[name] ?? [])].sort(), name).toEqual(Object.keys(kinds).sort());
  });
});

describe('what was asked for', () => {
  const asked = { nodes: 7, concurrency: 14, nemeses: ['kill'], timeMs: 1234, rate: 17, systemOptions: { leaseMs: 123 } };

  it('stays as it is', () => {
    for (let seed = 0; seed < 50; seed++) {
      const plan = drawn(seed, { nodes: true, nemeses: true, time: true, rate: true, options: ['leaseMs'] }, asked);
      expect(plan).toMatchObject(asked);
      expect(Object.keys(plan.paces ?? {})).toEqual(['kill']);
    }
  });

  it('may be no nemesis at all', () => {
    expect(drawn(1, { nemeses: true }, { nemeses: [] })).toMatchObject({ nemeses: [], paces: {} });
  });

  it('keeps a number of clients that is not so many a node', () => {
    for (let seed = 0; seed < 20; seed++) expect(drawn(seed, {}, { concurrency: 7 }).concurrency).toBe(7);
  });

  it.each([
    ['nodes', { nodes: true }, { nodes: 5 }],
    ['time', { time: true }, {}],
    ['rate', { rate: true }, {}],
    ['nemeses', { nemeses: true }, {}],
    ['an option', { options: ['leaseMs'] }, { systemOptions: { leaseMs: 0 } }],
  ] as const)('changes nothing else that is drawn: %s', (_, pinned, over) => {
    for (let seed = 0; seed < 30; seed++) {
      const free = drawn(seed);
      const bound = drawn(seed, pinned, over);
      expect(bound.world).toEqual(free.world);
      expect(bound.core).toBe(free.core);
      if (!('nodes' in pinned)) expect(bound.nodes).toBe(free.nodes);
      if (!('time' in pinned)) expect(bound.timeMs).toBe(free.timeMs);
      if (!('rate' in pinned)) expect(bound.rate).toBe(free.rate);
      if (!('nemeses' in pinned)) expect(bound.nemeses).toEqual(free.nemeses);
      for (const name of free.nemeses) expect(bound.paces?.[name]).toEqual(free.paces?.[name]);
      const { leaseMs: _free, quorums: _fewer, ...rest } = free.systemOptions;
      expect(bound.systemOptions).toMatchObject(rest);
    }
  });

  it('is all there is of a system that names no options to try', () => {
    const plan = basePlan(1);
    const { simulate: _, ...system } = { ...partsOf(plan).system };
    expect(swarm(plan, { ...partsOf(plan), system }, FREE).systemOptions).toEqual({});
    expect(systems['paxos']?.simulate).toBeDefined();
  });
});
