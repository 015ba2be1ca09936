import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Op } from '../history/op.js';
import { any, clients, concat, concurrentKeys, eachProcess, eachThread, limit, nemeses, onNemesis, onProcesses, onUpdate, processLimit, repeat, reserve, sequentialKeys, type Generator, type SimulatedCall, type SimulatedOutcome } from './index.js';
import { ops, r, drawn, run, invocations } from './testing/run.js';

describe('threads', () => {
  it('clients and nemeses go to their kind, and onNemesis to one', () => {
    const made = invocations(any(clients(limit(20, repeat({ f: 'c' }))), nemeses(limit(20, repeat({ f: 'n' }))), onNemesis('b', limit(5, repeat({ f: 'b' })))));
    for (const op of made) expect(typeof op.process).toBe(op.f === 'c' ? 'number' : 'string');
    expect(made).toHaveLength(45);
    expect(new Set(made.filter((op) => op.f === 'b').map((op) => op.process))).toEqual(new Set(['nemesis/b']));
    expect(() => run(onNemesis('c', r))).toThrow(/no nemesis "c"/);
  });

  it('route updates too: a source hears of its own threads only', () => {
    const heard: Op[] = [];
    const listener = (): Generator => onUpdate(repeat(r, 5), (generator, event) => (heard.push(event), generator));
    run(any(clients(listener()), nemeses(repeat({ f: 'n' }, 5))));
    // The two last completions come when the source is done.
    expect(heard).toHaveLength(8);
    expect(heard.every((op) => typeof op.process === 'number')).toBe(true);
  });

  it('reserve divides them, the others get the rest', () => {
    const made = invocations(limit(300, reserve([[2, repeat({ f: 'a' })], [3, repeat({ f: 'b' })]], repeat({ f: 'c' }))), { threads: 8 });
    const byF = (f: string): readonly unknown[] => [...new Set(made.filter((op) => op.f === f).map((op) => op.process))].sort();
    expect(byF('a')).toEqual([0, 1]);
    expect(byF('b')).toEqual([2, 3, 4]);
    expect(byF('c')).toEqual([5, 6, 7, 'nemesis/a', 'nemesis/b']);
    expect(() => run(reserve([[4, r]]))).toThrow(/4 client threads are asked for, 3 are there/);
  });

  it('reserve nests, and counts within', () => {
    const inner = reserve([[1, repeat({ f: 'a' })]], repeat({ f: 'b' }));
    const made = invocations(limit(300, clients(reserve([[2, repeat({ f: 'z' })], [3, inner]], inner))), { threads: 9 });
    const byF = (f: string): readonly unknown[] => [...new Set(made.filter((op) => op.f === f).map((op) => op.process))].sort();
    expect(byF('z')).toEqual([0, 1]);
    expect(byF('a')).toEqual([2, 5]);
    expect(byF('b')).toEqual([3, 4, 6, 7, 8]);
  });

  it('eachThread gives every thread its copy, once', () => {
    const made = invocations(eachThread(concat(...ops('a', 'b'))));
    expect(made).toHaveLength(10);
    for (const process of [0, 1, 2, 'nemesis/a', 'nemesis/b']) expect(made.filter((op) => op.process === process).map((op) => op.f)).toEqual(['a', 'b']);
    const values = invocations(eachThread(limit(1, drawn))).map((op) => op.value);
    expect(new Set(values).size).toBe(5);
  });

  it('eachThread goes on where it was after a crash, eachProcess begins afresh', () => {
    const model = ({ time }: SimulatedCall): SimulatedOutcome => ({ type: time === 0 ? 'info' : 'ok', latencyMs: 1 });
    const twice = concat(...ops('a', 'b'));
    expect(invocations(clients(eachThread(twice)), { model, threads: 1 }).map((op) => [op.process, op.f])).toEqual([[0, 'a'], [1, 'b']]);
    expect(invocations(clients(eachProcess(twice)), { model, threads: 1 }).map((op) => [op.process, op.f])).toEqual([[0, 'a'], [1, 'a'], [1, 'b']]);
  });

  it('processLimit bounds the processes that are ever used', () => {
    const model = (): SimulatedOutcome => ({ type: 'info', latencyMs: 1 });
    const { ops: made, end } = run(clients(processLimit(7, repeat(r))), { model });
    expect(new Set(made.map((op) => op.process)).size).toBe(7);
    expect(end).toBe('done');
    expect(new Set(invocations(limit(50, processLimit(2, repeat(r)))).map((op) => op.process)).size).toBe(2);
  });

  it('onProcesses follows the process, not the thread', () => {
    const model = (): SimulatedOutcome => ({ type: 'info', latencyMs: 1 });
    const made = invocations(clients(onProcesses((process) => Number(process) >= 1, limit(3, repeat(r)))), { model, threads: 2 });
    expect(made.map((op) => op.process)).toEqual([1, 3, 5]);
  });
});

describe('keys', () => {
  it('sequentialKeys works on one after the other', () => {
    const made = invocations(sequentialKeys(['x', 'y'], (key) => concat({ f: `a-${key}` }, { f: 'b' })));
    expect(made.map((op) => [op.key, op.f])).toEqual([['x', 'a-x'], ['x', 'b'], ['y', 'a-y'], ['y', 'b']]);
  });

  it('concurrentKeys gives every key fixed threads of its own, and all keys their turn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 9 }), fc.integer({ min: 1, max: 8 }), fc.nat(), (perKey, threads, keys, seed) => {
        const source = clients(concurrentKeys(perKey, Array.from({ length: keys }, (_, i) => i), () => limit(10, repeat(r))));
        const made = invocations(source, { threads, seed, model: ({ draw }) => ({ type: 'ok', latencyMs: draw(0) }) });
        expect(made).toHaveLength(keys * 10);
        const groups = Math.floor(threads / perKey);
        for (let key = 0; key < keys; key++) {
          const own = made.filter((op) => op.key === key);
          expect(own).toHaveLength(10);
          expect(new Set(own.map((op) => Number(op.process) % groups)).size).toBe(1);
        }
      }),
    );
  });

  it('concurrentKeys tells a source only of its own key', () => {
    const heard: [unknown, unknown][] = [];
    const source = clients(concurrentKeys(1, ['u', 'v', 'w', 'x', 'y', 'z'], (key) => onUpdate(repeat(r, 4), (generator, event) => (heard.push([key, event.key]), generator))));
    run(source);
    expect(heard.length).toBeGreaterThan(6);
    expect(heard.every(([own, other]) => own === other)).toBe(true);
    expect(() => run(clients(concurrentKeys(4, ['x'], () => r)))).toThrow(/4 threads a key/);
  });
});
