import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Uses } from './uses.js';

describe.each([['few classes, counted by one number', [5, 5, 5]], ['many, counted by texts', Array.from({ length: 40 }, () => 99)]] as const)('uses of %s', (_, sizes) => {
  const steps = fc.array(fc.nat({ max: sizes.length - 1 }), { maxLength: 5 });

  it('have one number for equal counts, in whatever order they came about, and others for others', () => {
    const uses = new Uses(sizes);
    const run = (path: readonly number[]): number => path.reduce((vector, index) => uses.plusOne(vector, index), uses.none);
    const counts = (path: readonly number[]): readonly number[] => sizes.map((_size, index) => path.filter((other) => other === index).length);
    fc.assert(
      fc.property(steps, steps, (a, b) => {
        expect(run(a)).toBe(run(a.toReversed()));
        expect(run(a) === run(b)).toBe(String(counts(a)) === String(counts(b)));
        expect(sizes.map((_size, index) => uses.of(run(a), index))).toEqual(counts(a));
        expect(uses.atMost(run(a), run(b))).toBe(counts(a).every((n, index) => n <= (counts(b)[index] ?? 0)));
      }),
      { numRuns: 500 },
    );
  });
});
