import { expect, it } from 'vitest';
import type { Request } from '../core/index.js';
import { Solo } from '../core/testing/solo.js';
import { clockFor } from './clock.js';

/** Whether a leader that hears nobody answers a read by its lease: at once, and a minute later, when its wall clock has been set back by as much. */
function leaseReads(bugs: readonly string[]): readonly boolean[] {
  let monotonic = 5000;
  const clock = clockFor(bugs, { monotonicMs: () => monotonic, wallMs: () => 1_700_000_000_000, every: () => undefined });
  const solo = new Solo();
  const ballot = solo.lead();
  const start = clock() - solo.now;
  solo.wait(20);
  const beat = solo.take('heartbeat').at(-1)?.message;
  if (beat === undefined) throw new Error('no heartbeat');
  solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: beat.nonce, sentAt: beat.sentAt, leaseMs: beat.leaseMs });
  const answered = (): boolean => {
    solo.now = Math.max(solo.now, clock() - start);
    const read: Request = { kind: 'operation', op: { f: 'read', key: 'x' }, via: 'lease' };
    return solo.replies.has(solo.request(read));
  };
  const first = answered();
  // A minute goes by; the wall clock, set back by one, shows what it did.
  monotonic += 60_000;
  return [first, answered()];
}

it('lease-wall-clock: a lease ends, whatever the wall clock is set to', () => {
  const [right, wrong] = [leaseReads([]), leaseReads(['lease-wall-clock'])];
  expect([right, wrong]).toEqual([[true, false], [true, true]]);
});
