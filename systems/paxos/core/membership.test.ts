import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ballotText, compareBallots, epochOf, nextRound } from './ballot.js';
import type { AcceptedSlot, Ballot, Command, Membership, NodeId, Slot, WalRecord } from './index.js';
import { applyCommand, createMachine, machineText } from './machine.js';
import { initialMembership, isMade, nextMembership } from './membership.js';
import { machineOf, takeParts } from './snapshot.js';
import { Solo } from './testing/solo.js';

/** The ballot of a round of an epoch. */
const b = (epoch: number, round: number, node: NodeId): Ballot => ({ round: nextRound(epoch, 0) - 1 + round, node });
const write = (value: number): Command => ({ kind: 'operation', op: { f: 'write', key: 'x', value } });
const FIRST = initialMembership({ nodes: [1, 2, 3], q1: 2, q2: 2 });

function next(current: Membership, add: readonly NodeId[], remove: readonly NodeId[]): Membership {
  const made = nextMembership(current, { add: add.map((id) => ({ id, at: `place-${id}` })), remove });
  if (typeof made === 'string') throw new Error(made);
  return made;
}

const end = (membership: Membership): Command => ({ kind: 'reconfigure', membership });
const ids = ({ voters }: Membership): readonly NodeId[] => voters.map(({ id }) => id);

describe('members', () => {
  const sizes = fc.record({ n: fc.integer({ min: 1, max: 9 }), q1: fc.nat(), q2: fc.nat(), change: fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 12 }) });

  it('have quorums that meet, after any changes, and majorities stay majorities', () => {
    fc.assert(
      fc.property(sizes, ({ n, q1: a, q2: c, change }) => {
        const q1 = 1 + (a % n);
        const q2 = n - q1 + 1 + (c % q1);
        let members = initialMembership({ nodes: Array.from({ length: n }, (_, i) => i + 1), q1, q2 });
        const majorities = q1 === q2 && q1 === Math.floor(n / 2) + 1;
        for (const [adds, which] of change) {
          const victim = ids(members)[which % members.voters.length] as NodeId;
          if (!adds && members.voters.length === 1) continue;
          members = adds ? next(members, [members.highestId + 1], []) : next(members, [], [victim]);
          const size = members.voters.length;
          expect(members.q1 + members.q2).toBeGreaterThan(size);
          expect(Math.max(members.q1, members.q2)).toBeLessThanOrEqual(size);
          if (majorities) expect([members.q1, members.q2]).toEqual([Math.floor(size / 2) + 1, Math.floor(size / 2) + 1]);
        }
      }),
    );
    const flexible = initialMembership({ nodes: [1, 2, 3, 4, 5], q1: 4, q2: 2 });
    expect([next(flexible, [6], []), next(flexible, [], [5]), next(flexible, [], [2, 3, 4])].map(({ q1, q2 }) => [q1, q2])).toEqual([[5, 2], [3, 2], [2, 1]]);
    // With three members the quorums look like majorities; with five again they are what they were.
    const three = next(flexible, [], [4, 5]);
    expect([three, next(three, [6], []), next(next(three, [6], []), [7], [])].map(({ q1, q2 }) => [q1, q2])).toEqual([[2, 2], [3, 2], [4, 2]]);
  });

  it.each([
    ['nothing', [], [], /adds or removes/],
    ['a number that was used', [{ id: 3, at: 'x' }], [], /node 3 cannot be added: numbers are used once, and the highest so far is 3/],
    ['a stranger', [], [7], /node 7 is no member; members are 1, 2, 3/],
    ['a node twice', [{ id: 4, at: 'x' }, { id: 4, at: 'y' }], [], /named twice/],
    ['one without an address', [{ id: 4, at: '' }], [], /needs an address/],
    ['everybody', [], [1, 2, 3], /1 to 30 members/],
  ] as const)('cannot be changed by %s', (_, add, remove, message) => {
    expect(nextMembership(FIRST, { add, remove })).toMatch(message);
  });

  it('know a number that was removed: it is not given again', () => {
    const without = next(next(FIRST, [4], []), [], [4]);
    expect(nextMembership(without, { add: [{ id: 4, at: 'x' }], remove: [] })).toMatch(/highest so far is 4/);
    expect(isMade(without, { add: [], remove: [4] })).toBe(true);
    expect(isMade(next(FIRST, [4], [1]), { add: [{ id: 4, at: 'place-4' }], remove: [1] })).toBe(true);
    expect(isMade(next(FIRST, [4], []), { add: [{ id: 4, at: 'elsewhere' }], remove: [] })).toBe(false);
  });

  it('are in the state machine, once for each epoch, and in its snapshots', () => {
    const machine = createMachine();
    const second = next(FIRST, [4], []);
    expect(applyCommand(machine, 1, end(second))).toMatchObject({ ok: true });
    // Made for the first epoch, chosen in the second.
    expect(applyCommand(machine, 2, end(next(FIRST, [], [1])))).toMatchObject({ ok: false, definite: true });
    expect(machine.members).toEqual(second);
    const copy = machineOf({ slot: 2, parts: [...takeParts(machine, 2)] }, 'first-reply');
    expect(copy.members).toEqual(second);
    expect(machineText(copy)).toBe(machineText(machine));
  });

  it('of later epochs have higher ballots than all of earlier ones', () => {
    expect(compareBallots(b(1, 1, 1), b(0, 1_000_000, 9))).toBeGreaterThan(0);
    expect([epochOf(b(0, 7, 1)), epochOf(b(3, 7, 1))]).toEqual([0, 3]);
    expect([ballotText(b(0, 7, 2)), ballotText(b(3, 7, 2))]).toEqual(['7.2', '3:7.2']);
    expect(nextRound(2, b(2, 5, 1).round)).toBe(b(2, 6, 1).round);
  });
});

/** A leader with clock and disk in order, that is asked to change the members. */
function leading(bugs: readonly string[] = []): { readonly solo: Solo; readonly ballot: Ballot } {
  const solo = new Solo({ bugs: new Set(bugs) });
  return { solo, ballot: solo.lead() };
}

const change = (add: readonly NodeId[], remove: readonly NodeId[]): { readonly kind: 'reconfigure'; readonly add: readonly { id: NodeId; at: string }[]; readonly remove: readonly NodeId[] } => ({ kind: 'reconfigure', add: add.map((id) => ({ id, at: `place-${id}` })), remove });

/** The learner says how far it is. */
function caughtUp(solo: Solo, ballot: Ballot, learner: NodeId, upTo: Slot): void {
  solo.receive(learner, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0, upTo });
}

describe('a leader that changes the members', () => {
  it('ends its epoch with the command that names them, proposes nothing after it, tells all when it is chosen, and stands for election in the next', () => {
    const { solo, ballot } = leading();
    const asked = solo.request(change([], [3]));
    const [accept] = solo.take('accept');
    expect(accept?.message.commands).toEqual([end(next(FIRST, [], [3]))]);
    const late = solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: 1 } });
    solo.sync();
    expect(solo.take('accept')).toEqual([]);
    expect(solo.state.membership.epoch).toBe(0);
    solo.sent.length = 0;
    solo.receive(2, { type: 'accepted', ballot, slots: [[2, 2]] });
    expect(solo.replies.get(asked)).toMatchObject({ ok: true, value: { epoch: 1, voters: [{ id: 1 }, { id: 2 }], q1: 2, q2: 2 } });
    // Who goes is told as well.
    expect(solo.take('heartbeat').map(({ to, message }) => [to, message.commit, epochOf(message.ballot)])).toEqual([[2, 2, 0], [3, 2, 0]]);
    expect(solo.state.role.kind).toBe('candidate');
    solo.sync();
    expect(solo.take('prepare').map(({ to, message }) => [to, message.ballot, message.from])).toEqual([[2, b(1, 1, 1), 3]]);
    solo.receive(2, { type: 'promise', ballot: b(1, 1, 1), chosenUpTo: 2, accepted: [] });
    solo.receive(2, { type: 'accepted', ballot: b(1, 1, 1), slots: [[3, 3]] });
    solo.sync();
    // What came too late for the old epoch is carried out in the new one.
    expect(solo.take('accept').at(-1)?.message).toMatchObject({ slot: 4, commands: [write(1)] });
    expect(solo.replies.has(late)).toBe(false);
  });

  it('brings a new node up first, and counts it for nothing before', () => {
    const { solo, ballot } = leading();
    const asked = solo.request(change([4], []));
    expect(solo.reached).toEqual([{ id: 4, at: 'place-4' }]);
    solo.wait(20);
    expect(solo.take('heartbeat').map(({ to }) => to)).toEqual([2, 3, 4]);
    for (let i = 1; i <= 70; i++) solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: i } });
    for (const { to } of solo.take('accept')) expect(to).not.toBe(4);
    solo.receive(2, { type: 'accepted', ballot, slots: [[2, 65]] });
    solo.sync();
    solo.receive(2, { type: 'accepted', ballot, slots: [[66, 71]] });
    solo.sync();
    expect(solo.state.applied).toBe(71);
    caughtUp(solo, ballot, 4, 6);
    expect(solo.take('accept').flatMap(({ message }) => message.commands).filter(({ kind }) => kind === 'reconfigure')).toEqual([]);
    caughtUp(solo, ballot, 4, 7);
    expect(solo.take('accept').at(-1)?.message).toMatchObject({ slot: 72, commands: [{ kind: 'reconfigure' }] });
    solo.sync();
    solo.receive(4, { type: 'accepted', ballot, slots: [[72, 72]] });
    expect(solo.replies.has(asked)).toBe(false);
    solo.receive(3, { type: 'accepted', ballot, slots: [[72, 72]] });
    expect(solo.replies.get(asked)).toMatchObject({ ok: true });
    expect(solo.state.counters.learnersCaughtUp).toBe(1);
  });

  it('counts the votes of a node that is being brought up with the bug learner-counts: what it acknowledges is lost', () => {
    for (const bugs of [[], ['learner-counts']]) {
      const { solo, ballot } = leading(bugs);
      solo.request(change([4], []));
      const written = solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: 1 } });
      solo.sync();
      solo.receive(4, { type: 'accepted', ballot, slots: [[2, 2]] });
      expect(solo.replies.has(written)).toBe(bugs.length > 0);
    }
  });

  it('gives it up when the node is not brought up in time, and takes another; one at a time', () => {
    const { solo } = leading();
    const asked = solo.request(change([4], []));
    const second = solo.request(change([], [2]));
    expect(solo.replies.get(second)).toMatchObject({ ok: false, code: 'overloaded', definite: true });
    for (let waited = 0; waited < 1000; waited += 50) {
      solo.wait(50);
      for (const peer of [2, 3]) solo.receive(peer, { type: 'heartbeat-ack', ballot: { round: 1, node: 1 }, nonce: 1, sentAt: 0, leaseMs: 0 });
    }
    expect(solo.replies.get(asked)).toMatchObject({ ok: false, code: 'unavailable', definite: true, message: expect.stringContaining('ask again') as unknown });
    solo.take('accept');
    solo.request(change([], [3]));
    expect(solo.take('accept').at(-1)?.message.commands).toMatchObject([{ kind: 'reconfigure' }]);
  });

  it('answers what was done before, and refuses what cannot be done', () => {
    const { solo } = leading();
    expect(solo.replies.get(solo.request(change([], [9])))).toMatchObject({ ok: true, value: { epoch: 0 } });
    expect(solo.replies.get(solo.request(change([3], [])))).toMatchObject({ ok: false, code: 'bad-request', definite: true });
  });

  it('hands over to one of the others when it goes itself', () => {
    const { solo, ballot } = leading();
    solo.request(change([], [1]));
    solo.sync();
    solo.sent.length = 0;
    solo.receive(2, { type: 'accepted', ballot, slots: [[2, 2]] });
    solo.receive(3, { type: 'accepted', ballot, slots: [[2, 2]] });
    expect(solo.take('hand-over').map(({ to, message }) => [to, message.to])).toEqual([[2, 2], [3, 2]]);
    expect([solo.state.role.kind, solo.replies.get(solo.request({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'stale' }))]).toMatchObject(['follower', { ok: false, code: 'not-member', definite: true, message: expect.stringContaining('(epoch 1) the members are 2, 3') as unknown }]);
    solo.wait(5000);
    expect(solo.take('pre-vote')).toEqual([]);
  });

  it('relies on no lease any more when the epoch has ended', () => {
    const { solo, ballot } = leading();
    solo.wait(20);
    const nonce = solo.take('heartbeat').at(-1)?.message;
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: nonce?.nonce ?? 0, sentAt: nonce?.sentAt ?? 0, leaseMs: 150 });
    const before = solo.request({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'lease' });
    expect(solo.replies.get(before)).toMatchObject({ ok: true });
    solo.request(change([], [3]));
    solo.sync();
    solo.receive(2, { type: 'accepted', ballot, slots: [[2, 2]] });
    const after = solo.request({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'lease' });
    expect(solo.replies.has(after)).toBe(false);
  });

  it('goes by the new members too early with the bug config-on-propose, and without their promises with config-no-phase1', () => {
    const early = leading(['config-on-propose']);
    early.solo.request(change([], [3]));
    expect(ids(early.solo.state.membership)).toEqual([1, 2]);
    early.solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: 1 } });
    expect(early.solo.take('accept').at(-1)?.message).toMatchObject({ slot: 3, commands: [write(1)] });
    const hasty = leading(['config-no-phase1']);
    hasty.solo.request(change([], [3]));
    hasty.solo.sync();
    hasty.solo.receive(2, { type: 'accepted', ballot: hasty.ballot, slots: [[2, 2]] });
    expect(hasty.solo.state.role.kind).toBe('leader');
    hasty.solo.request({ kind: 'operation', op: { f: 'write', key: 'x', value: 1 } });
    expect(hasty.solo.take('accept').at(-1)).toMatchObject({ to: 2, message: { ballot: hasty.ballot, slot: 3 } });
  });
});

describe('a candidate', () => {
  const report = (slot: Slot, ballot: Ballot, command: Command): AcceptedSlot => ({ slot, ballot, command });

  it('that finds the end of its epoch proposes that, and nothing after it', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [report(1, b(0, 1, 3), write(1)), report(2, b(0, 1, 3), end(next(FIRST, [], [3]))), report(3, b(0, 1, 2), write(9))] });
    expect(solo.take('accept').flatMap(({ to, message }) => (to === 2 ? message.commands : []))).toEqual([write(1), end(next(FIRST, [], [3]))]);
    solo.sync();
    solo.receive(2, { type: 'accepted', ballot, slots: [[1, 2]] });
    expect([solo.state.membership.epoch, solo.state.role.kind]).toEqual([1, 'candidate']);
  });

  it('takes nothing for chosen that an earlier epoch has left after its end', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    // Another node leads, ends the epoch, and is gone.
    solo.receive(2, { type: 'accept', ballot: b(0, 9, 2), slot: 1, commands: [end(next(FIRST, [], [2]))], commit: 0 });
    solo.sync();
    solo.receive(2, { type: 'heartbeat', ballot: b(0, 9, 2), nonce: 1, commit: 1, sentAt: 0, leaseMs: 0 });
    expect(solo.state.membership.epoch).toBe(1);
    expect(compareBallots(ballot, b(0, 9, 2))).toBeLessThan(0);
    solo.sync();
    const later = solo.campaign();
    expect(epochOf(later)).toBe(1);
    solo.receive(3, { type: 'promise', ballot: later, chosenUpTo: 1, accepted: [report(2, b(0, 8, 3), write(7)), report(3, b(1, 1, 3), write(8))] });
    expect(solo.take('accept')[0]?.message.commands).toEqual([{ kind: 'noop' }, write(8), { kind: 'noop' }]);
  });

  it('counts no promise of a node that is no member (the bug removed-node-votes does)', () => {
    for (const bugs of [[], ['removed-node-votes']]) {
      const solo = new Solo({ bugs: new Set(bugs) }, inSecondEpoch(next(FIRST, [4, 5], [3])));
      solo.wait(5);
      solo.sync();
      solo.wait(401);
      const asked = solo.take('pre-vote').at(-1);
      for (const peer of [2, 4]) solo.receive(peer, { type: 'pre-vote-reply', attempt: asked?.message.attempt ?? 0, granted: true, promised: b(1, 1, 4) });
      solo.sync();
      const [prepare] = solo.take('prepare');
      const ballot = prepare?.message.ballot as Ballot;
      for (const node of [2, 3]) solo.receive(node, { type: 'promise', ballot, chosenUpTo: 1, accepted: [] });
      expect(solo.state.role.kind).toBe(bugs.length > 0 ? 'leader' : 'candidate');
    }
  });

  it('of an epoch that has ended without it stands for nothing any more', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    solo.receive(2, { type: 'promise', ballot, chosenUpTo: 1, accepted: [] });
    const [question] = solo.take('fetch');
    expect(question?.to).toBe(2);
    solo.receive(2, { type: 'learn', from: 1, values: [{ ballot: b(0, 1, 3), command: end(next(FIRST, [4], [])) }], chosenUpTo: 1 });
    expect([solo.state.role.kind, solo.state.membership.epoch]).toEqual(['follower', 1]);
    solo.sync();
    const again = solo.campaign();
    expect(epochOf(again)).toBe(1);
  });
});

/** What is on the disk of a node that knows that the first epoch has ended. */
function inSecondEpoch(membership: Membership): readonly WalRecord[] {
  return [{ type: 'accepted', slot: 1, ballot: b(0, 1, 2), command: end(membership) }, { type: 'chosen', upTo: 1 }];
}

it('counts the changes of members that it sees, not those that its log tells of at a start', () => {
  const solo = new Solo({}, inSecondEpoch(next(FIRST, [4], [])));
  expect([solo.state.membership.epoch, solo.state.counters.membershipChanges, solo.state.counters.applied]).toEqual([1, 0, 0]);
});

describe('a node in an earlier epoch', () => {
  const second = next(FIRST, [4], []);

  // Found by simulation (seed 42: a new node, links that lose a fifth of their rounds, two changes of members before).
  it('asks again whom it hears from a later one, though it was configured with others', () => {
    const solo = new Solo();
    const beat = (): void => solo.receive(9, { type: 'heartbeat', ballot: b(2, 1, 9), nonce: 1, commit: 5, sentAt: 0, leaseMs: 0, members: [{ id: 9, at: 'place-9' }] });
    beat();
    expect(solo.take('fetch').map(({ to }) => to)).toEqual([9]);
    // The answer is lost; the question is repeated when time passes, before the next sign of life comes.
    for (let turn = 0; turn < 12; turn++) {
      solo.wait(45);
      beat();
    }
    const asked = solo.take('fetch').map(({ to }) => to);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((to) => to !== 9)).toEqual([]);
  });

  it.each([
    ['a prepare', { type: 'prepare', ballot: b(1, 1, 2), from: 2 }],
    ['an accept', { type: 'accept', ballot: b(1, 1, 2), slot: 2, commands: [write(1)], commit: 1 }],
    ['a heartbeat', { type: 'heartbeat', ballot: b(1, 1, 2), nonce: 1, commit: 1, sentAt: 0, leaseMs: 100 }],
  ] as const)('answers %s of a later one only when it knows that its own has ended, and has that on disk before', (_, message) => {
    const solo = new Solo();
    solo.receive(2, message);
    solo.sync();
    expect([solo.take('promise'), solo.take('accepted'), solo.take('heartbeat-ack'), solo.take('nack'), solo.state.promised.round]).toEqual([[], [], [], [], 0]);
    expect(solo.take('fetch').map(({ to, message: { from } }) => [to, from])).toEqual([[2, 1]]);
    solo.receive(2, { type: 'learn', from: 1, values: [{ ballot: b(0, 1, 2), command: end(second) }, { ballot: b(1, 1, 2), command: write(1) }], chosenUpTo: 2 });
    expect([solo.state.membership.epoch, solo.state.applied]).toEqual([1, 2]);
    const kinds = solo.written.map((record) => (record.type === 'accepted' ? `accepted ${record.slot}` : record.type === 'chosen' ? `chosen ${record.upTo}` : record.type));
    expect(kinds.indexOf('chosen 1')).toBeLessThan(kinds.indexOf('accepted 2'));
    expect(kinds).toContain('chosen 1');
    solo.receive(2, message);
    solo.sync();
    solo.sync();
    expect([...solo.take('promise'), ...solo.take('accepted'), ...solo.take('heartbeat-ack')].length).toBe(1);
    // Whatever of it a start finds: it does not hold a promise of an epoch that it is not in.
    for (let count = 0; count <= solo.written.length; count++) {
      const { promised, membership } = new Solo({}, solo.written.slice(0, count)).state;
      expect(epochOf(promised)).toBeLessThanOrEqual(membership.epoch);
    }
  });

  it('is told by a heartbeat where those are whom it was not configured with, before it asks them; who has answered in the ballot is told no more', () => {
    const solo = new Solo();
    const members = [{ id: 4, at: 'place-4' }];
    solo.receive(4, { type: 'heartbeat', ballot: b(1, 1, 4), nonce: 1, commit: 1, sentAt: 0, leaseMs: 0, members });
    expect(solo.reached).toEqual(members);
    expect(solo.take('fetch').map(({ to }) => to)).toEqual([4]);
    const leader = new Solo({}, inSecondEpoch(next(FIRST, [4], [3])));
    leader.wait(1);
    leader.sync();
    const ballot = leader.lead();
    leader.take('heartbeat');
    leader.wait(20);
    const told = (): readonly unknown[] => leader.take('heartbeat').map(({ to, message }) => [to, message.members]);
    expect(told()).toEqual([[2, members], [4, members]]);
    leader.receive(4, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 0, leaseMs: 0 });
    leader.wait(20);
    expect(told()).toEqual([[2, members], [4, undefined]]);
  });

  it('is told when it asks whether to stand for election, and by a refusal', () => {
    const solo = new Solo({}, inSecondEpoch(second));
    solo.wait(2000);
    solo.sent.length = 0;
    solo.receive(3, { type: 'pre-vote', attempt: 5 });
    expect(solo.take('pre-vote-reply').map(({ message }) => message)).toMatchObject([{ granted: false, ahead: 1 }]);
    const outdated = new Solo();
    outdated.wait(401);
    const [asked] = outdated.take('pre-vote');
    outdated.receive(2, { type: 'pre-vote-reply', attempt: asked?.message.attempt ?? 0, granted: false, promised: b(1, 3, 2), ahead: 1 });
    expect(outdated.take('fetch').map(({ to }) => to)).toEqual([2]);
    expect(outdated.state.highestRound).toBe(0);
    const candidate = new Solo();
    const ballot = candidate.campaign();
    candidate.receive(2, { type: 'nack', ballot, promised: b(1, 3, 2) });
    expect(candidate.take('fetch').map(({ to }) => to)).toEqual([2]);
  });

  it('lets go of the lease that it has granted when the epoch has ended', () => {
    const solo = new Solo();
    solo.receive(2, { type: 'accept', ballot: b(0, 1, 2), slot: 1, commands: [end(second)], commit: 0 });
    solo.sync();
    solo.receive(2, { type: 'heartbeat', ballot: b(0, 1, 2), nonce: 1, commit: 0, sentAt: 0, leaseMs: 5000 });
    solo.sync();
    solo.sent.length = 0;
    solo.receive(3, { type: 'prepare', ballot: b(0, 2, 3), from: 1 });
    expect(solo.take('nack').map(({ message }) => (message.leaseMs ?? 0) > 0)).toEqual([true]);
    solo.receive(2, { type: 'heartbeat', ballot: b(0, 1, 2), nonce: 2, commit: 1, sentAt: 0, leaseMs: 0 });
    solo.receive(3, { type: 'prepare', ballot: b(1, 1, 3), from: 2 });
    solo.sync();
    expect(solo.take('promise').map(({ message }) => message.ballot)).toEqual([b(1, 1, 3)]);
  });

  it('asks the new members about reads that waited for its end', () => {
    const solo = new Solo();
    const asked = solo.request({ kind: 'operation', op: { f: 'read', key: 'x' }, via: 'quorum' });
    const [poll] = solo.take('quorum-read');
    solo.receive(2, { type: 'quorum-read-reply', id: poll?.message.id ?? 0, epoch: poll?.message.epoch ?? '', last: 1 });
    solo.receive(2, { type: 'accept', ballot: b(0, 1, 2), slot: 1, commands: [end(second)], commit: 0 });
    solo.sync();
    solo.receive(2, { type: 'heartbeat', ballot: b(0, 1, 2), nonce: 1, commit: 1, sentAt: 0, leaseMs: 0 });
    expect([solo.state.membership.epoch, solo.replies.has(asked)]).toEqual([1, false]);
    // A write of the new epoch may have been acknowledged by nodes that were not asked.
    solo.receive(2, { type: 'heartbeat', ballot: b(1, 1, 2), nonce: 1, commit: 1, sentAt: 0, leaseMs: 0 });
    solo.wait(5);
    expect(solo.take('quorum-read').map(({ to }) => to)).toEqual([2, 3, 4]);
  });
});

describe('a node that is no member', () => {
  it('learns, says how far it is, and does not stand for election; when it is one, it does', () => {
    const solo = new Solo({ self: 4 });
    solo.wait(3000);
    expect(solo.take('pre-vote')).toEqual([]);
    expect(solo.replies.get(solo.request({ kind: 'open-session' }))).toMatchObject({ ok: false, code: 'not-member', definite: true });
    solo.receive(2, { type: 'heartbeat', ballot: b(0, 1, 2), nonce: 1, commit: 2, sentAt: 0, leaseMs: 0 });
    solo.sync();
    expect(solo.take('heartbeat-ack').map(({ message }) => message.upTo)).toEqual([0]);
    solo.receive(2, { type: 'learn', from: 1, values: [{ ballot: b(0, 1, 2), command: write(1) }, { ballot: b(0, 1, 2), command: end(next(FIRST, [4], [1])) }], chosenUpTo: 2 });
    expect(solo.reached).toContainEqual({ id: 4, at: 'place-4' });
    solo.sync();
    expect(epochOf(solo.campaign())).toBe(1);
  });
});
