import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointsOf, type Interval } from './points.js';

/** Intervals with distinct ends, in the order of a point chosen within each: some order that real time allows. */
const orders = fc.array(fc.record({ length: fc.integer({ min: 1, max: 12 }), open: fc.boolean(), wish: fc.double({ min: 0.01, max: 0.99, noNaN: true }), start: fc.integer({ min: 0, max: 30 }) }), { maxLength: 20 }).map((wanted) => {
  const events = wanted.flatMap(({ start, length }, i) => [{ i, at: start + i / 100 }, { i, at: start + length + i / 100 }]).sort((a, b) => a.at - b.at);
  const ranks = (i: number): readonly number[] => events.flatMap((event, rank) => (event.i === i ? [rank] : []));
  const order = wanted.map(({ open, wish }, i) => {
    const [begin = 0, end = 0] = ranks(i);
    return { point: begin + wish * (end - begin), interval: (open ? { begin } : { begin, end }) satisfies Interval };
  });
  return { intervals: order.sort((a, b) => a.point - b.point).map(({ interval }) => interval), until: events.length };
});

describe('pointsOf', () => {
  it('puts every operation of a possible order within its interval, one after the other', () => {
    fc.assert(
      fc.property(orders, ({ intervals, until }) => {
        const points = pointsOf(intervals, until);
        points.forEach((point, i) => {
          expect(point).toBeGreaterThan(Math.max(intervals[i]?.begin ?? Infinity, points[i - 1] ?? -1));
          expect(point).toBeLessThan(intervals[i]?.end ?? until);
        });
      }),
    );
  });

  it('takes the middle of what is free', () => {
    expect(pointsOf([{ begin: 0, end: 9 }], 10)).toEqual([4.5]);
    expect(pointsOf([{ begin: 0 }, { begin: 2, end: 3 }], 10)).toEqual([1.5, 2.5]);
  });

  it('gives points even to an order that no history allows', () => {
    expect(pointsOf([{ begin: 4, end: 5 }, { begin: 0, end: 1 }], 6)).toHaveLength(2);
  });
});
