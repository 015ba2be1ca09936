import fc from 'fast-check';
import { expect, it } from 'vitest';
import { READ_MODES } from '../core/index.js';
import { operation } from './http-request.js';
import { plainOperation } from './plain-operation.js';

const scalar = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double(), fc.string());
const count = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.constantFrom<unknown>(0, -1, 1.5, '1', null));

/** Bodies of which many are right, and all are near it. */
const body = fc.oneof(
  { weight: 9, arbitrary: fc.record(
    {
      f: fc.constantFrom('read', 'write', 'cas', 'append', 'add', 'swap'),
      key: fc.oneof({ weight: 9, arbitrary: fc.string() }, fc.constant('k'.repeat(1024)), fc.constant('k'.repeat(1025)), fc.integer()),
      value: fc.oneof({ weight: 4, arbitrary: scalar }, fc.array(scalar)),
      from: scalar,
      to: scalar,
      session: count,
      seq: count,
      firstUnacked: count,
      via: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...READ_MODES) }, fc.constant('somehow')),
      after: count,
      more: scalar,
    },
    { requiredKeys: ['f', 'key'] },
  ) },
  fc.anything(),
);

/** The same without what does not belong to its operation, so that it has a chance. */
function trimmed(input: Readonly<Record<string, unknown>>, sessions: boolean): Readonly<Record<string, unknown>> {
  const own = input['f'] === 'read' ? ['via'] : input['f'] === 'cas' ? ['from', 'to'] : ['value'];
  const kept = new Set(['f', 'key', ...own, ...(sessions ? ['session', 'seq', 'firstUnacked'] : [])]);
  return Object.fromEntries(Object.entries(input).filter(([name]) => kept.has(name)));
}

it('understands a plain operation as the schemas do, to the order of its members, and leaves the rest to them', () => {
  let understood = 0;
  fc.assert(
    fc.property(body, fc.boolean(), fc.boolean(), (input, trims, sessions) => {
      const given = trims && typeof input === 'object' && input !== null && 'f' in input ? trimmed(input, sessions) : input;
      const plain = plainOperation(given);
      if (plain === undefined) return;
      understood++;
      expect(JSON.stringify(plain)).toBe(JSON.stringify(operation(given)));
    }),
    { numRuns: 3000 },
  );
  expect(understood).toBeGreaterThan(300);
});

it.each([
  [{ f: 'write', key: 'k', value: 1, session: 7, seq: 2, firstUnacked: 2 }],
  [{ f: 'read', key: 'k', via: 'lease' }],
  [{ f: 'cas', key: 'k', from: null, to: 'x', session: 7, seq: 2, firstUnacked: 1 }],
])('understands what clients send: %j', (input) => {
  expect(plainOperation(input)).toEqual(operation(input));
});
