import { describe, expect, it } from 'vitest';
import type { Ballot } from '../../paxos/core/index.js';
import { Synod, type SYNOD_BUGS, type SynodEffect, type SynodMessage, type SynodRecord, type SynodReply } from './index.js';

type BugName = (typeof SYNOD_BUGS)[number]['name'];
type SentTo<T extends SynodMessage['type']> = Extract<SynodMessage, { type: T }> & { readonly to: number };

const b = (round: number, node: number): Ballot => ({ round, node });

/** Node 1, whose peers and disk are played by the test. One key, `k`. */
class Solo {
  readonly written: SynodRecord[] = [];
  readonly replies: SynodReply[] = [];
  readonly #synod: Synod;
  #sent: { readonly to: number; readonly message: SynodMessage }[] = [];
  #lsn = 0;

  constructor(bugs: readonly string[], nodes: readonly number[], records: readonly SynodRecord[]) {
    this.#synod = new Synod({ self: 1, nodes, retryMs: 20, requestTimeoutMs: 1000, seed: 7, bugs: new Set(bugs) }, records, 0);
  }

  receive(from: number, message: SynodMessage): void {
    this.#take(this.#synod.step({ kind: 'message', now: 0, from, message }));
    this.#sync();
  }

  /** Proposes, with all that is written at once durable; gives the ballot of the prepare. */
  propose(value: string): Ballot {
    this.#take(this.#synod.step({ kind: 'propose', now: 0, requestId: 1, key: 'k', value }));
    this.#sync();
    return this.taken('prepare')[0]?.ballot ?? b(0, 0);
  }

  /** Lets the time pass in which a proposer that was preempted pauses. */
  wait(now: number): void {
    this.#take(this.#synod.step({ kind: 'tick', now }));
    this.#sync();
  }

  /** Messages of a type that were sent since the last call for it. */
  taken<T extends SynodMessage['type']>(type: T): readonly SentTo<T>[] {
    const found = this.#sent.filter(({ message }) => message.type === type).map(({ to, message }) => ({ to, ...message }) as SentTo<T>);
    this.#sent = this.#sent.filter(({ message }) => message.type !== type);
    return found;
  }

  #sync(): void {
    this.#take(this.#synod.step({ kind: 'persisted', now: 0, upTo: this.#lsn }));
  }

  #take(effects: readonly SynodEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#sent.push(effect);
      else if (effect.kind === 'reply') this.replies.push(effect.reply);
      else {
        this.#lsn = effect.lsn;
        this.written.push(...effect.records);
      }
    }
  }
}

/** The same interleaving without and with a bug: what comes out, in each case. */
function both<T>(bug: BugName, run: (make: (nodes: number, records?: readonly SynodRecord[]) => Solo) => T): readonly [right: T, wrong: T] {
  const maker = (bugs: readonly string[]) => (nodes: number, records: readonly SynodRecord[] = []) => new Solo(bugs, Array.from({ length: nodes }, (_, i) => i + 1), records);
  return [run(maker([])), run(maker([bug]))];
}

describe('acceptors: the rule, and what comes of dropping it', () => {
  it('promise-lower-ballot: a promise never sinks', () => {
    const ran = both('promise-lower-ballot', (make) => {
      const solo = make(3);
      for (const ballot of [b(7, 3), b(5, 2)]) solo.receive(ballot.node, { type: 'prepare', key: 'k', ballot });
      solo.receive(2, { type: 'accept', key: 'k', ballot: b(5, 2), value: 'old' });
      return [solo.taken('promise').map(({ to }) => to), solo.taken('accepted').map(({ to }) => to)];
    });
    expect(ran).toEqual([[[3], []], [[3, 2], [2]]]);
  });

  it('ballot-without-node-id: of two ballots of one round an acceptor keeps to the higher', () => {
    const ran = both('ballot-without-node-id', (make) => {
      const solo = make(3);
      for (const node of [3, 2]) solo.receive(node, { type: 'prepare', key: 'k', ballot: b(5, node) });
      for (const node of [2, 3]) solo.receive(node, { type: 'accept', key: 'k', ballot: b(5, node), value: `of ${node}` });
      return [solo.taken('promise').map(({ to }) => to), solo.taken('accepted').map(({ to }) => to)];
    });
    expect(ran).toEqual([[[3], [3]], [[3, 2], [2, 3]]]);
  });

  it.each([
    ['in one life', (solo: Solo) => solo],
    ['after a restart', (solo: Solo, make: (records: readonly SynodRecord[]) => Solo) => make(solo.written)],
  ])('accept-no-promise-bump: to accept is to promise, %s', (_, later) => {
    const ran = both('accept-no-promise-bump', (make) => {
      const first = make(3);
      first.receive(3, { type: 'accept', key: 'k', ballot: b(5, 3), value: 'new' });
      const solo = later(first, (records) => make(3, records));
      solo.receive(2, { type: 'accept', key: 'k', ballot: b(2, 2), value: 'old' });
      return solo.taken('accepted').filter(({ to }) => to === 2).length;
    });
    expect(ran).toEqual([0, 1]);
  });
});

describe('proposers: the rule, and what comes of dropping it', () => {
  it('ballot-reuse-after-restart: no ballot is used in two lives', () => {
    const ran = both('ballot-reuse-after-restart', (make) => {
      const first = make(3);
      const used = first.propose('a');
      return [used, make(3, first.written).propose('b')];
    });
    expect(ran).toEqual([[b(1, 1), b(2, 1)], [b(1, 1), b(1, 1)]]);
  });

  it('count-acks-not-nodes: a value is chosen when a majority of nodes has accepted it, however often each says so', () => {
    const ran = both('count-acks-not-nodes', (make) => {
      const solo = make(5);
      const ballot = solo.propose('a');
      for (const node of [2, 3]) solo.receive(node, { type: 'promise', key: 'k', ballot });
      for (const node of [2, 2]) solo.receive(node, { type: 'accepted', key: 'k', ballot });
      return solo.replies.length;
    });
    expect(ran).toEqual([0, 1]);
  });

  it('tally-across-ballots: what was accepted in an earlier ballot may have been another value', () => {
    const ran = both('tally-across-ballots', (make) => {
      const solo = make(5);
      const early = solo.propose('a');
      for (const node of [2, 3]) solo.receive(node, { type: 'promise', key: 'k', ballot: early });
      solo.receive(4, { type: 'nack', key: 'k', ballot: early, promised: b(2, 4) });
      solo.wait(21);
      const [{ ballot } = { ballot: b(0, 0) }] = solo.taken('prepare');
      solo.receive(4, { type: 'promise', key: 'k', ballot, accepted: { ballot: b(2, 4), value: 'of 4' } });
      solo.receive(5, { type: 'promise', key: 'k', ballot });
      for (const node of [2, 3]) solo.receive(node, { type: 'accepted', key: 'k', ballot: early });
      return [solo.taken('accept').at(-1)?.value, solo.replies];
    });
    expect(ran).toEqual([['of 4', []], ['of 4', [{ ok: true, value: 'of 4' }]]]);
  });
});
