import fc from 'fast-check';
import { andThen, any, clients, concat, cycle, delay, eachProcess, eachThread, filter, flipFlop, limit, map, mix, nemeses, onProcesses, onUpdate, phases, processLimit, repeat, sequentialKeys, sleep, stagger, synchronize, timeLimit, untilOk, type Source } from '../index.js';
import { r, drawn } from './run.js';

/** Random generators that end by themselves or wait for the clock: every combinator, nested. */
export const { tree: terminating } = fc.letrec<{ tree: Source }>((tie) => {
  const sub = tie('tree');
  const subs = fc.array(sub, { minLength: 1, maxLength: 3 });
  const ms = fc.integer({ min: 0, max: 20 });
  const count = fc.integer({ min: 0, max: 6 });
  return {
    tree: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom<Source>(r, drawn, { f: 'x', value: 1, key: 'k' }, repeat(r, 4), sleep(3)),
      subs.map((all) => concat(...all)),
      subs.map((all) => mix(all)),
      subs.map((all) => any(...all)),
      subs.map((all) => flipFlop(...all)),
      subs.map((all) => phases(...all)),
      fc.tuple(sub, sub).map(([a, b]) => andThen(a, b)),
      fc.tuple(count, sub).map(([n, child]) => limit(n, child)),
      fc.tuple(count, sub).map(([n, child]) => cycle(child, n)),
      fc.tuple(count, sub).map(([n, child]) => repeat(child, n)),
      fc.tuple(ms, sub).map(([n, child]) => timeLimit(n, child)),
      fc.tuple(ms, sub).map(([n, child]) => stagger(n, child)),
      fc.tuple(ms, sub).map(([n, child]) => delay(n, child)),
      fc.tuple(count, sub).map(([n, child]) => processLimit(n, child)),
      sub.map((child) => synchronize(child)),
      sub.map((child) => eachThread(limit(5, child))),
      sub.map((child) => eachProcess(limit(5, child))),
      sub.map((child) => untilOk(child)),
      sub.map((child) => clients(child)),
      sub.map((child) => nemeses(child)),
      sub.map((child) => onProcesses((process) => typeof process === 'string' || process % 2 === 0, child)),
      sub.map((child) => map((op) => ({ ...op, value: 2 }), child)),
      sub.map((child) => filter((op) => op.f !== 'w' || Number(op.value) >= 0.1, limit(20, child))),
      sub.map((child) => onUpdate(child, (generator) => generator)),
      sub.map((child) => clients(sequentialKeys(['k', 'l'], () => child))),
    ),
  };
});
