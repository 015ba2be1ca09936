import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ddmin } from './ddmin.js';

it('keeps what is needed, and of that everything', async () => {
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.uniqueArray(fc.nat(59), { maxLength: 6 }), async (length, picks) => {
    const items = Array.from({ length }, (_, i) => i);
    const needed = picks.filter((pick) => pick < length);
    const kept = await ddmin(items, async (candidates) => candidates.findIndex((candidate) => needed.every((item) => candidate.includes(item))));
    expect([...kept].sort((a, b) => a - b)).toEqual([...needed].sort((a, b) => a - b));
  }));
});

it('leaves out no single thing more where things only do together', async () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const holds = (candidate: readonly number[]): boolean => candidate.includes(3) && (candidate.includes(7) || candidate.includes(15));
  const kept = await ddmin(items, async (candidates) => candidates.findIndex(holds));
  expect(holds(kept)).toBe(true);
  for (const left of kept) expect(holds(kept.filter((item) => item !== left))).toBe(false);
});
