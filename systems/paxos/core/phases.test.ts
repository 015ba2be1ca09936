import { describe, expect, it } from 'vitest';
import { createReplica, step, type Command, type Request, type WalRecord } from './index.js';
import { Solo, soloConfig } from './testing/solo.js';

const put = (value: string): Command => ({ kind: 'operation', op: { f: 'write', key: 'x', value } });
const noop: Command = { kind: 'noop' };
const b = (round: number, node: number) => ({ round, node });

describe('phase 1', () => {
  it('tells nobody of a ballot before the own promise is durable', () => {
    const solo = new Solo();
    solo.wait(401);
    const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
    solo.receive(3, { type: 'pre-vote-reply', attempt, granted: true, promised: b(4, 3) });
    solo.wait(50);
    expect(solo.take('prepare')).toEqual([]);
    expect(solo.written).toEqual([{ type: 'promised', ballot: b(5, 1) }]);
    solo.sync();
    expect(solo.take('prepare').map(({ to, message }) => [to, message.ballot, message.from])).toEqual([
      [2, b(5, 1), 1],
      [3, b(5, 1), 1],
    ]);
  });

  it('fills gaps with no-ops, takes the value of the highest ballot, and ends with a barrier', () => {
    const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1: 3, q2: 3 }, [
      { type: 'accepted', slot: 2, ballot: b(1, 1), command: put('old') },
      { type: 'accepted', slot: 4, ballot: b(3, 1), command: put('own') },
    ]);
    solo.wait(401);
    const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
    for (const from of [2, 3]) solo.receive(from, { type: 'pre-vote-reply', attempt, granted: true, promised: b(0, 0) });
    solo.sync();
    const ballot = b(4, 1);
    solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 2, ballot: b(2, 2), command: put('newer') }] });
    expect(solo.take('accept')).toEqual([]);
    const reported = [
      { slot: 2, ballot: b(1, 1), command: put('old') },
      { slot: 4, ballot: b(2, 5), command: put('older') },
    ];
    solo.receive(3, { type: 'promise', ballot, chosenUpTo: 0, accepted: reported });
    const [accept] = solo.take('accept');
    expect(accept?.message).toMatchObject({ slot: 1, commands: [noop, put('newer'), noop, put('own'), noop] });
    expect(solo.state.counters).toMatchObject({ gapsFilled: 2, noops: 3 });
  });

  it('counts a promise of one node once, and of another ballot never', () => {
    const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1: 3, q2: 3 });
    solo.wait(401);
    const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
    for (const from of [2, 3]) solo.receive(from, { type: 'pre-vote-reply', attempt, granted: true, promised: b(0, 0) });
    solo.sync();
    for (let i = 0; i < 3; i++) solo.receive(2, { type: 'promise', ballot: b(1, 1), chosenUpTo: 0, accepted: [] });
    solo.receive(3, { type: 'promise', ballot: b(1, 2), chosenUpTo: 0, accepted: [] });
    expect(solo.state.role.kind).toBe('candidate');
    solo.receive(3, { type: 'promise', ballot: b(1, 1), chosenUpTo: 0, accepted: [] });
    expect(solo.state.role.kind).toBe('leader');
  });

  it('does not ask again at every copy of an answer that has nothing: a network that makes copies would make ever more of them', () => {
    const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1: 3, q2: 3 });
    solo.wait(401);
    const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
    for (const from of [2, 3]) solo.receive(from, { type: 'pre-vote-reply', attempt, granted: true, promised: b(0, 0) });
    solo.sync();
    // They knew of two chosen slots in a life before, and of none in this.
    for (const from of [2, 3]) solo.receive(from, { type: 'promise', ballot: b(1, 1), chosenUpTo: 2, accepted: [] });
    expect(solo.take('fetch').map(({ to }) => to)).toEqual([2]);
    for (let copy = 0; copy < 5; copy++) solo.receive(2, { type: 'learn', from: 1, values: [], chosenUpTo: 0 });
    expect(solo.take('fetch')).toEqual([]);
    // The others may know more; they are asked one after the other.
    solo.wait(100);
    expect(solo.take('fetch').map(({ to }) => to)).toEqual([3, 4, 5]);
  });

  it('fetches what others know to be chosen before it proposes anything', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    solo.receive(2, { type: 'promise', ballot, chosenUpTo: 2, accepted: [] });
    expect(solo.take('accept')).toEqual([]);
    expect(solo.take('fetch')).toEqual([{ to: 2, message: { type: 'fetch', from: 1 } }]);
    const values = [put('a'), put('b')].map((command) => ({ ballot: b(0, 2), command }));
    solo.receive(2, { type: 'learn', from: 1, values, chosenUpTo: 2 });
    expect(solo.take('accept')[0]?.message).toMatchObject({ slot: 3, commands: [noop], commit: 2 });
  });

  it('answers a prepare that comes again from what it has accepted by then', () => {
    const solo = new Solo();
    solo.receive(2, { type: 'prepare', ballot: b(1, 2), from: 1 });
    expect(solo.take('promise')).toEqual([]);
    solo.sync();
    expect(solo.take('promise')[0]?.message.accepted).toEqual([]);
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [put('v')], commit: 0 });
    solo.receive(2, { type: 'prepare', ballot: b(1, 2), from: 1 });
    expect(solo.take('promise')).toEqual([]);
    solo.sync();
    expect(solo.take('promise')[0]?.message.accepted).toEqual([{ slot: 1, ballot: b(1, 2), command: put('v') }]);
  });

  it('leaves chosen slots out of a promise and says up to where', () => {
    const accepted = (slot: number): WalRecord => ({ type: 'accepted', slot, ballot: b(1, 2), command: put(`${slot}`) });
    const solo = new Solo({}, [accepted(1), accepted(2), accepted(3), { type: 'chosen', upTo: 2 }]);
    solo.receive(3, { type: 'prepare', ballot: b(2, 3), from: 1 });
    solo.sync();
    expect(solo.take('promise')[0]?.message).toMatchObject({ chosenUpTo: 2, accepted: [{ slot: 3 }] });
  });

  it('chooses a round above everything it has promised in a former life', () => {
    const solo = new Solo({}, [{ type: 'promised', ballot: b(7, 3) }, { type: 'accepted', slot: 1, ballot: b(8, 1), command: noop }]);
    expect(solo.campaign()).toEqual(b(9, 1));
  });

  it('does not vote against a leader that it hears', () => {
    const solo = new Solo();
    solo.receive(3, { type: 'pre-vote', attempt: 1 });
    solo.receive(2, { type: 'heartbeat', ballot: b(1, 2), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
    solo.receive(3, { type: 'pre-vote', attempt: 2 });
    solo.wait(199);
    solo.receive(3, { type: 'pre-vote', attempt: 3 });
    solo.wait(5);
    solo.receive(3, { type: 'pre-vote', attempt: 4 });
    expect(solo.take('pre-vote-reply').map(({ message }) => message.granted)).toEqual([true, false, false, true]);
  });
});

describe('phase 2', () => {
  it('refuses what is below its promise', () => {
    const solo = new Solo({}, [{ type: 'promised', ballot: b(5, 3) }]);
    solo.receive(2, { type: 'accept', ballot: b(5, 2), slot: 1, commands: [noop], commit: 0 });
    solo.receive(2, { type: 'prepare', ballot: b(4, 2), from: 1 });
    solo.receive(2, { type: 'heartbeat', ballot: b(5, 2), nonce: 1, commit: 0, sentAt: 0, leaseMs: 0 });
    expect(solo.take('nack').map(({ message }) => message.promised)).toEqual([b(5, 3), b(5, 3), b(5, 3)]);
    expect(solo.written).toEqual([]);
  });

  it('acknowledges durable values only, many slots in one message', () => {
    const solo = new Solo();
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [put('a'), put('b')], commit: 0 });
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 3, commands: [put('c')], commit: 0 });
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 6, commands: [put('f')], commit: 0 });
    expect(solo.take('accepted')).toEqual([]);
    solo.sync();
    expect(solo.take('accepted')).toEqual([
      { to: 2, message: { type: 'accepted', ballot: b(1, 2), slots: [[1, 3], [6, 6]] } },
    ]);
  });

  it('counts nodes, not acknowledgements, and itself only when durable', () => {
    const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1: 3, q2: 3 });
    solo.wait(401);
    const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
    for (const from of [2, 3]) solo.receive(from, { type: 'pre-vote-reply', attempt, granted: true, promised: b(0, 0) });
    solo.sync();
    const ballot = b(1, 1);
    for (const from of [2, 3]) solo.receive(from, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
    for (let i = 0; i < 4; i++) solo.receive(2, { type: 'accepted', ballot, slots: [[1, 1]] });
    solo.receive(3, { type: 'accepted', ballot: b(1, 3), slots: [[1, 1]] });
    solo.receive(3, { type: 'accepted', ballot, slots: [[1, 1]] });
    expect(solo.state.log.chosenUpTo).toBe(0);
    solo.sync();
    expect(solo.state.log.chosenUpTo).toBe(1);
  });

  it('believes a commit index only for values of that ballot', () => {
    const solo = new Solo({}, [{ type: 'accepted', slot: 1, ballot: b(1, 2), command: put('mine') }]);
    solo.receive(3, { type: 'heartbeat', ballot: b(2, 3), nonce: 1, commit: 1, sentAt: 0, leaseMs: 0 });
    expect(solo.state.applied).toBe(0);
    expect(solo.take('fetch')).toEqual([{ to: 3, message: { type: 'fetch', from: 1 } }]);
    solo.receive(3, { type: 'learn', from: 1, values: [{ ballot: b(2, 3), command: put('theirs') }], chosenUpTo: 1 });
    expect(solo.state.applied).toBe(1);
    expect(solo.state.machine.cells.get('x')).toEqual({ value: 'theirs' });
  });

  it('sends again what a node has not acknowledged, and nothing to a silent node', () => {
    const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1: 3, q2: 3, electionTimeoutMs: 200 });
    solo.wait(401);
    const attempt = solo.take('pre-vote')[0]?.message.attempt ?? -1;
    for (const from of [2, 3]) solo.receive(from, { type: 'pre-vote-reply', attempt, granted: true, promised: b(0, 0) });
    solo.sync();
    for (const from of [2, 3]) solo.receive(from, { type: 'promise', ballot: b(1, 1), chosenUpTo: 0, accepted: [] });
    solo.take('accept');
    solo.sync();
    for (let i = 0; i < 12; i++) {
      solo.wait(20);
      for (const from of [2, 3, 4]) solo.receive(from, { type: 'heartbeat-ack', ballot: b(1, 1), nonce: 1, sentAt: 0, leaseMs: 0 });
      if (i === 0) solo.receive(2, { type: 'accepted', ballot: b(1, 1), slots: [[1, 1]] });
    }
    solo.take('accept');
    solo.wait(60);
    expect(new Set(solo.take('accept').map(({ to }) => to))).toEqual(new Set([3, 4]));
  });

  it('stops when an acceptor is given two values for one slot and ballot', () => {
    const solo = new Solo();
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [put('a')], commit: 0 });
    expect(() => solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [put('b')], commit: 0 })).toThrow(/two values/);
  });

  it('keeps no more slots open than the pipeline allows', () => {
    const solo = new Solo({ maxPipeline: 3 });
    const ballot = solo.lead();
    for (let i = 0; i < 5; i++) solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: i } });
    expect(solo.take('accept').filter(({ to }) => to === 2).map(({ message }) => message.slot)).toEqual([2, 3, 4]);
    solo.sync();
    solo.receive(3, { type: 'accepted', ballot, slots: [[2, 3]] });
    expect(solo.take('accept').filter(({ to }) => to === 2).map(({ message }) => [message.slot, message.commands.length])).toEqual([[5, 2]]);
    expect([...solo.replies.keys()]).toEqual([1, 2]);
  });
});

describe('what one message tells is bounded', () => {
  it('no more is proposed at a time than fits into one promise, but one command always is', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    const large = (size: number): Request => ({ kind: 'operation', op: { f: 'write', key: 'x', value: 'v'.repeat(size) } });
    for (let i = 0; i < 20; i++) solo.request(large(1_000_000));
    const slots = (): readonly number[] => solo.take('accept').filter(({ to }) => to === 2).flatMap(({ message }) => message.commands.map((_, i) => message.slot + i));
    expect(slots()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    solo.sync();
    solo.receive(2, { type: 'accepted', ballot, slots: [[2, 4]] });
    expect(slots()).toEqual([10, 11, 12]);
    const other = new Solo();
    other.lead();
    other.request(large(9_000_000));
    expect(other.take('accept')).toHaveLength(2);
  });

  it('a node whose disk hangs takes in no more, and all that it misses when the disk goes on', () => {
    const solo = new Solo();
    const accept = (slot: number): void => solo.receive(2, { type: 'accept', ballot: b(1, 2), slot, commands: [put('a')], commit: 0 });
    accept(1);
    solo.wait(180);
    accept(2);
    solo.wait(60);
    accept(3);
    expect(solo.state.log.last).toBe(2);
    solo.sync();
    accept(3);
    solo.sync();
    expect([solo.state.log.last, solo.take('accepted').flatMap(({ message }) => message.slots)]).toEqual([3, [[1, 2], [3, 3]]]);
  });
});

describe('leadership', () => {
  it('ends without a quorum of acknowledgements within two election timeouts', () => {
    const solo = new Solo();
    solo.lead();
    solo.wait(401);
    expect(solo.state.role.kind).not.toBe('leader');
    expect(solo.state.counters.stepDowns).toBe(1);
  });

  it('needs to hear of as many as writes and reads need, where quorums are flexible: Q2, and one of every Q1', () => {
    // By how many others are heard: with 4 and 2 of five a write needs one, a read two grants (N - Q1 + 1 is 2, the leader one of them).
    const lasts = (q1: number, q2: number, heard: readonly number[]): boolean => {
      const solo = new Solo({ nodes: [1, 2, 3, 4, 5], q1, q2 });
      const ballot = solo.campaign();
      for (const node of [2, 3, 4, 5]) solo.receive(node, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
      for (let i = 0; i < 50; i++) {
        solo.sync();
        solo.wait(20);
        for (const node of heard) solo.receive(node, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0 });
      }
      return solo.state.role.kind === 'leader';
    };
    expect([lasts(4, 2, []), lasts(4, 2, [3])]).toEqual([false, true]);
    expect([lasts(2, 4, [2, 3]), lasts(2, 4, [2, 3, 4])]).toEqual([false, true]);
    expect([lasts(3, 4, [2, 3]), lasts(3, 4, [2, 3, 4])]).toEqual([false, true]);
    expect([lasts(4, 3, [2]), lasts(4, 3, [2, 5])]).toEqual([false, true]);
  });

  it('ends when the own disk hangs, though the others answer', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: 1 } });
    for (let i = 0; i < 15; i++) {
      solo.wait(20);
      solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0 });
    }
    expect(solo.state.role.kind).not.toBe('leader');
  });

  it('does not hold its own standstill against the others', () => {
    const solo = new Solo();
    const ballot = solo.lead();
    solo.stall(3000);
    expect(solo.state.role.kind).toBe('leader');
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0 });
    solo.wait(60);
    expect(solo.state.role.kind).toBe('leader');
  });

  it('backs off for a random time after a refusal', () => {
    const deadlines = [1, 2, 3, 4].map((seed) => {
      const solo = new Solo({ seed });
      const ballot = solo.campaign();
      solo.receive(3, { type: 'nack', ballot, promised: b(9, 3) });
      expect(solo.state.role.kind).toBe('follower');
      expect(solo.state.highestRound).toBe(9);
      return solo.state.electionDeadline - solo.now;
    });
    expect(new Set(deadlines).size).toBe(4);
    expect(Math.max(...deadlines)).toBeLessThanOrEqual(40);
  });
});

describe('configuration', () => {
  const five = [1, 2, 3, 4, 5];
  it.each([
    [five, 4, 2, true],
    [five, 3, 3, true],
    [five, 2, 4, true],
    [five, 5, 1, true],
    [five, 2, 3, false],
    [five, 2, 2, false],
    [[1, 2, 3, 4], 3, 2, true],
    [[1, 2, 3, 4], 2, 2, false],
    [[1], 1, 1, true],
    [five, 6, 1, false],
    [[1, 1, 2], 2, 2, false],
    [[2, 3], 2, 2, false],
  ])('nodes %j with q1 %i and q2 %i: %s', (nodes, q1, q2, good) => {
    const create = () => createReplica(soloConfig({ nodes, q1, q2 }), { records: [] }, 0);
    if (good) expect(create).not.toThrow();
    else expect(create).toThrow(RangeError);
  });

  it('refuses unknown bugs by name', () => {
    expect(() => createReplica(soloConfig({ bugs: new Set(['no-bug']) }), { records: [] }, 0)).toThrow(/no-bug/);
  });

  it('leads alone at once', () => {
    const solo = new Solo({ nodes: [1], q1: 1, q2: 1 });
    solo.wait(401);
    solo.sync();
    solo.sync();
    const id = solo.request({ kind: 'operation', op: { f: 'add', key: 'n', value: 2 } });
    expect(solo.replies.get(id)).toBeUndefined();
    solo.sync();
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: 2 });
  });

  it('refuses the news that something is durable which it never wrote', () => {
    const { state } = new Solo();
    expect(() => step(state, { kind: 'persisted', now: 0, upTo: 1 })).toThrow(/asked for/);
  });
});
