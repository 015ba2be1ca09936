import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CowMap } from './cow-map.js';
import { applyCommand, createMachine, machineText, MAX_SESSIONS, MAX_STORED_REPLIES, readKey, type Machine } from './machine.js';
import type { Command, Json, Operation } from './index.js';

const run = (op: Operation, session?: { id: number; seq: number; firstUnacked: number }): Command =>
  session === undefined ? { kind: 'operation', op } : { kind: 'operation', op, session };

const operations: fc.Arbitrary<Operation> = fc.record({ key: fc.constantFrom('a', 'b'), value: fc.integer({ min: 0, max: 3 }), f: fc.constantFrom('write', 'append', 'add', 'cas', 'read') }).map(({ f, key, value }): Operation => {
  if (f === 'cas') return { f, key, from: value, to: value + 1 };
  return f === 'read' ? { f, key } : { f, key, value };
});

describe('the state machine', () => {
  it('refuses what does not fit the value, and changes nothing', () => {
    const machine = createMachine();
    applyCommand(machine, 1, run({ f: 'write', key: 'x', value: 'text' }));
    const before = machineText(machine);
    expect(applyCommand(machine, 2, run({ f: 'append', key: 'x', value: 1 }))).toMatchObject({ code: 'wrong-type', definite: true });
    expect(applyCommand(machine, 3, run({ f: 'add', key: 'x', value: 1 }))).toMatchObject({ code: 'wrong-type', definite: true });
    expect(applyCommand(machine, 4, run({ f: 'cas', key: 'x', from: 'other', to: 1 }))).toMatchObject({ code: 'cas-mismatch', actual: 'text' });
    expect(machineText(machine)).toBe(before);
    applyCommand(machine, 5, run({ f: 'write', key: 'x', value: 1e308 }));
    expect(applyCommand(machine, 6, run({ f: 'add', key: 'x', value: 1e308 }))).toMatchObject({ code: 'wrong-type' });
  });

  it('never changes a value that it was given or has given away', () => {
    const machine = createMachine();
    const given: Json[] = [1];
    applyCommand(machine, 1, run({ f: 'write', key: 'x', value: given }));
    applyCommand(machine, 2, run({ f: 'append', key: 'x', value: 2 }));
    const read = readKey(machine, 'x');
    applyCommand(machine, 3, run({ f: 'append', key: 'x', value: 3 }));
    expect(given).toEqual([1]);
    expect(read).toEqual({ ok: true, value: [1, 2] });
    expect(readKey(machine, 'x')).toEqual({ ok: true, value: [1, 2, 3] });
    expect(applyCommand(machine, 4, run({ f: 'cas', key: 'x', from: [1, 2, 3], to: { a: [1] } }))).toMatchObject({ ok: true });
    expect(applyCommand(machine, 5, run({ f: 'cas', key: 'x', from: { a: [1] }, to: null }))).toMatchObject({ ok: true });
  });

  it('executes every command of a session once, however often and late it comes again', () => {
    fc.assert(
      fc.property(fc.array(operations, { minLength: 1, maxLength: 30 }), fc.infiniteStream(fc.nat(1000)), (ops, dice) => {
        const once = createMachine();
        const often = createMachine();
        const session = { id: 1, firstUnacked: 1 };
        for (const machine of [once, often]) applyCommand(machine, 1, { kind: 'open-session', nonce: '' });
        let slot = 2;
        ops.forEach((op, i) => {
          const expected = applyCommand(once, 2 + i, run(op, { ...session, seq: i + 1 }));
          expect(applyCommand(often, slot++, run(op, { ...session, seq: i + 1 }))).toEqual(expected);
          const again = (dice.next().value as number) % (i + 1);
          const old = ops[again] as Operation;
          if (old.f !== 'read') applyCommand(often, slot++, run(old, { ...session, seq: again + 1 }));
        });
        const text = (machine: Machine): string => machineText({ ...machine, sessions: new CowMap() });
        expect(text(often)).toBe(text(once));
        expect(often.sessions.get(1)?.replies).toEqual(once.sessions.get(1)?.replies);
      }),
    );
  });

  it('forgets acknowledged replies, and does not execute their commands again', () => {
    const machine = createMachine();
    applyCommand(machine, 1, { kind: 'open-session', nonce: '' });
    const add = (slot: number, seq: number, firstUnacked: number) =>
      applyCommand(machine, slot, run({ f: 'add', key: 'n', value: 1 }, { id: 1, seq, firstUnacked }));
    add(2, 1, 1);
    add(3, 2, 2);
    expect(machine.sessions.get(1)?.replies.size).toBe(1);
    expect(add(4, 1, 1)).toMatchObject({ ok: false, code: 'unknown', definite: false });
    expect(readKey(machine, 'n')).toEqual({ ok: true, value: 2 });
    expect(add(5, 2, 2)).toEqual({ ok: true, value: 2 });
  });

  it('refuses a session that was never opened, and one that acknowledges nothing', () => {
    const machine = createMachine();
    const add = (slot: number, id: number, seq: number) =>
      applyCommand(machine, slot, run({ f: 'add', key: 'n', value: 1 }, { id, seq, firstUnacked: 1 }));
    expect(add(1, 1, 1)).toMatchObject({ code: 'session-expired', definite: false });
    applyCommand(machine, 2, { kind: 'open-session', nonce: '' });
    for (let seq = 1; seq <= MAX_STORED_REPLIES; seq++) expect(add(2 + seq, 2, seq)).toEqual({ ok: true, value: seq });
    expect(add(5000, 2, MAX_STORED_REPLIES + 1)).toMatchObject({ code: 'overloaded', definite: false });
  });

  it('closes the sessions that were not used for longest when there are too many, and gives their numbers to nobody', () => {
    const machine = createMachine();
    for (let slot = 1; slot <= MAX_SESSIONS; slot++) applyCommand(machine, slot, { kind: 'open-session', nonce: '' });
    const add = (slot: number, id: number) => applyCommand(machine, slot, run({ f: 'add', key: 'n', value: 1 }, { id, seq: 1, firstUnacked: 1 }));
    expect(add(MAX_SESSIONS + 1, 1)).toEqual({ ok: true, value: 1 });
    expect(applyCommand(machine, MAX_SESSIONS + 2, { kind: 'open-session', nonce: '' })).toEqual({ ok: true, value: MAX_SESSIONS + 2 });
    expect(add(MAX_SESSIONS + 3, 1)).toEqual({ ok: true, value: 1 });
    expect(add(MAX_SESSIONS + 4, 2)).toMatchObject({ code: 'session-expired', definite: false });
    expect(add(MAX_SESSIONS + 5, MAX_SESSIONS)).toEqual({ ok: true, value: 2 });
    expect(machine.sessions.size).toBe(MAX_SESSIONS - MAX_SESSIONS / 8 + 1);
  });
});
