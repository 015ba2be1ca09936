import { describe, expect, it } from 'vitest';
import { Configurations, MASKS, STATE, STEP, USES } from './configurations.js';
import { Uses } from './uses.js';

function configuration(fields: { readonly step?: number; readonly state?: number; readonly uses?: number; readonly used?: number; readonly free?: number }): Int32Array {
  const at = new Int32Array(MASKS + 2);
  at[STEP] = fields.step ?? 0;
  at[STATE] = fields.state ?? 0;
  at[USES] = fields.uses ?? 0;
  at[MASKS] = fields.used ?? 0;
  at[MASKS + 1] = fields.free ?? 0;
  return at;
}

describe('a visited configuration', () => {
  const bound = {};
  const used = { used: 1 };
  const free = { free: 1 };

  it.each([
    ['the same', bound, bound, true],
    ['one that owes what it may still do or leave', free, bound, true],
    ['one that has done what it may still do or leave', free, used, true],
    ['none that still has what it has used', used, bound, false],
    ['none that is free where it has used', used, free, false],
    ['none that has done what it still owes', bound, used, false],
    ['none that is free where it owes', bound, free, false],
    ['none of another step', free, { ...bound, step: 1 }, false],
    ['none of another state', free, { ...bound, state: 1 }, false],
  ])('cuts %s', (_, visited, next, cut) => {
    const store = new Configurations(1, new Uses([9]));
    expect(store.add(configuration(visited), 0)).toBe(0);
    expect(store.add(configuration(next), 0)).toBe(cut ? -1 : 1);
  });

  it('cuts only what has used no less of every class of indeterminate operations', () => {
    const uses = new Uses([9, 9]);
    const first = uses.plusOne(uses.none, 0);
    const second = uses.plusOne(uses.none, 1);
    const both = uses.plusOne(first, 1);
    expect(uses.plusOne(second, 0)).toBe(both);
    const store = new Configurations(1, uses);
    store.add(configuration({ uses: first }), 0);
    expect(store.add(configuration({ uses: both }), 0)).toBe(-1);
    expect(store.add(configuration({ uses: second }), 0)).toBe(1);
    expect(store.add(configuration({ uses: uses.none }), 0)).toBe(2);
    expect(store.add(configuration({ uses: second }), 0)).toBe(-1);
  });

  it('is still found when the tables have grown', () => {
    const store = new Configurations(1, new Uses([]));
    for (let step = 0; step < 3000; step++) expect(store.add(configuration({ step, state: step % 7 }), 0)).toBe(step);
    for (let step = 0; step < 3000; step++) expect(store.add(configuration({ step, state: step % 7, used: 0 }), 0)).toBe(-1);
    expect(store.field(2999, STEP)).toBe(2999);
  });
});
