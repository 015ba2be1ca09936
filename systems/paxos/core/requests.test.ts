import { describe, expect, it } from 'vitest';
import type { Command, Message, Operation, Request } from './index.js';
import { Solo } from './testing/solo.js';

const write: Request = { kind: 'operation', op: { f: 'write', key: 'x', value: 1 } };
const readIndex: Request = { kind: 'operation', op: { f: 'read', key: 'x' }, via: 'read-index' };
const b = (round: number, node: number) => ({ round, node });

function follower(): Solo {
  const solo = new Solo();
  solo.receive(2, { type: 'heartbeat', ballot: b(1, 2), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
  solo.sync();
  solo.sent.length = 0;
  return solo;
}

describe('a request', () => {
  it('is answered when it is chosen and applied', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    const id = solo.request(write);
    solo.sync();
    expect(solo.replies.has(id)).toBe(false);
    solo.receive(3, { type: 'accepted', ballot, slots: [[2, 2]] });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: null });
  });

  it('that was proposed is unknown when the leader is deposed, a read and what was not proposed are refused', () => {
    const solo = new Solo({ maxPipeline: 2 });
    const ballot = solo.lead();
    const proposed = solo.request(write);
    const read = solo.request({ kind: 'operation', op: { f: 'read', key: 'x' } });
    const queued = solo.request(write);
    solo.receive(3, { type: 'nack', ballot, promised: b(9, 3) });
    solo.wait(120);
    expect(solo.replies.get(proposed)).toMatchObject({ ok: false, code: 'unknown', definite: false });
    expect(solo.replies.get(read)).toMatchObject({ ok: false, definite: true });
    expect(solo.replies.get(queued)).toMatchObject({ ok: false, code: 'not-leader', definite: true });
  });

  it('waits for a leader for a while, then is refused', () => {
    const solo = new Solo();
    const early = solo.request(write);
    solo.wait(90);
    expect(solo.replies.has(early)).toBe(false);
    solo.wait(20);
    expect(solo.replies.get(early)).toMatchObject({ code: 'not-leader', definite: true });
    const late = solo.request(write);
    solo.receive(2, { type: 'heartbeat', ballot: b(1, 2), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
    expect(solo.take('forward').map(({ to }) => to)).toEqual([2]);
    expect(solo.replies.has(late)).toBe(false);
  });

  it('is forwarded with the ballot of the leader, and the reply comes back', () => {
    const solo = follower();
    const id = solo.request(write);
    const [forward] = solo.take('forward');
    expect(forward).toMatchObject({ to: 2, message: { ballot: b(1, 2), request: write } });
    const { id: number, epoch } = forward?.message ?? { id: -1, epoch: '' };
    solo.receive(2, { type: 'forward-reply', id: number, epoch: 'another life', reply: { ok: true, value: 'old' } });
    expect(solo.replies.has(id)).toBe(false);
    solo.receive(2, { type: 'forward-reply', id: number, epoch, reply: { ok: true, value: 'new' } });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: 'new' });
  });

  it('that was forwarded is unknown when the leader changes or nothing comes back', () => {
    const solo = follower();
    const first = solo.request(write);
    solo.receive(3, { type: 'heartbeat', ballot: b(2, 3), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.get(first)).toMatchObject({ code: 'unknown', definite: false });
    const second = solo.request(write);
    for (let i = 0; i < 51; i++) {
      solo.wait(20);
      solo.receive(3, { type: 'heartbeat', ballot: b(2, 3), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
    }
    expect(solo.replies.get(second)).toMatchObject({ code: 'unknown', definite: false });
    expect(solo.state.forwarded.size).toBe(0);
  });

  // Found by exhaustive exploration: three elections, a copied forward, 20 steps.
  it('that another node forwarded is not refused when it was carried out before, and the leadership lost since', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    const forward = { type: 'forward', id: 4, epoch: 'e', ballot, request: write } as const;
    solo.receive(3, forward);
    solo.receive(2, { type: 'heartbeat', ballot: b(9, 2), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
    expect(solo.state.role.kind).toBe('follower');
    solo.take('forward-reply');
    solo.receive(3, forward);
    expect(solo.take('forward-reply')).toEqual([]);
  });

  it('that was forwarded to an earlier life of the leader may have been carried out', () => {
    const solo = new Solo({}, [{ type: 'promised', ballot: b(3, 1) }]);
    solo.receive(3, { type: 'forward', id: 4, epoch: 'e', ballot: b(3, 1), request: write });
    solo.receive(3, { type: 'forward', id: 5, epoch: 'e', ballot: b(3, 2), request: write });
    expect(solo.take('forward-reply').map(({ message }) => (message.reply.ok ? 'ok' : message.reply.code))).toEqual(['unknown', 'not-leader']);
  });

  it('that another node forwarded is refused, not passed on, where nobody leads', () => {
    const solo = follower();
    solo.receive(3, { type: 'forward', id: 4, epoch: 'e', ballot: b(1, 1), request: write });
    expect(solo.take('forward')).toEqual([]);
    expect(solo.take('forward-reply')).toMatchObject([{ to: 3, message: { id: 4, epoch: 'e', reply: { code: 'not-leader', definite: true, leader: 2 } } }]);
  });

  it('that the network repeats is carried out once, and never in another ballot', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    const forward = { type: 'forward', id: 4, epoch: 'e', ballot, request: write } as const;
    solo.receive(3, forward);
    solo.receive(3, forward);
    solo.receive(3, { ...forward, id: 5, ballot: b(0, 1) });
    expect(solo.take('accept').filter(({ to }) => to === 2)).toHaveLength(1);
    expect(solo.take('forward-reply')).toMatchObject([{ message: { id: 5, reply: { code: 'not-leader' } } }]);
  });

  it('above the limit is refused as overload', () => {
    const solo = new Solo({ maxInFlight: 2 });
    solo.lead();
    const ids = [1, 2, 3].map(() => solo.request(write));
    expect(ids.map((id) => solo.replies.get(id))).toMatchObject([undefined, undefined, { code: 'overloaded', definite: true }]);
  });
});

describe('a retry', () => {
  it('of a cas gets the first reply, from the leader and from the log', () => {
    const solo = new Solo({ nodes: [1], q1: 1, q2: 1 });
    solo.wait(401);
    for (let i = 0; i < 3; i++) solo.sync();
    const run = (request: Request) => {
      const id = solo.request(request);
      solo.sync();
      return solo.replies.get(id);
    };
    const opened = run({ kind: 'open-session' });
    const session = { id: opened?.ok === true ? Number(opened.value) : 0, seq: 1, firstUnacked: 1 };
    const cas = (from: number | null, to: number): Operation => ({ f: 'cas', key: 'x', from, to });
    expect(run({ kind: 'operation', op: cas(null, 1), session })).toMatchObject({ ok: true, value: null });
    const slots = solo.state.applied;
    expect(run({ kind: 'operation', op: cas(null, 1), session })).toMatchObject({ ok: true, value: null });
    expect(solo.state.applied).toBe(slots);
    expect(run({ kind: 'operation', op: cas(null, 1), session: { ...session, seq: 2 } })).toMatchObject({ code: 'cas-mismatch', actual: 1 });
    expect(run({ kind: 'operation', op: cas(1, 2), session: { ...session, id: 999 } })).toMatchObject({ code: 'session-expired', definite: false });
  });
});

describe('a read by read-index', () => {
  it('counts only acknowledgements of heartbeats sent after it came', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    const before = solo.state.role.kind === 'leader' ? solo.state.role.nonce : 0;
    const id = solo.request(readIndex);
    expect(solo.take('heartbeat').map(({ to, message }) => [to, message.nonce])).toEqual([[2, before + 1], [3, before + 1]]);
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: before, sentAt: 0, leaseMs: 0 });
    solo.receive(3, { type: 'heartbeat-ack', ballot: b(0, 1), nonce: before + 1, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.has(id)).toBe(false);
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: before + 1, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: null });
  });

  it('needs more than N - Q1 nodes: with Q1 = N the leader alone, with a small Q1 many', () => {
    const acksNeeded = (q1: number, q2: number): number => {
      const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1, q2 });
      solo.wait(401);
      const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
      for (const from of [2, 3, 4, 5]) solo.receive(from, { type: 'pre-vote-reply', attempt, granted: true, promised: b(0, 0) });
      solo.sync();
      const ballot = b(1, 1);
      for (const from of [2, 3, 4, 5]) solo.receive(from, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
      solo.sync();
      for (const from of [2, 3, 4, 5]) solo.receive(from, { type: 'accepted', ballot, slots: [[1, 1]] });
      const id = solo.request(readIndex);
      const nonce = solo.take('heartbeat').at(-1)?.message.nonce ?? 0;
      let acks = 0;
      while (!solo.replies.has(id) && acks < 4) solo.receive(2 + acks++, { type: 'heartbeat-ack', ballot, nonce, sentAt: 0, leaseMs: 0 });
      return acks;
    };
    expect([acksNeeded(5, 1), acksNeeded(4, 2), acksNeeded(3, 3), acksNeeded(2, 4)]).toEqual([0, 1, 2, 3]);
  });

  it('waits for the barrier of the ballot', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
    const id = solo.request(readIndex);
    for (const from of [2, 3]) solo.receive(from, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.has(id)).toBe(false);
    solo.sync();
    solo.receive(2, { type: 'accepted', ballot, slots: [[1, 1]] });
    expect(solo.replies.has(id)).toBe(false);
    const nonce = solo.take('heartbeat').at(-1)?.message.nonce ?? 0;
    solo.receive(3, { type: 'heartbeat-ack', ballot, nonce, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: null });
  });

  it('at a follower waits until the index is applied there', () => {
    const solo = follower();
    const id = solo.request(readIndex);
    const [asked] = solo.take('read-index');
    expect(asked?.to).toBe(2);
    const { id: number, epoch } = asked?.message ?? { id: -1, epoch: '' };
    solo.receive(2, { type: 'read-index-reply', id: number, epoch, index: 1, ballot: b(1, 2) });
    expect(solo.replies.has(id)).toBe(false);
    const command = { kind: 'operation', op: { f: 'write', key: 'x', value: 'seen' } } as const;
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [command], commit: 1 });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: 'seen' });
  });
});

describe('a quorum read', () => {
  const quorumRead: Request = { kind: 'operation', op: { f: 'read', key: 'x' }, via: 'quorum' };
  const put = (value: string): Command => ({ kind: 'operation', op: { f: 'write', key: 'x', value } });
  const accept = (slot: number, value: string, commit: number): Message => ({ type: 'accept', ballot: b(1, 2), slot, commands: [put(value)], commit });

  it.each([[5, 3, 3, 2], [5, 4, 2, 3], [5, 2, 4, 1], [3, 1, 3, 0]])('of %i nodes with Q1 = %i, Q2 = %i needs the answers of %i others, each counted once', (n, q1, q2, needed) => {
    const solo = new Solo({ nodes: Array.from({ length: n }, (_, i) => i + 1), q1, q2 });
    const id = solo.request(quorumRead);
    const [asked] = solo.take('quorum-read');
    for (let i = 0; i < needed; i++) {
      expect(solo.replies.has(id)).toBe(false);
      for (let copy = 0; copy < 2; copy++) solo.receive(2 + i, { type: 'quorum-read-reply', id: asked?.message.id ?? -1, epoch: solo.state.epoch, last: 0 });
    }
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: null });
    expect(solo.state.leader).toBeUndefined();
  });

  it('waits until the highest slot that is named is known to be chosen and applied', () => {
    const solo = new Solo();
    solo.receive(2, accept(1, 'old', 0));
    solo.sync();
    solo.receive(2, accept(2, 'new', 1));
    const id = solo.request(quorumRead);
    const asked = solo.take('quorum-read')[0]?.message.id ?? -1;
    solo.receive(3, { type: 'quorum-read-reply', id: asked, epoch: solo.state.epoch, last: 1 });
    expect(solo.replies.has(id)).toBe(false);
    solo.receive(2, { type: 'heartbeat', ballot: b(1, 2), nonce: 2, commit: 2, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: 'new' });
    expect(solo.state.counters).toMatchObject({ quorumReads: 1, quorumReadsRinsed: 1 });
  });

  it('asks the leader when the slot is not chosen in time, or too few answer', () => {
    const solo = new Solo();
    solo.receive(2, accept(3, 'nobody knows', 0));
    const ids = [solo.request(quorumRead), solo.request(quorumRead)];
    const [first] = solo.take('quorum-read');
    solo.receive(3, { type: 'quorum-read-reply', id: first?.message.id ?? -1, epoch: solo.state.epoch, last: 0 });
    solo.wait(65);
    expect(ids.map((id) => solo.replies.has(id))).toEqual([false, false]);
    expect(solo.state.counters.quorumReadsGivenUp).toBe(2);
    expect(solo.take('read-index').length).toBeGreaterThan(0);
  });

  it.each([
    ['quorum-read-no-rinse', 'old'],
    ['quorum-read-short', 'old'],
  ] as const)('with the bug %s sees what was', (bug, seen) => {
    const solo = new Solo({ bugs: new Set([bug]) });
    solo.receive(2, accept(1, 'old', 0));
    solo.receive(2, { type: 'heartbeat', ballot: b(1, 2), nonce: 2, commit: 1, sentAt: 0, leaseMs: 0 });
    const id = solo.request(quorumRead);
    const asked = solo.take('quorum-read')[0]?.message.id ?? -1;
    // Nodes 2 and 3 have accepted and acknowledged slot 2.
    solo.receive(3, { type: 'quorum-read-reply', id: asked, epoch: solo.state.epoch, last: 2 });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: seen });
  });
});

describe('a stale read', () => {
  const stale = (after?: number): Request => ({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'stale', ...(after === undefined ? {} : { after }) });

  it('is answered at once from what the node has, with the slot that it is as of, whether or not anybody leads', () => {
    const solo = new Solo();
    expect(solo.replies.get(solo.request(stale()))).toEqual({ ok: true, value: null, at: 0 });
    expect(solo.state.counters.staleReads).toBe(1);
  });

  it('waits until the node has applied what the client has seen', () => {
    const solo = follower();
    const id = solo.request(stale(1));
    expect(solo.replies.has(id)).toBe(false);
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [{ kind: 'operation', op: { f: 'write', key: 'x', value: 7 } }], commit: 0 });
    expect(solo.replies.has(id)).toBe(false);
    solo.receive(2, { type: 'heartbeat', ballot: b(1, 2), nonce: 2, commit: 1, sentAt: 0, leaseMs: 0 });
    expect(solo.replies.get(id)).toEqual({ ok: true, value: 7, at: 1 });
    expect(solo.state.counters.followerReads).toBe(0);
  });

  it('is refused when that takes too long', () => {
    const solo = follower();
    const id = solo.request(stale(5));
    solo.wait(1005);
    expect(solo.replies.get(id)).toMatchObject({ ok: false, definite: true });
    expect(solo.state.readsToApply).toEqual([]);
  });
});

describe('a leader that is asked for what it has proposed', () => {
  it('answers what is chosen (with apply-before-chosen, what may never be)', () => {
    for (const bugs of [[], ['apply-before-chosen']]) {
      const solo = new Solo({ bugs: new Set(bugs) });
      const ballot = solo.lead();
      solo.wait(20);
      const beat = solo.take('heartbeat').at(-1)?.message;
      solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: beat?.nonce ?? 0, sentAt: beat?.sentAt ?? 0, leaseMs: 150 });
      solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: 7 } });
      const read = solo.request({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'lease' });
      expect(solo.replies.get(read)).toMatchObject({ ok: true, value: bugs.length > 0 ? 7 : null });
    }
  });
});
