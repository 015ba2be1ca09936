import { describe, expect, it } from 'vitest';
import { any, clients, concat, delay, filter, limit, nemeses, onUpdate, repeat, trace, untilOk, validate, withState, type Generator, type SimulatedCall, type SimulatedOutcome } from './index.js';
import { MS, r, run, invocations, fs, failure, times } from './testing/run.js';

describe('listening', () => {
  it('untilOk stops at the first success of its own', () => {
    const model = ({ time, thread }: SimulatedCall): SimulatedOutcome => ({ type: typeof thread === 'number' && time < 5 * MS ? 'fail' : 'ok', latencyMs: 1 });
    const made = invocations(any(clients(untilOk(delay(1, repeat(r)))), nemeses(repeat({ f: 'n' }, 20))), { model });
    expect(made.filter((op) => op.f === 'r').map((op) => op.time / MS)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(made.filter((op) => op.f === 'n')).toHaveLength(20);
  });

  it('untilOk is not content with the success of another', () => {
    const model = ({ f }: SimulatedCall): SimulatedOutcome => ({ type: f === 'try' ? 'fail' : 'ok', latencyMs: 1 });
    const made = fs(any(untilOk(delay(1, repeat({ f: 'try' }, 9))), delay(1, repeat({ f: 'other' }, 9))), { model });
    expect(made.filter((f) => f === 'try')).toHaveLength(9);
  });

  it('untilOk waits for the completion of the last attempt', () => {
    expect(times(concat(untilOk(r), r))).toEqual([0, 1]);
  });

  it('untilOk gives up with its source', () => {
    expect(fs(untilOk(repeat(r, 4)), { model: () => ({ type: 'fail', latencyMs: 1 }) })).toHaveLength(4);
  });

  it('withState sees what happened, and may wait for it', () => {
    const counter = withState<number>(
      0,
      (n, event) => (event.type === 'ok' ? n + 1 : n),
      (n, context) => (n >= 6 ? undefined : n % 2 === 1 && context.free.length < 5 ? 'pending' : { f: 'op', value: n }),
    );
    const made = invocations(counter).map((op) => op.value);
    expect(made[0]).toBe(0);
    expect(made.every((value, i) => Number(value) >= Number(made[i - 1] ?? 0))).toBe(true);
    expect(made.at(-1)).toBeLessThan(6);
  });

  it('onUpdate may replace the generator', () => {
    const made = fs(clients(onUpdate(repeat({ f: 'try' }, 10), (generator, event) => (event.type === 'ok' ? limit(1, repeat({ f: 'stop' })) : generator))), { threads: 1 });
    expect(made.slice(0, 2)).toEqual(['try', 'stop']);
  });
});

describe('debugging', () => {
  it('trace shows what was asked and told', () => {
    const kinds: string[] = [];
    expect(fs(trace((entry) => kinds.push(entry.kind === 'told' ? entry.event.type : entry.answer.kind), limit(2, repeat(r))), { threads: 1, nemeses: [] })).toEqual(['r', 'r']);
    expect(kinds).toEqual(['op', 'invoke', 'pending', 'ok', 'op', 'invoke', 'done', 'ok', 'done']);
  });

  it.each<[string, unknown, RegExp]>([
    ['no answer', undefined, /next gave undefined instead of an answer/],
    ['an unknown kind', { kind: 'maybe' }, /neither op, pending nor done/],
    ['no rest', { kind: 'op', op: { f: 'r', value: 1 } }, /without a rest/],
    ['no f', { kind: 'op', op: { value: 1 }, rest: concat() }, /without f/],
    ['no value', { kind: 'op', op: { f: 'r' }, rest: concat() }, /without a value/],
    ['a foreign thread', { kind: 'op', op: { f: 'r', value: 1, thread: 99 }, rest: concat() }, /thread 99, which is not free/],
    ['no time', { kind: 'pending', rest: concat(), until: NaN }, /not a time/],
  ])('validate names who gave %s', (_, answer, message) => {
    const broken = { next: () => answer } as unknown as Generator;
    const error = failure(() => run(limit(3, validate('workload "mine"', broken))));
    expect(error).toMatchObject({ code: 'generator-invalid', message: expect.stringContaining('the generator of workload "mine"') as string });
    expect(String(error)).toMatch(message);
  });

  it('validate names who threw, and keeps the cause', () => {
    const cause = new Error('boom');
    const error = failure(() => run(any(validate('mine', () => { throw cause; }))));
    expect(error).toMatchObject({ message: 'the generator of mine threw: boom', cause });
  });

  it('says so when nothing can ever happen again', () => {
    expect(failure(() => run(withState(0, (n) => n, () => 'pending')))).toMatchObject({ code: 'generator-stuck' });
    const hasty: Generator = { next: () => ({ kind: 'pending', rest: hasty, until: 0 }) };
    expect(failure(() => run(hasty))).toMatchObject({ code: 'generator-stuck' });
    expect(failure(() => run(filter(() => false, repeat(r))))).toMatchObject({ code: 'generator-invalid', message: expect.stringContaining('filter') as string });
  });
});
