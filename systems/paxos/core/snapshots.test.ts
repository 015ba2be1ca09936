import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum } from './checksum.js';
import { CowMap } from './cow-map.js';
import type { Ballot, Command, Json, Operation, SessionRef, Slot, WalRecord } from './index.js';
import { applyCommand, createMachine, machineText, readKey, type Machine } from './machine.js';
import type { SnapshotPart } from './messages.js';
import { digestOf, machineOf, takeParts, type Snapshot } from './snapshot.js';
import { Solo } from './testing/solo.js';

const b = (round: number, node: number): Ballot => ({ round, node });
const add = (key: string, value: Json, session?: SessionRef): Command => ({ kind: 'operation', op: { f: 'append', key, value }, ...(session === undefined ? {} : { session }) });
const noop: Command = { kind: 'noop' };

/** A snapshot of a list with so many elements. */
function listOf(slot: Slot, elements = slot): Snapshot {
  const machine = createMachine();
  for (let i = 1; i <= elements; i++) applyCommand(machine, i, add('x', i));
  const parts = [...takeParts(machine, slot)];
  return { slot, parts, digest: digestOf(slot, parts.map(checksum)) };
}

function partsOf({ slot, parts, digest }: Snapshot): SnapshotPart[] {
  return parts.map((data, part) => ({ type: 'snapshot-part', digest, slot, part, of: parts.length, data, sum: checksum(data) }));
}

/** A node that follows node 2 and has applied so many appends to x. */
function follower(slots: number, changes: ConstructorParameters<typeof Solo>[0] = {}): Solo {
  const solo = new Solo(changes);
  feed(solo, 1, slots);
  return solo;
}

/** Node 2, in ballot 1, lets the appends of these slots be accepted and chosen. */
function feed(solo: Solo, first: Slot, last: Slot): void {
  const commands = Array.from({ length: last - first + 1 }, (_, i) => add('x', first + i));
  if (commands.length > 0) solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: first, commands, commit: first - 1 });
  solo.sync();
  solo.receive(2, heartbeat(last));
  solo.sync();
}

const heartbeat = (commit: Slot, ballot: Ballot = b(1, 2)) => ({ type: 'heartbeat', ballot, nonce: 1, commit, sentAt: 0, leaseMs: 0 }) as const;
const list = (solo: Solo): Json => readKey(solo.state.machine, 'x').value;
const upTo = (n: number): Json => Array.from({ length: n }, (_, i) => i + 1);

/** Two snapshots, so that the log is shortened to the first. */
function compacted(changes: ConstructorParameters<typeof Solo>[0] = {}): Solo {
  const solo = follower(0, { snapshotEvery: 10, ...changes });
  for (const last of [10, 20]) {
    feed(solo, last - 9, last);
    solo.wait(5);
    solo.saved();
  }
  solo.sent.length = 0;
  return solo;
}

describe('a map that is frozen', () => {
  it('keeps its view as it was, and goes on like any map', () => {
    type Action = readonly ['set' | 'delete' | 'freeze' | 'thaw', number];
    const action: fc.Arbitrary<Action> = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'freeze', 'thaw'), fc.nat(6));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const map = new CowMap<number, number>();
        const model = new Map<number, number>();
        let view: { readonly seen: ReadonlyMap<number, number>; readonly then: ReadonlyMap<number, number> } | undefined;
        actions.forEach(([kind, key], i) => {
          if (kind === 'set') {
            map.set(key, i);
            model.set(key, i);
          } else if (kind === 'delete') {
            map.delete(key);
            model.delete(key);
          } else if (kind === 'freeze' && view === undefined) view = { seen: map.freeze(), then: new Map(model) };
          else if (kind === 'thaw') {
            map.thaw();
            view = undefined;
          }
          expect(new Map(map)).toEqual(model);
          expect([map.size, map.get(key)]).toEqual([model.size, model.get(key)]);
          if (view !== undefined) expect(new Map(view.seen)).toEqual(view.then);
        });
      }),
    );
    const map = new CowMap();
    map.freeze();
    expect(() => map.freeze()).toThrow(/frozen already/);
  });
});

describe('a snapshot', () => {
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.record({ f: fc.constant('append'), key: fc.constantFrom('a', 'b', 'c'), value: fc.integer() }),
    fc.record({ f: fc.constant('write'), key: fc.constantFrom('a', 'b', '__proto__', ''), value: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json> }),
    fc.record({ f: fc.constant('add'), key: fc.constantFrom('b', 'n'), value: fc.integer() }),
  );
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.constant({ kind: 'open-session', nonce: 'x' } as const),
    fc.record({ kind: fc.constant('operation'), op: operation, session: fc.record({ id: fc.integer({ min: 1, max: 6 }), seq: fc.integer({ min: 1, max: 5 }), firstUnacked: fc.integer({ min: 1, max: 5 }) }) }),
    fc.record({ kind: fc.constant('operation'), op: operation }),
  );
  const apply = (machine: Machine, commands: readonly Command[], from: Slot): void => commands.forEach((each, i) => void applyCommand(machine, from + i, each));

  it('is what the commands before it have made, whatever comes while its parts are taken', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.array(command, { maxLength: 40 }), (before, after) => {
        const machine = createMachine();
        apply(machine, before, 1);
        const then = machineText(machine);
        const source = takeParts(machine, before.length + 1);
        const parts: string[] = [];
        after.forEach((each, i) => {
          applyCommand(machine, before.length + 1 + i, each);
          const next = source.next();
          if (next.done !== true) parts.push(next.value);
        });
        for (const part of source) parts.push(part);
        const read = machineOf({ slot: before.length + 1, parts }, 'first-reply');
        expect(machineText(read)).toBe(then);
        // Both go on alike.
        apply(read, after, before.length + 1);
        expect(machineText(read)).toBe(machineText(machine));
      }),
    );
  });

  it('comes in parts of bounded size, long lists in pieces', () => {
    const machine = createMachine();
    for (let i = 1; i <= 20_000; i++) applyCommand(machine, i, add('long', i));
    for (let i = 1; i <= 5000; i++) applyCommand(machine, 20_000 + i, { kind: 'operation', op: { f: 'write', key: `key ${i}`, value: 'x'.repeat(100) } });
    const parts = [...takeParts(machine, 25_000)];
    expect(parts.length).toBeGreaterThan(9);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(80_000);
    expect(machineText(machineOf({ slot: 25_000, parts }, 'first-reply'))).toBe(machineText(machine));
  });

  it('comes in parts of bounded size when the elements of a list are large', () => {
    const machine = createMachine();
    for (let i = 1; i <= 30; i++) applyCommand(machine, i, { kind: 'operation', op: { f: 'append', key: 'long', value: 'x'.repeat(40_000) } });
    const parts = [...takeParts(machine, 30)];
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(2 * 80_000 + 1000);
    expect(machineText(machineOf({ slot: 30, parts }, 'first-reply'))).toBe(machineText(machine));
  });

  it('is not read from something else, or from a part of it', () => {
    const machine = createMachine();
    applyCommand(machine, 1, add('x', 1));
    const parts = [...takeParts(machine, 1)];
    expect(() => machineOf({ slot: 2, parts }, 'first-reply')).toThrow(/no snapshot of slot 2/);
    expect(() => machineOf({ slot: 1, parts: parts.slice(0, 1) }, 'first-reply')).toThrow(/not whole: 0 of 1 keys/);
    expect(() => machineOf({ slot: 1, parts: [] }, 'first-reply')).toThrow(/not whole/);
  });

  it('has a name that changes with every part, and their order', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 5 }), fc.nat(), fc.string(), (parts, at, other) => {
        const i = at % parts.length;
        fc.pre(parts[i] !== other);
        expect(digestOf(1, parts.with(i, other).map(checksum))).not.toBe(digestOf(1, parts.map(checksum)));
        expect(digestOf(2, parts.map(checksum))).not.toBe(digestOf(1, parts.map(checksum)));
      }),
    );
    expect(digestOf(1, ['a', 'b'])).not.toBe(digestOf(1, ['b', 'a']));
    expect(checksum('ab')).not.toBe(checksum('ba'));
  });
});

describe('taking a snapshot', () => {
  it('begins a new piece of the log with what is still needed, and shortens the log when it is durable', () => {
    const solo = new Solo({ snapshotEvery: 10 });
    solo.receive(2, { ...heartbeat(0, b(3, 2)), leaseMs: 70 });
    const accept = (first: Slot, last: Slot, commit: Slot): void => {
      solo.receive(2, { type: 'accept', ballot: b(3, 2), slot: first, commands: Array.from({ length: last - first + 1 }, (_, i) => add('x', first + i)), commit });
      solo.sync();
    };
    accept(1, 13, 0);
    accept(14, 14, 10);
    const [at] = solo.checkpoints;
    expect(solo.written.slice(at, (at ?? 0) + 2)).toEqual([{ type: 'promised', ballot: b(3, 2) }, { type: 'lease', longestMs: 70 }]);
    expect(solo.written.slice((at ?? 0) + 2).flatMap((record) => (record.type === 'accepted' ? [record.slot] : []))).toEqual([11, 12, 13, 14]);
    solo.wait(5);
    expect([solo.given?.slot, solo.state.snapshot, solo.state.log.first]).toEqual([10, undefined, 1]);
    // Later commands are in the log and in the state, not in the snapshot.
    accept(15, 22, 22);
    const saved = solo.saved();
    expect(readKey(machineOf(saved, 'first-reply'), 'x').value).toEqual(upTo(10));
    expect([solo.state.snapshot?.slot, solo.state.log.first]).toEqual([10, 1]);
    // With the next one the log goes back to the one before: a node that lags a little needs no snapshot.
    accept(23, 23, 23);
    solo.wait(5);
    solo.saved();
    expect([solo.state.snapshot?.slot, solo.state.log.first]).toEqual([23, 11]);
    expect(list(solo)).toEqual(upTo(23));
  });

  it('is found at the next start: snapshot and the records since the checkpoint are the whole state', () => {
    const solo = new Solo({ snapshotEvery: 10 });
    feed(solo, 1, 12);
    solo.wait(5);
    const { given } = solo;
    if (given === undefined) throw new Error('no snapshot');
    feed(solo, 13, 15);
    const records = solo.written.slice(solo.checkpoints[0]);
    const again = new Solo({ snapshotEvery: 10 }, records, given);
    expect([again.state.promised, again.state.log.first, again.state.log.last]).toEqual([b(1, 2), 11, 15]);
    again.receive(2, heartbeat(15));
    expect(machineText(again.state.machine)).toBe(machineText(solo.state.machine));
    // Before it was durable: the log from the beginning.
    const older = new Solo({}, solo.written);
    older.receive(2, heartbeat(15));
    expect(machineText(older.state.machine)).toBe(machineText(solo.state.machine));
  });

  it('gives few parts at a time', () => {
    const solo = new Solo({ snapshotEvery: 41 });
    const wide = (first: Slot, n: number): void => {
      solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: first, commands: Array.from({ length: n }, (_, i) => ({ kind: 'operation', op: { f: 'write', key: `k${first + i}`, value: 'x'.repeat(30_000) } }) as const), commit: first - 1 });
      solo.sync();
    };
    wide(1, 20);
    wide(21, 21);
    solo.receive(2, heartbeat(41));
    const had: number[] = [];
    while (solo.given === undefined) {
      solo.wait(5);
      had.push(solo.saving.length);
    }
    // Twenty-odd parts of ninety thousand characters, two in a tick; the first is the header.
    expect(had.slice(0, 3)).toEqual([3, 5, 7]);
    expect(solo.given.parts.length).toBeGreaterThan(13);
  });

  it('is taken early when the commands are large', () => {
    const solo = new Solo({ snapshotEvery: 1_000_000 });
    for (let slot = 1; slot <= 35; slot++) {
      solo.receive(2, { type: 'accept', ballot: b(1, 2), slot, commands: [{ kind: 'operation', op: { f: 'write', key: 'k', value: 'x'.repeat(1_000_000) } }], commit: slot - 1 });
      solo.sync();
    }
    expect(solo.state.counters.snapshotsTaken).toBe(1);
  });
});

describe('a node whose slots are compacted', () => {
  it('answers a fetch with its snapshot, some parts at a time, and one that lags a little with the log', () => {
    const solo = compacted();
    expect(solo.state.log.first).toBe(11);
    solo.receive(3, { type: 'fetch', from: 11 });
    expect(solo.take('learn').map(({ message }) => [message.from, message.values.length])).toEqual([[11, 10]]);
    solo.receive(3, { type: 'fetch', from: 10 });
    const parts = solo.take('snapshot-part');
    expect(parts.map(({ to, message }) => [to, message.slot, message.part, message.of])).toEqual([[3, 20, 0, 2], [3, 20, 1, 2]]);
    solo.receive(3, { type: 'fetch-snapshot', digest: parts[0]?.message.digest ?? '', part: 1, from: 1 });
    expect(solo.take('snapshot-part').map(({ message }) => message.part)).toEqual([1]);
  });

  it('goes on with the snapshot that a node is reading when it has a newer one, for a while', () => {
    const solo = compacted();
    const { digest = '' } = solo.state.snapshot ?? {};
    feed(solo, 21, 30);
    solo.wait(5);
    solo.saved();
    const asked = (): readonly Slot[] => {
      solo.sent.length = 0;
      solo.receive(3, { type: 'fetch-snapshot', digest, part: 1, from: 1 });
      return solo.take('snapshot-part').map(({ message }) => message.slot);
    };
    expect(asked()).toEqual([20]);
    solo.wait(900);
    expect(asked()).toEqual([20]);
    solo.wait(1001);
    expect(asked()).toEqual([30, 30]);
  });

  it('keeps a snapshot for its reader through any number of newer ones', () => {
    const solo = compacted();
    const { digest = '' } = solo.state.snapshot ?? {};
    for (let slot = 21; slot <= 60; slot += 10) {
      feed(solo, slot, slot + 9);
      solo.wait(5);
      solo.saved();
      solo.sent.length = 0;
      solo.receive(3, { type: 'fetch-snapshot', digest, part: 1, from: 1 });
      expect(solo.take('snapshot-part').map(({ message }) => message.slot)).toEqual([20]);
    }
    expect(solo.state.lent.map(({ snapshot }) => snapshot.slot)).toEqual([50, 20]);
  });

  it('answers with the log who asks for parts of a snapshot that it does not have', () => {
    const solo = compacted();
    solo.receive(3, { type: 'fetch-snapshot', digest: 'of another node', part: 3, from: 15 });
    expect(solo.take('learn').map(({ message }) => [message.from, message.values.length])).toEqual([[15, 6]]);
  });

  it('tells in its promise up to where the log is chosen, so that nobody takes compacted slots for empty', () => {
    const promised = (solo: Solo) => {
      solo.receive(3, { type: 'prepare', ballot: b(9, 3), from: 1 });
      solo.sync();
      return solo.take('promise')[0]?.message;
    };
    expect(promised(compacted())).toEqual({ type: 'promise', ballot: b(9, 3), chosenUpTo: 20, accepted: [] });
    const bug = promised(compacted({ bugs: new Set(['promise-omits-compacted']) }));
    expect([bug?.chosenUpTo, bug?.accepted.map(({ slot }) => slot)]).toEqual([0, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]]);
    // With it, a candidate that lags fills what was chosen with no-ops.
    const candidate = new Solo();
    const ballot = candidate.campaign();
    candidate.receive(2, { type: 'promise', ballot, chosenUpTo: bug?.chosenUpTo ?? 0, accepted: bug?.accepted ?? [] });
    expect(candidate.take('accept')[0]?.message.commands.slice(0, 10)).toEqual(Array(10).fill(noop));
  });

  it('acknowledges what is proposed for a compacted slot, when the promise that lies in it is durable', () => {
    const solo = compacted();
    solo.receive(3, { type: 'accept', ballot: b(5, 3), slot: 9, commands: [add('x', 9), add('x', 10), add('x', 11)], commit: 8 });
    expect(solo.take('accepted')).toEqual([]);
    solo.sync();
    expect(solo.take('accepted').map(({ message }) => message.slots)).toEqual([[[9, 11]]]);
    expect([solo.state.promised, solo.state.log.first]).toEqual([b(5, 3), 11]);
    const only = compacted();
    only.receive(3, { type: 'accept', ballot: b(6, 3), slot: 9, commands: [add('x', 9)], commit: 8 });
    only.sync();
    expect(only.written.at(-1)).toEqual({ type: 'promised', ballot: b(6, 3) });
  });
});

describe('a node that lags behind a snapshot', () => {
  /** A follower with three slots, which has asked node 2 for more. */
  function lagging(changes: ConstructorParameters<typeof Solo>[0] = {}): Solo {
    const solo = follower(3, changes);
    solo.receive(2, heartbeat(30));
    expect(solo.take('fetch').map(({ to, message }) => [to, message.from])).toEqual([[2, 4]]);
    return solo;
  }

  it('installs it as a whole when it is durable, keeps its promise and what it has accepted later, and drops the rest', () => {
    const solo = lagging();
    solo.receive(3, { type: 'accept', ballot: b(2, 3), slot: 7, commands: [add('x', 'lost')], commit: 0 });
    solo.receive(3, { type: 'accept', ballot: b(2, 3), slot: 22, commands: [add('x', 22)], commit: 0 });
    solo.sync();
    const [first, second] = partsOf(listOf(20));
    if (first === undefined || second === undefined) throw new Error('two parts');
    solo.receive(2, first);
    solo.receive(2, second);
    expect([solo.state.applied, list(solo)]).toEqual([3, upTo(3)]);
    solo.wait(5);
    expect([solo.state.applied, solo.given?.slot]).toEqual([3, 20]);
    const [at = 0] = solo.checkpoints;
    expect(solo.written.slice(at)).toEqual([{ type: 'promised', ballot: b(2, 3) }, { type: 'accepted', slot: 22, ballot: b(2, 3), command: add('x', 22) }]);
    solo.saved();
    expect([solo.state.applied, list(solo), solo.state.promised, solo.state.log.first, solo.state.log.last]).toEqual([20, upTo(20), b(2, 3), 21, 22]);
    expect(solo.state.log.get(22)?.command).toEqual(add('x', 22));
    expect(solo.state.counters.snapshotsInstalled).toBe(1);
  });

  it('asks again for parts that got lost or were damaged, and takes each once', () => {
    const machine = createMachine();
    for (let i = 1; i <= 40; i++) applyCommand(machine, i, { kind: 'operation', op: { f: 'write', key: `k${i}`, value: 'x'.repeat(70_000) } });
    const parts = [...takeParts(machine, 40)];
    const messages = partsOf({ slot: 40, parts, digest: digestOf(40, parts.map(checksum)) });
    const solo = lagging();
    const send = (i: number): void => solo.receive(2, messages[i] as SnapshotPart);
    for (const i of [0, 1, 1, 3, 2, 0]) send(i);
    expect(solo.state.receiving?.parts.length).toBe(3);
    solo.receive(2, { ...(messages[3] as SnapshotPart), data: (messages[3]?.data ?? '').replace('x', 'y') });
    expect([solo.state.receiving?.parts.length, solo.state.counters.snapshotPartsBad]).toEqual([3, 1]);
    solo.take('fetch');
    solo.wait(50);
    solo.receive(2, heartbeat(40));
    expect(solo.take('fetch-snapshot').map(({ message }) => message.part)).toEqual([3]);
    for (const i of [3, 4, 5, 6]) send(i);
    expect(solo.take('fetch-snapshot')).toEqual([]);
    // The eighth was the last of those that were asked for.
    send(7);
    expect(solo.take('fetch-snapshot').map(({ message }) => message.part)).toEqual([8]);
    for (let i = 8; i < messages.length; i++) send(i);
    for (let n = 0; n < 40 && solo.given === undefined; n++) solo.wait(5);
    solo.saved();
    expect(machineText(solo.state.machine)).toBe(machineText(machine));
  });

  it('goes on with what it has of it when another node is asked, which has the same', () => {
    const [first, second] = partsOf(listOf(20));
    if (first === undefined || second === undefined) throw new Error('two parts');
    const solo = lagging();
    solo.receive(2, first);
    solo.receive(3, heartbeat(30, b(3, 3)));
    solo.wait(50);
    expect(solo.take('fetch-snapshot').map(({ to, message }) => [to, message.part, message.from])).toEqual([[3, 1, 4]]);
    solo.receive(3, second);
    solo.wait(5);
    solo.saved();
    expect([solo.state.applied, list(solo)]).toEqual([20, upTo(20)]);
  });

  it('takes none that is older than what it has applied, or that it did not ask for', () => {
    const late = (changes: ConstructorParameters<typeof Solo>[0] = {}): Solo => {
      const solo = lagging(changes);
      const [first, second] = partsOf(listOf(10));
      if (first === undefined || second === undefined) throw new Error('two parts');
      solo.receive(2, first);
      // Meanwhile it has learned more.
      solo.receive(2, { type: 'learn', from: 4, values: Array.from({ length: 9 }, (_, i) => ({ ballot: b(1, 2), command: add('x', 4 + i) })), chosenUpTo: 12 });
      solo.receive(2, second);
      solo.wait(10);
      return solo;
    };
    const solo = late();
    expect([solo.state.applied, list(solo), solo.given, solo.state.receiving]).toEqual([12, upTo(12), undefined, undefined]);
    // The bug: the state goes back, and slots 11 and 12 are not executed again.
    const careless = late({ bugs: new Set(['install-older-snapshot']) });
    expect([careless.state.applied, list(careless)]).toEqual([12, upTo(10)]);
    const stranger = lagging();
    for (const part of partsOf(listOf(20))) stranger.receive(3, part);
    expect([stranger.state.receiving, stranger.state.received]).toEqual([undefined, undefined]);
  });

  it('drops one that was overtaken while it went to the disk', () => {
    const solo = lagging();
    for (const part of partsOf(listOf(10))) solo.receive(2, part);
    solo.wait(5);
    solo.receive(2, { type: 'learn', from: 4, values: Array.from({ length: 9 }, (_, i) => ({ ballot: b(1, 2), command: add('x', 4 + i) })), chosenUpTo: 12 });
    solo.saved();
    expect([solo.state.applied, list(solo), solo.state.snapshot?.slot]).toEqual([12, upTo(12), 10]);
  });

  it('as a candidate leaves phase 1 only with what a promise says to be chosen, by snapshot if need be', () => {
    const solo = follower(3);
    const ballot = solo.campaign();
    solo.receive(3, { type: 'promise', ballot, chosenUpTo: 20, accepted: [{ slot: 21, ballot: b(1, 2), command: add('x', 21) }] });
    expect([solo.state.role.kind, solo.take('fetch').map(({ to }) => to)]).toEqual(['candidate', [3]]);
    for (const part of partsOf(listOf(20))) solo.receive(3, part);
    solo.wait(5);
    expect(solo.state.role.kind).toBe('candidate');
    solo.saved();
    expect(solo.state.role.kind).toBe('leader');
    expect(solo.take('accept').map(({ message }) => [message.slot, message.commands])).toContainEqual([21, [add('x', 21), noop]]);
  });

  it('forgets nothing that it promised or acknowledged (the bug install-resets-acceptor does)', () => {
    const installed = (changes: ConstructorParameters<typeof Solo>[0] = {}): Solo => {
      const solo = lagging(changes);
      solo.receive(3, { type: 'prepare', ballot: b(5, 3), from: 4 });
      solo.sync();
      for (const part of partsOf(listOf(20))) solo.receive(2, part);
      solo.wait(5);
      solo.saved();
      solo.sent.length = 0;
      // The leader of a lower ballot, which the promise has deposed.
      solo.receive(2, { type: 'accept', ballot: b(4, 2), slot: 21, commands: [noop], commit: 20 });
      solo.sync();
      return solo;
    };
    const solo = installed();
    expect([solo.take('nack').length, solo.take('accepted').length]).toEqual([1, 0]);
    const careless = installed({ bugs: new Set(['install-resets-acceptor']) });
    expect([careless.take('nack').length, careless.take('accepted').length]).toEqual([0, 1]);
  });
});

describe('sessions and slots in a snapshot', () => {
  const session = { id: 1, seq: 1, firstUnacked: 1 };
  const commands: readonly Command[] = [{ kind: 'open-session', nonce: 'n' }, add('x', 1, session), add('x', 2)];

  /** What a node that starts from a snapshot taken of these commands makes of a retry. */
  function afterRestart(bugs: ReadonlySet<string>): Json {
    const solo = new Solo({ snapshotEvery: 3, bugs });
    solo.receive(2, { type: 'accept', ballot: b(1, 2), slot: 1, commands, commit: 0 });
    solo.sync();
    solo.receive(2, heartbeat(3));
    solo.wait(5);
    const { given } = solo;
    const records: readonly WalRecord[] = solo.written.slice(solo.checkpoints[0]);
    const again = new Solo({ bugs }, records, given);
    again.receive(2, { type: 'accept', ballot: b(1, 2), slot: 4, commands: [add('x', 1, session)], commit: 3 });
    again.sync();
    again.receive(2, heartbeat(4));
    return list(again);
  }

  it('make a retry after a start from it what it was before: no second execution', () => {
    expect(afterRestart(new Set())).toEqual([1, 2]);
    expect(afterRestart(new Set(['dedupe-not-in-snapshot']))).toEqual([1, 2, 1]);
    expect(afterRestart(new Set(['snapshot-off-by-one']))).toEqual([1]);
  });
});
