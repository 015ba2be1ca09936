import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBallots } from './ballot.js';
import { jsonEqual } from './json.js';
import { batchLength, BATCH_LIMIT, Log } from './log.js';
import { Outbox } from './outbox.js';
import { CoreRandom } from './random.js';
import { SeenIds } from './seen-ids.js';
import type { Command, Json } from './index.js';

describe('ballots', () => {
  it('are totally ordered by round, then node', () => {
    const ballot = fc.record({ round: fc.nat(5), node: fc.nat(5) });
    fc.assert(
      fc.property(ballot, ballot, (a, b) => {
        const expected = Math.sign(a.round * 100 + a.node - (b.round * 100 + b.node));
        expect(Math.sign(compareBallots(a, b))).toBe(expected);
      }),
    );
  });
});

describe('jsonEqual', () => {
  const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
  const normal = (value: Json): string => JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part);
  it('agrees with the text, whatever the order of members', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(jsonEqual(a, b)).toBe(normal(a) === normal(b));
        expect(jsonEqual(a, JSON.parse(normal(a)) as Json)).toBe(true);
      }),
    );
  });
});

describe('the log', () => {
  it('gives back the last value of every slot, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(9)), { maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (writes, from) => {
        const log = new Log();
        const model = new Map<number, number>();
        for (const [slot, round] of writes) {
          log.set(slot, { round, node: 1 }, { kind: 'noop' }, 0);
          model.set(slot, round);
        }
        const expected = [...model].filter(([slot]) => slot >= from).sort(([a], [b]) => a - b);
        expect(log.acceptedFrom(from).map(({ slot, ballot }) => [slot, ballot.round])).toEqual(expected);
        expect(log.last).toBe(Math.max(0, ...model.keys()));
      }),
    );
  });

  it('cuts batches by number and size, and lets a giant pass alone', () => {
    const put = (value: Json): Command => ({ kind: 'operation', op: { f: 'write', key: 'k', value } });
    const third = 'x'.repeat(BATCH_LIMIT.characters / 3);
    expect(batchLength(Array<Command>(2000).fill(put(1)), 100)).toBe(BATCH_LIMIT.commands);
    expect(batchLength([put(third), put([third]), put(third), put(1)], 0)).toBe(2);
    expect(batchLength([put(third.repeat(5)), put(1)], 0)).toBe(1);
    expect(batchLength([put(1)], 1)).toBe(0);
  });
});

describe('the outbox', () => {
  it('holds back what depends on a write until that write is durable', () => {
    const out = new Outbox();
    const ran: string[] = [];
    const first = out.record({ type: 'chosen', upTo: 1 });
    out.emitRecords(10);
    const second = out.record({ type: 'chosen', upTo: 2 });
    out.whenDurable(second, () => ran.push('second'));
    out.whenDurable(first, () => ran.push('first'));
    out.emitRecords(20);
    expect(out.oldestWriteSince).toBe(10);
    out.persisted(first);
    expect([ran, out.oldestWriteSince]).toEqual([['first'], 20]);
    out.persisted(second);
    out.whenDurable(first, () => ran.push('at once'));
    expect(ran).toEqual(['first', 'second', 'at once']);
    expect(() => out.persisted(3)).toThrow();
  });
});

describe('seen ids', () => {
  it('let every id pass once, in whatever order, and nothing that is very late', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 300 }), (ids) => {
        const seen = new SeenIds();
        const passed = ids.filter((id) => seen.add('a', id));
        expect(passed).toEqual([...new Set(ids)]);
        expect(seen.add('b', 1)).toBe(true);
      }),
    );
    const seen = new SeenIds();
    for (let id = 10; id < 30_000; id++) expect(seen.add('a', id)).toBe(true);
    expect([seen.add('a', 3), seen.add('a', 29_999), seen.add('a', 10)]).toEqual([false, false, false]);
  });
});

describe('random numbers', () => {
  it('repeat for a seed and stay in range', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: -100, max: 100, noNaN: true }), (seed, low) => {
        const [a, b] = [new CoreRandom(seed), new CoreRandom(seed)];
        const drawn = a.between(low, low + 7);
        expect(drawn).toBe(b.between(low, low + 7));
        expect(drawn >= low && drawn < low + 7).toBe(true);
      }),
    );
  });
});
