/** Bugs of reads, replies and recovery beside the rules that they drop, each by the interleaving that tells them apart. The others are in mutants.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Ballot, Command, Request, WalRecord } from './index.js';
import { both } from './testing/both.js';
import type { Solo } from './testing/solo.js';

const b = (round: number, node: number): Ballot => ({ round, node });
const put = (value: string): Command => ({ kind: 'operation', op: { f: 'write', key: 'x', value } });
const read = (via: 'log' | 'read-index' | 'lease'): Request => ({ kind: 'operation', op: { f: 'read', key: 'x' }, via });
const write: Request = { kind: 'operation', op: { f: 'write', key: 'x', value: 'new' } };
const heartbeat = (ballot: Ballot, commit: number) => ({ type: 'heartbeat', ballot, nonce: 1, commit, sentAt: 0, leaseMs: 0 }) as const;

/** Node 2 confirms the latest heartbeat, and grants the lease that it asks for. */
function confirm(solo: Solo, ballot: Ballot): void {
  const beat = solo.take('heartbeat').at(-1)?.message;
  if (beat === undefined) throw new Error('no heartbeat');
  solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: beat.nonce, sentAt: beat.sentAt, leaseMs: beat.leaseMs });
}

describe('recovery: the rule, and what comes of dropping it', () => {
  it('own-value-after-prepare: a new leader proposes what the promises report', () => {
    const { right, wrong } = both('own-value-after-prepare', (make) => {
      const solo = make();
      const ballot = solo.campaign();
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 1, ballot: b(0, 3), command: put('chosen') }] });
      return solo.take('accept')[0]?.message.commands;
    });
    expect(right).toEqual([put('chosen'), { kind: 'noop' }]);
    expect(wrong).toEqual([{ kind: 'noop' }]);
  });

  it('forget-accepted: what was accepted outlives a restart, and is reported', () => {
    const { right, wrong } = both('forget-accepted', (make) => {
      const solo = make({}, [{ type: 'accepted', slot: 1, ballot: b(1, 2), command: put('chosen') }]);
      solo.receive(3, { type: 'prepare', ballot: b(2, 3), from: 1 });
      solo.sync();
      return solo.take('promise')[0]?.message.accepted.map(({ command }) => command);
    });
    expect([right, wrong]).toEqual([[put('chosen')], []]);
  });
});

describe('reads: the rule, and what comes of dropping it', () => {
  it('local-read: a node that was not told the latest does not answer by itself', () => {
    const { right, wrong } = both('local-read', (make) => {
      const solo = make({}, [{ type: 'accepted', slot: 1, ballot: b(1, 2), command: put('old') }, { type: 'chosen', upTo: 1 }]);
      solo.receive(2, heartbeat(b(1, 2), 1));
      return solo.replies.get(solo.request(read('read-index')));
    });
    expect(right).toBeUndefined();
    expect(wrong).toMatchObject({ ok: true, value: 'old' });
  });

  it('leader-read-unchecked: a leader that may be one no more asks first', () => {
    const { right, wrong } = both('leader-read-unchecked', (make) => {
      const solo = make();
      const ballot = solo.lead();
      solo.wait(20);
      solo.take('heartbeat');
      const id = solo.request(read('read-index'));
      const early = solo.replies.has(id);
      if (!early) confirm(solo, ballot);
      return [early, solo.replies.has(id)];
    });
    expect([right, wrong]).toEqual([[false, true], [true, true]]);
  });

  it('read-index-old-acks: a confirmation that was asked for before the read proves nothing about it', () => {
    const { right, wrong } = both('read-index-old-acks', (make) => {
      const solo = make();
      const ballot = solo.lead();
      solo.wait(20);
      confirm(solo, ballot);
      return solo.replies.has(solo.request(read('read-index')));
    });
    expect([right, wrong]).toEqual([false, true]);
  });

  it('read-before-barrier: a new leader reads nothing before it knows all that was chosen', () => {
    const { right, wrong } = both('read-before-barrier', (make) => {
      const solo = make();
      const ballot = solo.campaign();
      // What was acknowledged by the leader before, and is not known to be chosen here.
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 1, ballot: b(0, 3), command: put('acknowledged') }] });
      const id = solo.request(read('read-index'));
      confirm(solo, ballot);
      if (solo.replies.has(id)) return solo.replies.get(id);
      solo.receive(2, { type: 'accepted', ballot, slots: [[1, 2]] });
      solo.sync();
      confirm(solo, ballot);
      return solo.replies.get(id);
    });
    expect(right).toMatchObject({ ok: true, value: 'acknowledged' });
    expect(wrong).toMatchObject({ ok: true, value: null });
  });

  it('read-index-no-apply-wait: a follower waits until it has applied what the leader names', () => {
    const { right, wrong } = both('read-index-no-apply-wait', (make) => {
      const solo = make();
      solo.receive(2, heartbeat(b(1, 2), 0));
      const id = solo.request(read('read-index'));
      const asked = solo.take('read-index')[0]?.message;
      solo.receive(2, { type: 'read-index-reply', id: asked?.id ?? 0, epoch: asked?.epoch ?? '', index: 1, ballot: b(1, 2) });
      const early = solo.replies.get(id);
      solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [put('new')], commit: 0 });
      solo.receive(2, heartbeat(b(1, 2), 1));
      return early ?? solo.replies.get(id);
    });
    expect(right).toMatchObject({ ok: true, value: 'new' });
    expect(wrong).toMatchObject({ ok: true, value: null });
  });
});

describe('replies: the rule, and what comes of dropping it', () => {
  it('preempted-means-failed: what was proposed may be chosen by the next leader', () => {
    const { right, wrong } = both('preempted-means-failed', (make) => {
      const solo = make();
      const ballot = solo.lead();
      const id = solo.request(write);
      solo.receive(3, { type: 'nack', ballot, promised: b(9, 3) });
      return solo.replies.get(id);
    });
    expect(right).toMatchObject({ ok: false, code: 'unknown', definite: false });
    expect(wrong).toMatchObject({ ok: false, definite: true });
  });

  it('no-dedupe: a copy of a command in a later slot is not executed again', () => {
    const { right, wrong } = both('no-dedupe', (make) => {
      const add: Command = { kind: 'operation', op: { f: 'add', key: 'x', value: 1 }, session: { id: 1, seq: 1, firstUnacked: 1 } };
      const records: WalRecord[] = [{ kind: 'open-session', nonce: 'n' } as const, add, add].map((command, i) => ({ type: 'accepted', slot: i + 1, ballot: b(1, 2), command }));
      const solo = make({}, [...records, { type: 'chosen', upTo: 3 }]);
      solo.receive(2, heartbeat(b(1, 2), 3));
      return solo.replies.get(solo.request({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'stale' }));
    });
    expect(right).toMatchObject({ ok: true, value: 1 });
    expect(wrong).toMatchObject({ ok: true, value: 2 });
  });
});

describe('elections: the rule, and what comes of dropping it', () => {
  it('no-backoff: who was preempted does not stand again at once', () => {
    const { right, wrong } = both('no-backoff', (make) => {
      const solo = make();
      const ballot = solo.campaign();
      solo.receive(2, { type: 'nack', ballot, promised: b(9, 2) });
      solo.sync();
      return solo.take('prepare').length;
    });
    expect([right, wrong]).toEqual([0, 2]);
  });
});
