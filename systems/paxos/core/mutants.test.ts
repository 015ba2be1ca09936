import { describe, expect, it } from 'vitest';
import { CORE_BUGS, type Ballot, type Command, type CoreBugName, type NodeId, type Request, type WalRecord } from './index.js';
import { both } from './testing/both.js';
import type { Solo } from './testing/solo.js';

const b = (round: number, node: number): Ballot => ({ round, node });
const put = (value: string): Command => ({ kind: 'operation', op: { f: 'write', key: 'x', value } });
const noop: Command = { kind: 'noop' };
const FIVE = { nodes: [1, 2, 3, 4, 5], q1: 3, q2: 3 };

/** What a new leader proposes first, by slot. */
function proposals(solo: Solo): Readonly<Record<number, Command>> {
  const accepts = solo.take('accept').filter(({ to }) => to === 2);
  return Object.fromEntries(accepts.flatMap(({ message }) => message.commands.map((command, i) => [message.slot + i, command])));
}

describe('phase 1: the rule, and what comes of dropping it', () => {
  it('forget-promise: a promise outlives a restart', () => {
    const { right, wrong } = both('forget-promise', (make) => {
      const solo = make({}, [{ type: 'accepted', slot: 1, ballot: b(1, 2), command: put('a') }, { type: 'promised', ballot: b(7, 3) }]);
      solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 2, commands: [put('late')], commit: 0 });
      solo.sync();
      return solo.take('accepted').length;
    });
    expect([right, wrong]).toEqual([0, 1]);
  });

  it('promise-lower-ballot: a promise never sinks', () => {
    const { right, wrong } = both('promise-lower-ballot', (make) => {
      const solo = make();
      for (const ballot of [b(7, 3), b(5, 2)]) {
        solo.receive(ballot.node, { type: 'prepare', ballot, from: 1 });
        solo.sync();
      }
      return solo.state.promised;
    });
    expect([right, wrong]).toEqual([b(7, 3), b(5, 2)]);
  });

  it('lowest-ballot-wins: of what is reported the value of the highest ballot may be chosen', () => {
    const { right, wrong } = both('lowest-ballot-wins', (make) => {
      const solo = make(FIVE);
      const ballot = solo.campaign();
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 1, ballot: b(0, 4), command: put('never chosen') }] });
      solo.receive(3, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 1, ballot: b(0, 5), command: put('chosen') }] });
      return proposals(solo)[1];
    });
    expect([right, wrong]).toEqual([put('chosen'), put('never chosen')]);
  });

  it('phase1-from-own-tail: what others have accepted below the own last slot counts', () => {
    const { right, wrong } = both('phase1-from-own-tail', (make) => {
      const solo = make({}, [{ type: 'accepted', slot: 1, ballot: b(1, 1), command: put('own') }, { type: 'accepted', slot: 2, ballot: b(1, 1), command: put('own too') }]);
      const ballot = solo.campaign();
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 1, ballot: b(1, 3), command: put('chosen') }] });
      return proposals(solo)[1];
    });
    expect([right, wrong]).toEqual([put('chosen'), put('own')]);
  });

  it('no-gap-fill: a slot in which nobody has accepted anything gets a no-op', () => {
    const { right, wrong } = both('no-gap-fill', (make) => {
      const solo = make();
      const ballot = solo.campaign();
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [{ slot: 3, ballot: b(0, 2), command: put('third') }] });
      solo.sync();
      const proposed = proposals(solo);
      for (const slot of Object.keys(proposed).map(Number)) solo.receive(2, { type: 'accepted', ballot, slots: [[slot, slot]] });
      return { slots: Object.keys(proposed).map(Number), applied: solo.state.applied };
    });
    expect(right).toEqual({ slots: [1, 2, 3, 4], applied: 4 });
    expect(wrong).toEqual({ slots: [3, 4], applied: 0 });
  });

  it('quorums-do-not-intersect: Q1 + Q2 is more than the number of nodes', () => {
    const { right, wrong } = both('quorums-do-not-intersect', (make) => {
      const solo = make(FIVE);
      const ballot = solo.campaign();
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
      return solo.state.role.kind;
    });
    expect([right, wrong]).toEqual(['candidate', 'leader']);
  });

  it('read-quorum-short: a candidate leads with the promises of Q1 nodes', () => {
    const { right, wrong } = both('read-quorum-short', (make) => {
      const solo = make(FIVE);
      const ballot = solo.campaign();
      solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
      return solo.state.role.kind;
    });
    expect([right, wrong]).toEqual(['candidate', 'leader']);
  });

  it('ballot-without-node-id: of two ballots of one round an acceptor keeps to the higher', () => {
    const { right, wrong } = both('ballot-without-node-id', (make) => {
      const solo = make();
      solo.receive(3, { type: 'prepare', ballot: b(5, 3), from: 1 });
      solo.sync();
      solo.receive(2, { type: 'prepare', ballot: b(5, 2), from: 1 });
      solo.sync();
      solo.receive(2, { type: 'accept', ballot: b(5, 2), slot: 1, commands: [put('of two')], commit: 0 });
      solo.receive(3, { type: 'accept', ballot: b(5, 3), slot: 1, commands: [put('of three')], commit: 0 });
      solo.sync();
      solo.sync();
      return { promised: solo.take('promise').map(({ to }) => to), accepted: solo.take('accepted').map(({ to }) => to) };
    });
    expect(right).toEqual({ promised: [3], accepted: [3] });
    expect(wrong).toEqual({ promised: [3, 2], accepted: [2, 3] });
  });

  it('ballot-reuse-after-restart: no ballot is used in two lives', () => {
    const { right, wrong } = both('ballot-reuse-after-restart', (make) => {
      const first = make();
      const used = first.campaign();
      const second = make({}, first.written);
      return JSON.stringify(second.campaign()) === JSON.stringify(used);
    });
    expect([right, wrong]).toEqual([false, true]);
  });
});

describe('phase 2: the rule, and what comes of dropping it', () => {
  const write: Request = { kind: 'operation', op: { f: 'write', key: 'x', value: 1 } };

  /** Whether a leader of five takes its first command for chosen after it has written it, given the acknowledgements of others. */
  function isChosen(solo: Solo, acks: (ballot: Ballot) => readonly (readonly [NodeId, Ballot])[]): boolean {
    const ballot = solo.campaign();
    for (const node of [2, 3]) solo.receive(node, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
    for (const node of [2, 3, 4]) solo.receive(node, { type: 'accepted', ballot, slots: [[1, 1]] });
    solo.sync();
    const id = solo.request(write);
    solo.sync();
    for (const [node, of] of acks(ballot)) solo.receive(node, { type: 'accepted', ballot: of, slots: [[2, 2]] });
    return solo.replies.has(id);
  }

  it.each<[CoreBugName, (ballot: Ballot) => readonly (readonly [NodeId, Ballot])[]]>([
    ['write-quorum-short', (ballot) => [[2, ballot]]],
    ['count-acks-not-nodes', (ballot) => [[2, ballot], [2, ballot]]],
    ['tally-across-ballots', (ballot) => [[2, ballot], [3, b(0, 4)]]],
    ['ack-before-chosen', () => []],
  ])('%s: a value is chosen when Q2 nodes have accepted it in this ballot', (bug, acks) => {
    const { right, wrong } = both(bug, (make) => isChosen(make(FIVE), acks));
    expect([right, wrong]).toEqual([false, true]);
  });

  it('ack-before-fsync: a promise and an acceptance are told when they are durable', () => {
    const { right, wrong } = both('ack-before-fsync', (make) => {
      const solo = make();
      solo.receive(2, { type: 'prepare', ballot: b(1, 2), from: 1 });
      solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands: [put('a')], commit: 0 });
      const early = [solo.take('promise').length, solo.take('accepted').length];
      solo.sync();
      return [...early, solo.take('promise').length, solo.take('accepted').length];
    });
    expect([right, wrong]).toEqual([[0, 0, 1, 1], [1, 1, 0, 0]]);
  });

  it('accept-no-promise-bump: to accept is to promise', () => {
    const { right, wrong } = both('accept-no-promise-bump', (make) => {
      const solo = make();
      solo.receive(3, { type: 'accept', ballot: b(5, 3), slot: 1, commands: [put('new')], commit: 0 });
      solo.receive(2, { type: 'accept', ballot: b(2, 2), slot: 2, commands: [put('old')], commit: 0 });
      solo.sync();
      return solo.take('accepted').map(({ to }) => to);
    });
    expect([right, wrong]).toEqual([[3], [3, 2]]);
  });

  it('accept-below-promise: nothing is accepted below the promise', () => {
    const { right, wrong } = both('accept-below-promise', (make) => {
      const solo = make({}, [{ type: 'promised', ballot: b(5, 3) }]);
      solo.receive(2, { type: 'accept', ballot: b(2, 2), slot: 1, commands: [put('old')], commit: 0 });
      solo.sync();
      return solo.take('accepted').length;
    });
    expect([right, wrong]).toEqual([0, 1]);
  });
});

describe('who leads: the rule, and what comes of dropping it', () => {
  const write: Request = { kind: 'operation', op: { f: 'write', key: 'x', value: 1 } };

  it('never-steps-down: a leader that hears nobody gives up, and answers who waits', () => {
    const { right, wrong } = both('never-steps-down', (make) => {
      const solo = make();
      solo.lead();
      const id = solo.request(write);
      solo.sync();
      solo.wait(1500);
      return [solo.state.role.kind === 'leader', solo.replies.has(id)];
    });
    expect([right, wrong]).toEqual([[false, true], [true, false]]);
  });

  it('faux-leader: a leader whose disk hangs gives up, though the others answer', () => {
    const { right, wrong } = both('faux-leader', (make) => {
      const solo = make();
      const ballot = solo.lead();
      solo.request(write);
      for (let i = 0; i < 15; i++) {
        solo.wait(20);
        solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0 });
      }
      return solo.state.role.kind === 'leader';
    });
    expect([right, wrong]).toEqual([false, true]);
  });

  it('prepare-disrupts: a node that hears nobody asks before it stands for election, and a leader with a lease is not given up for it', () => {
    const { right, wrong } = both('prepare-disrupts', (make) => {
      const deaf = make();
      deaf.wait(401);
      deaf.sync();
      const prepares = deaf.take('prepare').length;
      const leader = make();
      const ballot = leader.lead();
      leader.wait(20);
      const beat = leader.take('heartbeat').at(-1)?.message;
      leader.receive(2, { type: 'heartbeat-ack', ballot, nonce: beat?.nonce ?? 0, sentAt: beat?.sentAt ?? 0, leaseMs: beat?.leaseMs ?? 0 });
      leader.receive(3, { type: 'prepare', ballot: b(9, 3), from: 1 });
      return [prepares, leader.state.role.kind];
    });
    expect([right, wrong]).toEqual([[0, 'leader'], [2, 'follower']]);
  });
});

describe('what costs something and breaks nothing', () => {
  const write: Request = { kind: 'operation', op: { f: 'write', key: 'x', value: 1 } };

  it('noop-flood: a command takes two slots, and gets the same answer', () => {
    const { right, wrong } = both('noop-flood', (make) => {
      const solo = make();
      const ballot = solo.lead();
      const id = solo.request(write);
      const proposed = solo.take('accept').filter(({ to }) => to === 2).flatMap(({ message }) => message.commands.map(({ kind }) => kind));
      solo.sync();
      solo.receive(2, { type: 'accepted', ballot, slots: [[2, 3]] });
      return [proposed, solo.replies.get(id)?.ok];
    });
    expect([right, wrong]).toEqual([[['operation'], true], [['operation', 'noop'], true]]);
  });

  it('skip-chosen-record: a node that starts learns again what was chosen', () => {
    const { right, wrong } = both('skip-chosen-record', (make) => {
      const first = make({ nodes: [1], q1: 1, q2: 1 });
      const lead = (solo: Solo): void => {
        solo.wait(401);
        for (let i = 0; i < 3; i++) solo.sync();
      };
      lead(first);
      for (let i = 0; i < 200; i++) {
        first.request(write);
        first.sync();
      }
      const second = make({ nodes: [1], q1: 1, q2: 1 }, first.written);
      const known = second.state.log.chosenUpTo > 0;
      lead(second);
      return { known, applied: second.state.applied > 200 };
    });
    expect(right).toEqual({ known: true, applied: true });
    expect(wrong).toEqual({ known: false, applied: true });
  });

  it('no-pre-vote: a node that hears nobody asks before it stands for election', () => {
    const { right, wrong } = both('no-pre-vote', (make) => {
      const deaf = make();
      deaf.wait(401);
      deaf.sync();
      return [deaf.take('pre-vote').length > 0, deaf.take('prepare').length > 0];
    });
    expect([right, wrong]).toEqual([[true, false], [false, true]]);
  });
});

describe('learning: the rule, and what comes of dropping it', () => {
  const heartbeat = (ballot: Ballot, commit: number) => ({ type: 'heartbeat', ballot, nonce: 1, commit, sentAt: 0, leaseMs: 0 }) as const;

  it('commit-index-blind: what was accepted in another ballot has to be fetched', () => {
    const { right, wrong } = both('commit-index-blind', (make) => {
      const solo = make({}, [{ type: 'accepted', slot: 1, ballot: b(1, 3), command: put('not chosen') }]);
      solo.receive(2, heartbeat(b(2, 2), 1));
      return { applied: solo.state.applied, fetches: solo.take('fetch').length };
    });
    expect(right).toEqual({ applied: 0, fetches: 1 });
    expect(wrong).toEqual({ applied: 1, fetches: 0 });
  });

  it('skip-gaps: nothing is applied after a slot that is not known', () => {
    const { right, wrong } = both('skip-gaps', (make) => {
      const solo = make();
      solo.receive(2, { type: 'accept', ballot: b(2, 2), slot: 2, commands: [noop], commit: 0 });
      solo.receive(2, heartbeat(b(2, 2), 2));
      return solo.state.applied;
    });
    expect([right, wrong]).toEqual([0, 2]);
  });
});

describe('sessions: the rule, and what comes of dropping it', () => {
  const op = { f: 'cas', key: 'x', from: null, to: 1 } as const;
  const session = { id: 2, seq: 1, firstUnacked: 1 };

  /** A single node that opens a session in slot 2, and executes a command of it twice over the log. */
  function twice(solo: Solo): readonly unknown[] {
    solo.wait(401);
    for (let i = 0; i < 3; i++) solo.sync();
    const run = (request: Request): unknown => {
      const id = solo.request(request);
      solo.sync();
      return solo.replies.get(id);
    };
    run({ kind: 'open-session' });
    return [run({ kind: 'operation', op, session }), run({ kind: 'operation', op, session })];
  }

  it('dedupe-wrong-reply: a retry gets the first reply', () => {
    const { right, wrong } = both('dedupe-wrong-reply', (make) => twice(make({ nodes: [1], q1: 1, q2: 1 }))[1]);
    expect(right).toMatchObject({ ok: true });
    expect(wrong).toMatchObject({ ok: false, code: 'cas-mismatch' });
  });

  it('dedupe-leader-memory: a successor knows the retries of its predecessor\'s commands', () => {
    const { right, wrong } = both('dedupe-leader-memory', (make) => {
      const add: Command = { kind: 'operation', op: { f: 'add', key: 'x', value: 1 }, session: { id: 1, seq: 1, firstUnacked: 1 } };
      const records: WalRecord[] = [
        { type: 'accepted', slot: 1, ballot: b(1, 2), command: { kind: 'open-session', nonce: 'n' } },
        { type: 'accepted', slot: 2, ballot: b(1, 2), command: add },
        { type: 'chosen', upTo: 2 },
      ];
      const solo = make({ nodes: [1], q1: 1, q2: 1 }, records);
      solo.wait(401);
      for (let i = 0; i < 3; i++) solo.sync();
      const id = solo.request({ kind: 'operation', op: add.op, session: { id: 1, seq: 1, firstUnacked: 1 } });
      solo.sync();
      return solo.replies.get(id);
    });
    expect(right).toMatchObject({ ok: true, value: 1 });
    expect(wrong).toMatchObject({ ok: true, value: 2 });
  });
});

it('every bug has a part of the protocol, faults and workloads that show it, and a name of its own', () => {
  expect(new Set(CORE_BUGS.map(({ name }) => name)).size).toBe(CORE_BUGS.length);
  for (const { part, faults, workloads, symptom, meaning } of CORE_BUGS) {
    expect([part, symptom, meaning].every((text) => text.length > 0)).toBe(true);
    expect(faults.length * workloads.length).toBeGreaterThan(0);
  }
});
