import { expect, it } from 'vitest';
import { Random } from '../../src/index.js';
import { allocatePorts, takeBlock } from './ports.js';

it('are of a block that no other controller has as long as this one lives, free or not', async () => {
  const random = Random.fromSeed(1);
  const first = await takeBlock(random);
  const others = await Promise.all([1, 2, 3].map((seed) => takeBlock(Random.fromSeed(seed))));
  const starts = [first, ...others].map((block) => block.first);
  expect(new Set(starts).size).toBe(4);
  for (const [i, a] of starts.entries()) for (const b of starts.slice(i + 1)) expect(Math.abs(a - b)).toBeGreaterThanOrEqual(first.size);
  for (const { guard } of [first, ...others]) guard.close();
});

it('are others for every run of one controller', async () => {
  const wishes = Array.from({ length: 10 }, (_, i) => ({ use: `port ${i}` }));
  const runs = await Promise.all([1, 1, 2].map((seed) => allocatePorts(wishes, undefined, Random.fromSeed(seed))));
  expect(new Set(runs.flat()).size).toBe(30);
});
