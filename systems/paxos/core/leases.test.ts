import { describe, expect, it } from 'vitest';
import { createReplica, type CoreBugName, type Message, type NodeId, type Request } from './index.js';
import { askUntil } from './testing/scenario.js';
import { SimCluster, type SimOptions } from './testing/sim-cluster.js';
import { Solo, soloConfig } from './testing/solo.js';

const b = (round: number, node: number) => ({ round, node });
const read = (via: 'lease' | 'read-index' | 'quorum'): Request => ({ kind: 'operation', op: { f: 'read', key: 'x' }, via });
const write = (value: string): Request => ({ kind: 'operation', op: { f: 'write', key: 'x', value } });
/** Lease and clock error of Solo: it relies on L(1 - e)/(1 + e) - 1. */
const LEASE_MS = 150;
const RELIED_MS = (LEASE_MS * 0.98) / 1.02 - 1;

/** A replica that has granted node 2 its lease at the time it has now. */
function granter(changes: Parameters<typeof soloConfig>[0] = {}): Solo {
  const solo = new Solo(changes);
  solo.receive(2, beat(b(1, 2)));
  solo.sync();
  solo.sync();
  solo.receive(2, beat(b(1, 2), { nonce: 2 }));
  solo.sent.length = 0;
  return solo;
}

function beat(ballot: { readonly round: number; readonly node: NodeId }, changes: { readonly nonce?: number; readonly sentAt?: number; readonly leaseMs?: number } = {}): Message {
  return { type: 'heartbeat', ballot, nonce: 1, commit: 0, sentAt: 0, leaseMs: LEASE_MS, ...changes };
}

describe('an acceptor that has granted a lease', () => {
  it('promises to nobody else until it has ended by its own clock, and says how long that is', () => {
    const solo = granter();
    solo.wait(100);
    solo.receive(3, { type: 'prepare', ballot: b(5, 3), from: 1 });
    expect(solo.take('nack')).toEqual([{ to: 3, message: { type: 'nack', ballot: b(5, 3), promised: b(1, 2), leaseMs: 50 } }]);
    expect(solo.state.promised).toEqual(b(1, 2));
    solo.wait(50);
    solo.receive(3, { type: 'prepare', ballot: b(5, 3), from: 1 });
    expect(solo.state.promised).toEqual(b(5, 3));
  });

  it('promises to its holder all the same', () => {
    const solo = granter();
    solo.receive(2, { type: 'prepare', ballot: b(2, 2), from: 1 });
    expect(solo.state.promised).toEqual(b(2, 2));
  });

  it('does not stand for election itself, and grants no pre-vote, although it has heard nothing for long', () => {
    const solo = granter({ electionTimeoutMs: 50, nodes: [1, 2, 3], leaseMs: 400 });
    solo.receive(2, beat(b(1, 2), { nonce: 3, leaseMs: 400 }));
    solo.sync();
    solo.wait(120);
    solo.take('pre-vote');
    solo.receive(3, { type: 'pre-vote', attempt: 1 });
    expect(solo.take('pre-vote-reply')[0]?.message.granted).toBe(false);
    solo.receive(3, { type: 'pre-vote-reply', attempt: (solo.state.role as { attempt?: number }).attempt ?? -1, granted: true, promised: b(0, 0) });
    expect(solo.state.role.kind).toBe('pre-candidate');
    expect(solo.state.promised).toEqual(b(1, 2));
    solo.wait(290);
    solo.receive(3, { type: 'pre-vote', attempt: 2 });
    expect(solo.take('pre-vote-reply')[0]?.message.granted).toBe(true);
  });

  it('has it on disk how long leases may be before it says so, once for each length that is longer', () => {
    const solo = new Solo();
    solo.receive(2, beat(b(1, 2)));
    solo.sync();
    expect(solo.take('heartbeat-ack')).toEqual([]);
    solo.sync();
    expect(solo.take('heartbeat-ack')).toHaveLength(1);
    for (const [nonce, leaseMs] of [[2, 150], [3, 100], [4, 151]] as const) solo.receive(2, beat(b(1, 2), { nonce, leaseMs }));
    expect(solo.take('heartbeat-ack').map(({ message }) => message.nonce)).toEqual([2, 3]);
    expect(solo.written.filter(({ type }) => type === 'lease')).toEqual([{ type: 'lease', longestMs: 150 }, { type: 'lease', longestMs: 151 }]);
  });

  it.each([false, true])('after a restart promises nothing to anybody for the longest lease (with the bug: %s)', (bug) => {
    const records = [{ type: 'promised', ballot: b(1, 2) }, { type: 'lease', longestMs: 300 }, { type: 'lease', longestMs: 200 }] as const;
    const solo = new Solo(bug ? { bugs: new Set(['lease-forgotten-on-restart']) } : {}, records);
    const asked = (): boolean => {
      solo.receive(3, { type: 'prepare', ballot: b(solo.now + 5, 3), from: 1 });
      return solo.state.promised.round === solo.now + 5;
    };
    expect(asked()).toBe(bug);
    solo.wait(299);
    expect(asked()).toBe(bug);
    solo.wait(2);
    expect(asked()).toBe(true);
  });

  it('promises nothing new for a leader of a lower ballot that asks again', () => {
    const solo = granter();
    solo.receive(3, { type: 'accept', ballot: b(4, 3), slot: 1, commands: [{ kind: 'noop' }], commit: 0 });
    solo.receive(2, beat(b(1, 2), { nonce: 9 }));
    expect(solo.take('heartbeat-ack')).toEqual([]);
    expect(solo.take('nack')).toHaveLength(1);
  });
});

describe('a leader', () => {
  /** Leads; its heartbeat of now is acknowledged by the given nodes after a delay. */
  function leader(ackAfterMs: number, from: readonly NodeId[] = [2], changes: Parameters<typeof soloConfig>[0] = {}): { readonly solo: Solo; readonly sentAt: number } {
    const solo = new Solo(changes);
    const ballot = solo.campaign();
    const others = solo.state.peers;
    for (const node of others) solo.receive(node, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
    for (const node of others) solo.receive(node, { type: 'accepted', ballot, slots: [[1, 1]] });
    solo.sync();
    solo.take('heartbeat');
    solo.wait(20);
    const { nonce, sentAt } = solo.take('heartbeat').at(-1)?.message ?? { nonce: 0, sentAt: 0 };
    solo.wait(ackAfterMs);
    for (const node of from) solo.receive(node, { type: 'heartbeat-ack', ballot, nonce, sentAt, leaseMs: LEASE_MS });
    solo.sent.length = 0;
    return { solo, sentAt };
  }

  /** Until when, after the heartbeat left, it answers at once. */
  function answersFor({ solo, sentAt }: ReturnType<typeof leader>): number {
    for (;;) {
      const id = solo.request(read('lease'));
      if (!solo.replies.has(id)) return solo.now - sentAt;
      solo.now += 1;
      if (solo.now - sentAt > 2000) return Infinity;
    }
  }

  it('answers by itself for less than was granted, counted from before the heartbeat left', () => {
    for (const delay of [0, 30, 100]) expect(answersFor(leader(delay))).toBe(Math.ceil(RELIED_MS));
    const { solo } = leader(0);
    expect(solo.request(read('lease'))).toBeDefined();
    expect(solo.sent).toEqual([]);
    expect(solo.state.counters).toMatchObject({ leaseReads: 1, leaseMissed: 0 });
  });

  it('asks for confirmation when its lease has ended', () => {
    const { solo } = leader(0);
    solo.now += LEASE_MS;
    const id = solo.request(read('lease'));
    expect(solo.replies.has(id)).toBe(false);
    const { nonce, ballot, sentAt } = solo.take('heartbeat').at(-1)?.message ?? { nonce: 0, ballot: b(0, 0), sentAt: 0 };
    solo.receive(3, { type: 'heartbeat-ack', ballot, nonce, sentAt, leaseMs: LEASE_MS });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: null });
  });

  it.each([[5, 3, 3, 2], [5, 4, 2, 1], [5, 2, 4, 3], [4, 3, 2, 1], [3, 3, 1, 0]])('of %i nodes with Q1 = %i, Q2 = %i needs the grants of %i others', (n, q1, q2, needed) => {
    const nodes = Array.from({ length: n }, (_, i) => i + 1);
    const holds = (granted: number): boolean => answersFor(leader(0, nodes.slice(1, 1 + granted), { nodes, q1, q2 })) > 0;
    for (let granted = 0; granted < n; granted++) expect(holds(granted)).toBe(granted >= needed);
  });

  it('holds no lease before its barrier is chosen, nor of acknowledgements that grant none', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    solo.receive(2, { type: 'promise', ballot, chosenUpTo: 0, accepted: [] });
    const { nonce, sentAt } = solo.take('heartbeat').at(-1)?.message ?? { nonce: 0, sentAt: 0 };
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce, sentAt, leaseMs: LEASE_MS });
    const early = solo.request(read('lease'));
    expect(solo.replies.has(early)).toBe(false);
    const { solo: other } = leader(0, []);
    other.receive(2, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: other.now, leaseMs: 0 });
    expect(other.replies.has(other.request(read('lease')))).toBe(false);
  });

  it('promises to nobody else while it relies on its lease, and holds none in a new life', () => {
    const { solo } = leader(0);
    solo.receive(3, { type: 'prepare', ballot: b(9, 3), from: 1 });
    expect(solo.take('nack')[0]?.message.leaseMs).toBeGreaterThan(0);
    expect(solo.state.role.kind).toBe('leader');
    expect(createReplica(soloConfig(), { records: solo.written }, solo.now).role.kind).toBe('follower');
  });

  it('answers a follower by its lease too, and the follower reads when it has applied that', () => {
    const { solo } = leader(0);
    solo.receive(2, { type: 'read-index', id: 4, epoch: 'e', lease: true });
    expect(solo.take('read-index-reply')).toMatchObject([{ to: 2, message: { id: 4, index: 1 } }]);
    expect(solo.take('heartbeat')).toEqual([]);
    solo.receive(2, { type: 'read-index', id: 5, epoch: 'e', lease: false });
    expect(solo.take('read-index-reply')).toEqual([]);
    expect(solo.take('heartbeat')).toHaveLength(2);
  });

  it.each([
    ['lease-from-ack-time', 100, 100 + RELIED_MS],
    ['lease-no-drift-margin', 0, LEASE_MS],
  ] as const)('with the bug %s relies on it for too long', (bug, delay, ms) => {
    expect(answersFor(leader(delay, [2], { bugs: new Set([bug]) }))).toBe(Math.ceil(ms));
  });

  it('that is campaigning waits for a lease of another to end, and is not put off by it', () => {
    const solo = new Solo();
    const ballot = solo.campaign();
    solo.receive(2, { type: 'nack', ballot, promised: b(0, 0), leaseMs: 70 });
    expect(solo.state.role.kind).toBe('candidate');
    solo.wait(45);
    expect(solo.take('prepare').map(({ to }) => to)).toContain(2);
  });
});

describe('handing over', () => {
  const handOver: Request = { kind: 'transfer', to: 3 };

  function leading(): { readonly solo: Solo; readonly ballot: ReturnType<typeof b> } {
    const solo = new Solo();
    const ballot = solo.lead();
    solo.wait(20);
    const { nonce, sentAt } = solo.take('heartbeat').at(-1)?.message ?? { nonce: 0, sentAt: 0 };
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce, sentAt, leaseMs: LEASE_MS });
    solo.sent.length = 0;
    return { solo, ballot };
  }

  it('first lets what is under way be chosen, takes in nothing more, and relies on no lease from the beginning', () => {
    const { solo, ballot } = leading();
    solo.request(write('under way'));
    const id = solo.request(handOver);
    solo.request(write('too late'));
    expect(solo.take('hand-over')).toEqual([]);
    expect(solo.replies.has(solo.request(read('lease')))).toBe(false);
    solo.sync();
    solo.receive(2, { type: 'accepted', ballot, slots: [[2, 2]] });
    expect(solo.take('hand-over').map(({ to, message }) => [to, message.to])).toEqual([[2, 3], [3, 3]]);
    expect(solo.take('accept').flatMap(({ message }) => message.commands).map((command) => JSON.stringify(command)).join()).not.toContain('too late');
    solo.receive(3, { type: 'prepare', ballot: b(9, 3), from: 1 });
    expect(solo.replies.get(id)).toMatchObject({ ok: true, value: 3 });
    expect(solo.state.promised).toEqual(b(9, 3));
  });

  it('goes on leading if nobody takes over, by leases that are granted anew only', () => {
    const { solo, ballot } = leading();
    const id = solo.request(handOver);
    solo.wait(20);
    const before = solo.take('heartbeat').at(-1)?.message;
    expect(before?.leaseMs).toBe(0);
    for (let waited = 0; waited < 200; waited += 20) {
      solo.wait(20);
      const beats = solo.take('heartbeat').at(-1)?.message;
      if (beats !== undefined) solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: beats.nonce, sentAt: beats.sentAt, leaseMs: beats.leaseMs });
    }
    expect(solo.replies.get(id)).toMatchObject({ ok: false, code: 'unavailable', definite: true });
    solo.receive(2, { type: 'heartbeat-ack', ballot, nonce: 1, sentAt: 20, leaseMs: LEASE_MS });
    expect(solo.replies.has(solo.request(read('lease')))).toBe(true);
    const { solo: other, ballot: same } = leading();
    other.request(handOver);
    other.wait(205);
    other.receive(3, { type: 'heartbeat-ack', ballot: same, nonce: 1, sentAt: other.now - 100, leaseMs: LEASE_MS });
    expect(other.replies.has(other.request(read('lease')))).toBe(false);
  });

  it('lets the acceptors go, but not from a lease that was granted later', () => {
    const solo = granter();
    solo.receive(2, beat(b(1, 2), { nonce: 3, sentAt: 70 }));
    solo.receive(2, { type: 'hand-over', ballot: b(1, 2), to: 3, sentAt: 60 });
    solo.receive(3, { type: 'prepare', ballot: b(5, 3), from: 1 });
    expect(solo.state.promised).toEqual(b(1, 2));
    solo.receive(2, { type: 'hand-over', ballot: b(1, 2), to: 3, sentAt: 80 });
    solo.receive(3, { type: 'prepare', ballot: b(5, 3), from: 1 });
    expect(solo.state.promised).toEqual(b(5, 3));
  });

  it('makes the one that is named stand for election at once', () => {
    const solo = granter();
    solo.receive(2, { type: 'hand-over', ballot: b(1, 2), to: 1, sentAt: 80 });
    solo.sync();
    expect(solo.take('prepare').map(({ message }) => message.ballot)).toEqual([b(2, 1), b(2, 1)]);
  });

  it('is refused with a reason where it makes no sense', () => {
    const { solo } = leading();
    expect(solo.replies.get(solo.request({ kind: 'transfer', to: 7 }))).toMatchObject({ ok: false, code: 'bad-request' });
    expect(solo.replies.get(solo.request({ kind: 'transfer', to: 1 }))).toMatchObject({ ok: true, value: 1 });
    expect(granter().state.role.kind).toBe('follower');
    const follower = granter();
    expect(follower.replies.get(follower.request(handOver))).toMatchObject({ ok: false, code: 'not-leader', leader: 2 });
    solo.request(handOver);
    expect(solo.replies.get(solo.request(handOver))).toMatchObject({ ok: false, code: 'overloaded' });
  });
});

/** What a client reads by lease at a leader that is cut off after another was elected and has written `new`; undefined: no answer. */
function readAtOldLeader(options: Omit<SimOptions, 'nodes'>, isolate: (cluster: SimCluster, leader: NodeId) => void): string | undefined {
  const cluster = new SimCluster({ nodes: 3, network: { cut: 'stall' }, ...options });
  cluster.run(3000, () => cluster.leader() !== undefined);
  const leader = cluster.leader() ?? 1;
  const other = leader === 1 ? 2 : 1;
  if (askUntil(cluster, leader, write('old'), cluster.now + 2000) === undefined) throw new Error('no leader that writes');
  cluster.run(cluster.now + 100);
  isolate(cluster, leader);
  if (askUntil(cluster, other, write('new'), cluster.now + 10_000) === undefined) throw new Error('no new leader');
  let value: string | undefined;
  cluster.request(leader, read('lease'), (reply) => { value = reply.ok && typeof reply.value === 'string' ? reply.value : undefined; });
  cluster.resume(leader);
  cluster.run(cluster.now + 2);
  return value;
}

describe('a leader that is cut off and replaced', () => {
  const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1);
  const cutOff = (cluster: SimCluster, leader: NodeId): void => cluster.network.partition([[leader], cluster.ids.filter((id) => id !== leader)]);
  const cases: readonly (readonly [CoreBugName | 'lease-cached-clock', Omit<SimOptions, 'nodes' | 'seed'>, (cluster: SimCluster, leader: NodeId) => void])[] = [
    ['lease-not-honoured', { config: { leaseMs: 2000 } }, cutOff],
    [
      'lease-forgotten-on-restart',
      { config: { leaseMs: 3000 } },
      (cluster, leader) => {
        cutOff(cluster, leader);
        for (const id of cluster.ids) if (id !== leader) cluster.crash(id);
        for (const id of cluster.ids) cluster.restart(id);
      },
    ],
    [
      'lease-from-ack-time',
      { config: { leaseMs: 500, electionTimeoutMs: 1000, heartbeatMs: 20 } },
      (cluster, leader) => {
        for (const id of cluster.ids) if (id !== leader) cluster.network.slow(id, leader, 900);
        cluster.run(cluster.now + 1200);
        for (const id of cluster.ids) if (id !== leader) cluster.network.cut(leader, id);
      },
    ],
    [
      'lease-kept-in-transfer',
      { config: { leaseMs: 1000 } },
      (cluster, leader) => {
        for (const id of cluster.ids) if (id !== leader) cluster.network.cut(id, leader);
        cluster.request(leader, { kind: 'transfer' }, () => undefined);
      },
    ],
    [
      'lease-no-drift-margin',
      { config: { leaseMs: 3000, clockErrorRate: 0.3 } },
      (cluster, leader) => {
        for (const id of cluster.ids) cluster.setClockRate(id, id === leader ? 0.7 : 1.3);
        cutOff(cluster, leader);
      },
    ],
    [
      'lease-cached-clock',
      { cachedClocks: true },
      (cluster, leader) => {
        cutOff(cluster, leader);
        cluster.pause(leader);
      },
    ],
  ];

  it.each(cases)('%s: answers with what was, and not without the bug', (bug, options, isolate) => {
    const outcomes = (bugs: readonly string[], changes: Partial<SimOptions>): Set<string | undefined> => new Set(SEEDS.map((seed) => readAtOldLeader({ seed, bugs, ...options, ...changes }, isolate)));
    const ofCore = bug !== 'lease-cached-clock';
    expect([...outcomes(ofCore ? [bug] : [], {})]).toContain('old');
    expect([...outcomes([], { cachedClocks: false })]).not.toContain('old');
  });
});
