import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { any, clients, concat, concurrentKeys, delay, limit, mix, nemeses, repeat, reserve, stagger, timeLimit, withState, type Generator, type SimulationOptions, type Source } from './index.js';
import { MS, r, drawn, run, invocations, chance } from './testing/run.js';
import { terminating } from './testing/arbitrary.js';

describe('every generator', () => {
  const source = fc.oneof(
    { weight: 4, arbitrary: terminating },
    { weight: 1, arbitrary: fc.tuple(terminating, terminating, terminating).map(([a, b, c]) => reserve([[1, a], [1, b]], c)) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), terminating).map(([threads, child]) => clients(concurrentKeys(threads, ['k', 'l', 'm'], () => child))) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }).map((most) => withState(0, (n, event) => (event.type === 'invoke' ? n : n + 1), (n) => (n > most ? undefined : { f: 's', value: n }))) },
  );
  const seeded = fc.tuple(source.map((child) => limit(60, timeLimit(2000, child))), fc.nat());

  it('is pure: asking twice gives the same answer, and so does running it twice', () => {
    const asksTwice = (generator: Generator): Generator => ({
      next: (context) => {
        const [first, second] = [generator.next(context), generator.next(context)];
        expect(withoutRest(second)).toEqual(withoutRest(first));
        return first.kind === 'done' ? first : { ...first, rest: asksTwice(first.rest) };
      },
      update: (context, event) => asksTwice(generator.update?.(context, event) ?? generator),
    });
    fc.assert(
      fc.property(seeded, ([generator, seed]) => {
        const once = run(generator, { seed, model: chance });
        expect(run(asksTwice(generator), { seed, model: chance })).toEqual(once);
      }),
    );
  });

  it('uses only threads that are free, and one operation at a time on each', () => {
    fc.assert(
      fc.property(seeded, ([generator, seed]) => {
        const open = new Set<unknown>();
        for (const op of run(generator, { seed, model: chance }).ops) {
          expect(open.has(op.process)).toBe(op.type !== 'invoke');
          if (op.type === 'invoke') open.add(op.process);
          else open.delete(op.process);
        }
        expect(open.size).toBe(0);
      }),
    );
  });

  it('gives no operation after its time limit, and at most as many as its limit', () => {
    fc.assert(
      fc.property(source, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 20 }), fc.nat(), (child, ms, n, seed) => {
        const made = invocations(timeLimit(ms, limit(n, child)), { seed, model: chance });
        expect(made.length).toBeLessThanOrEqual(n);
        for (const op of made) expect(op.time).toBeLessThan(ms * MS);
      }),
    );
  });

  it('ends at its time limit even if it waits for ever', () => {
    const forever: Generator = { next: () => ({ kind: 'pending', rest: forever }) };
    expect(run(timeLimit(50, any(forever, limit(2, delay(5, r)))))).toMatchObject({ end: 'done', time: 50 * MS });
  });
});

function withoutRest(next: ReturnType<Generator['next']>): unknown {
  if (next.kind === 'done') return next;
  return next.kind === 'op' ? { kind: next.kind, op: next.op } : { kind: next.kind, until: next.until };
}

describe('independence', () => {
  it('the faults of a seed are the same whatever the clients do', () => {
    const faults = nemeses(limit(30, stagger(20, mix([drawn, repeat({ f: 's' })]))));
    const chosen = (load: Source, model: SimulationOptions['model']): unknown[] => {
      const made = invocations(timeLimit(5000, any(faults, clients(load))), { seed: 7, maxOperations: 50_000, ...(model === undefined ? {} : { model }) });
      return made.filter((op) => typeof op.process === 'string').map((op) => [op.f, op.value]);
    };
    const quiet = chosen(concat(), undefined);
    expect(quiet).toHaveLength(30);
    expect(chosen(repeat(r), ({ thread }) => ({ type: 'fail', latencyMs: typeof thread === 'string' ? 1 : 2 }))).toEqual(quiet);
    expect(chosen(stagger(3, mix([drawn, drawn])), undefined)).toEqual(quiet);
  });

  it('children of one parent draw differently', () => {
    const values = invocations(concat(limit(20, drawn), limit(20, drawn), mix([limit(20, drawn), limit(20, drawn)]))).map((op) => op.value);
    expect(new Set(values).size).toBe(80);
  });
});
