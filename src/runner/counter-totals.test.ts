import { describe, expect, it } from 'vitest';
import { CounterTotals } from './counter-totals.js';

describe('totals of counters', () => {
  it('add up over nodes', () => {
    const totals = new CounterTotals();
    totals.note('n1', { elections: 2, reads: 5 });
    totals.note('n2', { elections: 1 });
    totals.note('n1', { elections: 3, reads: 5 });
    expect(totals.totals()).toEqual({ elections: 4, reads: 5 });
  });

  it('add up over the lives of a node, told by their names or by a counter that has sunk', () => {
    const totals = new CounterTotals();
    totals.note('n1', { reads: 5, writes: 1 }, '1');
    totals.note('n1', { reads: 7, writes: 2 }, '2');
    totals.note('n2', { reads: 4, writes: 4 });
    totals.note('n2', { reads: 1, writes: 9 });
    expect(totals.totals()).toEqual({ reads: 17, writes: 16 });
  });

  it('name what never happened too', () => {
    const totals = new CounterTotals();
    totals.note('n1', { snapshots: 0 });
    expect(totals.totals()).toEqual({ snapshots: 0 });
  });
});
