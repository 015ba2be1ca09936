import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplica, type Command, type WalRecord } from '../../core/index.js';
import { compact } from './disk.js';
import { Facts } from './facts.js';
import { Locals } from './locals.js';
import { replicaText } from './replica-text.js';
import { configOf, requestOf, type ReplicaScope } from './scope.js';
import { isSpent } from './spent.js';
import { rebuild, takeTurn, type Input } from './turn.js';

const SCOPE: ReplicaScope = { nodes: 3, proposers: 2, elections: 2, commands: 2, retries: 0, crashes: 1, q1: 2, q2: 2, once: false, heartbeats: true, outcomesOnly: false };

interface Walk {
  readonly locals: Locals;
  readonly facts: Facts;
  /** Numbers of the nodes' states at the end. */
  readonly nodes: readonly number[];
  /** Every state met, in order, and how many facts there were by then. */
  readonly met: readonly { readonly number: number; readonly node: number; readonly known: number }[];
}

/** Inputs that a node may be given, by the draw: any message sent to it so far, an election, a request. */
function inputFor(facts: Facts, node: number, draw: number): Input {
  const messages = Array.from({ length: facts.size }, (_, i) => facts.at(i)).filter((fact) => fact.kind === 'sent').filter(({ to }) => to === node);
  const choice = draw % (messages.length + 2);
  if (choice === messages.length) return { kind: 'stand' };
  if (choice > messages.length) return { kind: 'request', now: 0, requestId: 1 + (draw % 1000), request: requestOf(SCOPE, 1 + (draw % 2)) };
  const { from, message } = messages[choice] as (typeof messages)[number];
  return { kind: 'message', now: 0, from, message };
}

function walk(draws: readonly number[], scope: ReplicaScope = SCOPE): Walk {
  const facts = new Facts();
  const locals = new Locals(scope, facts);
  const nodes = [1, 2, 3].map((node) => locals.first(node));
  const met = nodes.map((number, i) => ({ number, node: i + 1, known: 0 }));
  draws.forEach((draw, i) => {
    const node = 1 + (draw % 3);
    const number = nodes[node - 1] as number;
    if (locals.at(number).start === undefined) nodes[node - 1] = locals.restart(number);
    else if (draw % 29 === 0) nodes[node - 1] = locals.crash(number);
    else nodes[node - 1] = locals.take(number, inputFor(facts, node, Math.floor(draw / 3) + i))[0]?.to ?? number;
    met.push({ number: nodes[node - 1] as number, node, known: facts.size });
  });
  return { locals, facts, nodes, met };
}

const draws = fc.array(fc.nat(1 << 20), { minLength: 5, maxLength: 60 });

describe('a replica that is built again', () => {
  it('is the one that went on living: the same text, and the same effects of what comes next', () => {
    fc.assert(fc.property(draws, fc.nat(1 << 20), (path, last) => {
      const { locals, facts, nodes } = walk(path);
      for (const number of nodes) {
        const { node, life, start } = locals.at(number);
        if (start === undefined) continue;
        const config = configOf(SCOPE, node, life);
        const living = createReplica(config, { records: start.records }, 0);
        for (const input of start.inputs) {
          takeTurn(living, input);
          // To look at it must not change it.
          replicaText(living);
        }
        const again = rebuild(config, start.records, start.inputs);
        expect(replicaText(again)).toBe(replicaText(living));
        const next = inputFor(facts, node, last);
        expect(takeTurn(again, next)).toEqual(takeTurn(living, next));
        expect(replicaText(again)).toBe(replicaText(living));
      }
    }), { numRuns: 60 });
  });

  it('goes on alike if its text is the same, whatever way it came there', () => {
    fc.assert(fc.property(draws, fc.array(fc.nat(1 << 20), { minLength: 1, maxLength: 6 }), (path, next) => {
      const { locals, facts, met } = walk(path);
      const byText = new Map<string, { readonly number: number; readonly inputs: readonly Input[] }>();
      for (const { number, node } of met) {
        const { start, life } = locals.at(number);
        if (start === undefined) continue;
        // The same turn again and again leads to states that are mostly old ones, by another way.
        for (const draw of next) {
          const input = inputFor(facts, node, draw);
          const outcome = locals.take(number, input)[0];
          if (outcome === undefined) continue;
          const reached = locals.at(outcome.to);
          if (reached.start === undefined) continue;
          const other = [...start.inputs, input];
          const known = byText.get(String(outcome.to));
          if (known === undefined) {
            byText.set(String(outcome.to), { number: outcome.to, inputs: other });
            continue;
          }
          const config = configOf(SCOPE, node, life);
          const [a, b] = [rebuild(config, start.records, known.inputs), rebuild(config, start.records, other)];
          for (const more of next) {
            const later = inputFor(facts, node, more + 1);
            expect(takeTurn(a, later)).toEqual(takeTurn(b, later));
          }
          expect(replicaText(a)).toBe(replicaText(b));
        }
      }
    }), { numRuns: 25 });
  });
});

describe('messages that are spent', () => {
  it('do nothing to the node, now and later, but let it know of rounds', () => {
    let looked = 0;
    fc.assert(fc.property(draws, (path) => {
      const { locals, facts, met } = walk(path);
      for (const { number, node } of met) {
        const local = locals.at(number);
        if (local.start === undefined) continue;
        for (let name = 0; name < facts.size; name++) {
          const fact = facts.at(name);
          if (fact.kind !== 'sent' || fact.to !== node || fact.message.type === 'nack' || !isSpent(local, fact.message)) continue;
          looked++;
          expect(locals.take(number, { kind: 'message', now: 0, from: fact.from, message: fact.message })).toEqual([{ to: number, facts: [], crashedAfter: undefined }]);
        }
      }
    }), { numRuns: 25 });
    expect(looked).toBeGreaterThan(0);
  });

  it('stay spent', () => {
    fc.assert(fc.property(draws, (path) => {
      const { locals, facts, met } = walk(path);
      for (const node of [1, 2, 3]) {
        const own = met.filter((state) => state.node === node);
        own.slice(1).forEach(({ number }, i) => {
          const before = own[i] as (typeof own)[number];
          for (let name = 0; name < before.known; name++) {
            const fact = facts.at(name);
            if (fact.kind === 'sent' && fact.to === node && isSpent(locals.at(before.number), fact.message)) expect(isSpent(locals.at(number), fact.message)).toBe(true);
          }
        });
      }
    }), { numRuns: 60 });
  });
});

describe('a disk made compact', () => {
  const ballot = fc.record({ round: fc.integer({ min: 1, max: 4 }), node: fc.integer({ min: 1, max: 3 }) }, { noNullPrototype: true });
  const command = fc.constantFrom<Command>({ kind: 'noop' }, { kind: 'operation', op: { f: 'write', key: 'x', value: 1 } });
  const record: fc.Arbitrary<WalRecord> = fc.oneof(fc.record({ type: fc.constant('promised' as const), ballot }, { noNullPrototype: true }), fc.record({ type: fc.constant('accepted' as const), slot: fc.integer({ min: 1, max: 3 }), ballot, command }, { noNullPrototype: true }));

  it.each([undefined, 'forget-promise', 'forget-accepted', 'ballot-reuse-after-restart'])('starts like the disk that it was (bug: %s)', (bug) => {
    fc.assert(fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      const config = configOf({ ...SCOPE, ...(bug === undefined ? {} : { bug }) }, 1, 1);
      const text = (found: readonly WalRecord[]): string => replicaText(createReplica(config, { records: found }, 0));
      expect(text(compact(records))).toBe(text(records));
      expect(compact(compact(records))).toEqual(compact(records));
    }));
  });
});

describe('the text of a replica', () => {
  it('is refused for what it cannot read', () => {
    const replica = createReplica(configOf(SCOPE, 1, 1), { records: [] }, 0);
    Object.assign(replica, { later: new Date(0) });
    expect(() => replicaText(replica)).toThrow(/holds a Date, which the explorer cannot read/);
  });

  it('is refused while a write is under way', () => {
    const replica = createReplica(configOf(SCOPE, 1, 1), { records: [] }, 0);
    replica.out.record({ type: 'chosen', upTo: 0 });
    expect(() => replicaText(replica)).toThrow(/a write under way/);
  });
});
