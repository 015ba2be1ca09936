import { expect, it } from 'vitest';
import { pairFaults } from './fault-pairs.js';
import type { Op, Operation } from './op.js';

let index = 0;

function operation(f: 'start' | 'stop', value: unknown, more: Partial<Op> = {}, process = 'nemesis/members'): Operation {
  const invoke: Op = { index: index++, time: index, process, type: 'invoke', f, value: null };
  return { invoke, completion: { ...invoke, index: index++, type: 'info', value, ...more } };
}

const end = (observed: boolean): unknown => ({ kind: 'a', effect: { observed: true }, healed: { observed } });

it('joins each start to the stop that ends it, and knows what has no end', () => {
  const [first, stop, second] = [operation('start', { kind: 'a' }), operation('stop', end(true)), operation('start', { kind: 'b' })];
  const other = operation('start', { kind: 'c' }, {}, 'nemesis/kill');
  expect(pairFaults([first, other, stop, second]).faults).toEqual([
    { nemesis: 'members', start: first, stop },
    { nemesis: 'kill', start: other, stop: undefined },
    { nemesis: 'members', start: second, stop: undefined },
  ]);
});

it('takes a later end of what was not seen to be gone, and of nothing else', () => {
  const start = operation('start', { kind: 'a' });
  const [gone, left, nothing] = [operation('stop', end(true)), operation('stop', end(false)), operation('stop', null)];
  expect(pairFaults([start, left, gone]).faults).toEqual([{ nemesis: 'members', start, stop: gone }]);
  expect(pairFaults([start, left, nothing]).faults).toEqual([{ nemesis: 'members', start, stop: left }]);
  expect(pairFaults([start, gone, left]).faults).toEqual([{ nemesis: 'members', start, stop: gone }]);
  expect(pairFaults([gone]).faults).toEqual([]);
});

it('keeps what threw apart: it neither begins nor ends a fault', () => {
  const start = operation('start', { kind: 'a' });
  const threw = operation('start', { kind: 'a' }, { error: { code: 'not-over' } });
  const [left, gone] = [operation('stop', end(false)), operation('stop', end(true))];
  expect(pairFaults([start, left, threw, gone])).toEqual({ faults: [{ nemesis: 'members', start, stop: gone }], failed: [threw] });
});
