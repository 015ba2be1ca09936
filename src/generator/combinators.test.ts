import { describe, expect, it } from 'vitest';
import { andThen, any, clients, concat, cycle, delay, flipFlop, fromIterable, limit, mix, onNemesis, onThreads, phases, repeat, sleep, stagger, synchronize, timeLimit, type OpSpec, type SimulatedCall, type SimulatedOutcome } from './index.js';
import { ops, MS, r, drawn, invocations, fs, times } from './testing/run.js';

describe('sources', () => {
  it('are one operation, or a function with draws of its own for each call', () => {
    expect(invocations(r)).toEqual([expect.objectContaining({ f: 'r', value: null })]);
    const values = invocations(limit(50, drawn)).map((op) => op.value);
    expect(new Set(values).size).toBe(50);
    expect(invocations(limit(50, drawn)).map((op) => op.value)).toEqual(values);
    expect(invocations(limit(50, drawn), { seed: 2 }).map((op) => op.value)).not.toEqual(values);
  });

  it('may be iterated without end, and are taken once', () => {
    let taken = 0;
    const endless = (function* (): Iterable<OpSpec> {
      for (;;) yield { f: `${taken++}` };
    })();
    const generator = limit(4, fromIterable(endless));
    expect(fs(generator)).toEqual(['0', '1', '2', '3']);
    expect(fs(generator)).toEqual(['0', '1', '2', '3']);
    expect(taken).toBeLessThan(7);
  });
});

describe('order', () => {
  it('concat keeps it, and does not wait for completions', () => {
    expect(fs(concat(...ops('a', 'b', 'c')))).toEqual(['a', 'b', 'c']);
    expect(times(concat(...ops('a', 'b', 'c')))).toEqual([0, 0, 0]);
  });

  it('phases and andThen wait for completions', () => {
    expect(times(phases(concat(...ops('a', 'b')), { f: 'c' }))).toEqual([0, 0, 1]);
    expect(times(andThen(r, r))).toEqual([0, 1]);
    expect(times(andThen(r, r), { model: () => ({ type: 'info', latencyMs: 9 }) })).toEqual([0, 9]);
  });

  it('synchronize waits for its own threads only', () => {
    const busy = onNemesis('a', { f: 'slow' });
    const twice = clients(concat(r, synchronize(r)));
    const model = ({ f }: SimulatedCall): SimulatedOutcome => ({ type: 'ok', latencyMs: f === 'slow' ? 100 : 1 });
    expect(times(any(busy, twice), { model })).toEqual([0, 0, 1]);
  });

  it('cycle repeats the whole, repeat the first, and both draw anew', () => {
    expect(fs(cycle(concat(...ops('a', 'b')), 2))).toEqual(['a', 'b', 'a', 'b']);
    expect(fs(repeat(concat(...ops('a', 'b')), 3))).toEqual(['a', 'a', 'a']);
    expect(new Set(invocations(repeat(drawn, 20)).map((op) => op.value)).size).toBe(20);
    expect(new Set(invocations(cycle(limit(2, drawn), 10)).map((op) => op.value)).size).toBe(20);
    expect(fs(cycle(concat()))).toEqual([]);
  });

  it('flipFlop takes turns until one has no more', () => {
    expect(fs(flipFlop(repeat({ f: 'a' }), repeat({ f: 'b' }, 2)))).toEqual(['a', 'b', 'a', 'b', 'a']);
  });

  it('limit gives exactly as many as there are, or as it says', () => {
    expect(fs(limit(5, repeat(r)))).toHaveLength(5);
    expect(fs(limit(5, repeat(r, 3)))).toHaveLength(3);
    expect(() => limit(-1, r)).toThrow(expect.objectContaining({ code: 'generator-argument' }) as Error);
  });
});

describe('choice', () => {
  it('mix follows its weights', () => {
    const made = fs(limit(2000, mix([repeat({ f: 'a' }), repeat({ f: 'b' })], [3, 1])));
    const share = made.filter((f) => f === 'a').length / made.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.8);
  });

  it('mix goes on with the others while one is pending, and gives everything in the end', () => {
    const made = invocations(mix([concat(sleep(50), { f: 'late' }), repeat({ f: 'now' }, 10)]));
    expect(made.map((op) => op.f)).toEqual([...Array<string>(10).fill('now'), 'late']);
    expect(made.at(-1)?.time).toBe(50 * MS);
  });

  it('mix waits for the first of several that are pending', () => {
    for (const seed of [1, 2, 3, 4]) expect(times(mix([concat(sleep(10), r), concat(sleep(30), r)]), { seed })).toEqual([10, 30]);
  });

  it('any takes the soonest', () => {
    expect(fs(any(delay(10, repeat({ f: 'a' }, 3)), concat(sleep(5), delay(10, repeat({ f: 'b' }, 3)))))).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('any is fair where several could go', () => {
    const made = fs(limit(1000, any(repeat({ f: 'a' }), repeat({ f: 'b' }))));
    expect(made.filter((f) => f === 'a').length).toBeGreaterThan(400);
    expect(made.filter((f) => f === 'b').length).toBeGreaterThan(400);
  });

  it('uses all threads', () => {
    const used = new Set(invocations(limit(200, delay(5, repeat(r)))).map((op) => op.process));
    expect(used).toEqual(new Set([0, 1, 2, 'nemesis/a', 'nemesis/b']));
  });
});

describe('time', () => {
  it('stagger keeps its mean rate with exponential gaps', () => {
    const at = times(timeLimit(20_000, clients(stagger(10, repeat(r)))), { threads: 50, maxOperations: 5000 });
    expect(at.length).toBeGreaterThan(1850);
    expect(at.length).toBeLessThan(2150);
    const gaps = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    // Of an exponential distribution, 1 - 1/e are shorter than the mean.
    const short = gaps.filter((gap) => gap < 10).length / gaps.length;
    expect(short).toBeGreaterThan(0.59);
    expect(short).toBeLessThan(0.67);
  });

  it('stagger does not burst after a standstill', () => {
    const model = ({ time }: SimulatedCall): SimulatedOutcome => ({ type: 'ok', latencyMs: time < 1000 * MS ? 1000 - time / MS : 0.01 });
    const at = times(timeLimit(1100, clients(stagger(1, repeat(r)))), { model });
    expect(at.filter((time) => time >= 1000 && time < 1001).length).toBeLessThan(40);
    expect(at.filter((time) => time >= 1000).length).toBeGreaterThan(70);
  });

  it('delay is even, and makes up for what was late', () => {
    expect(times(limit(4, delay(10, repeat(r))))).toEqual([0, 10, 20, 30]);
    const model = ({ time }: SimulatedCall): SimulatedOutcome => ({ type: 'ok', latencyMs: time === 0 ? 15 : 0 });
    expect(times(limit(4, onThreads((thread) => thread === 0, delay(10, repeat(r)))), { model })).toEqual([0, 15, 20, 30]);
  });

  it('sleep counts from when it is first asked, however often', () => {
    expect(times(any(concat(r, sleep(7), r), delay(1, repeat(r, 5)))).at(-1)).toBe(7);
    expect(times(cycle(concat(sleep(3), r), 3))).toEqual([3, 6, 9]);
  });

  it('an operation may ask for a later start', () => {
    expect(times(any({ f: 'later', time: 4 * MS }, r))).toEqual([0, 4]);
    expect(times(timeLimit(3, { f: 'too late', time: 4 * MS }))).toEqual([]);
  });
});
