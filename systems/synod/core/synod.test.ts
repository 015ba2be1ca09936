import { describe, expect, it } from 'vitest';
import { CoreRandom } from '../../paxos/core/random.js';
import { SYNOD_BUGS } from './bugs.js';
import { Synod, type SynodEffect, type SynodEvent, type SynodMessage, type SynodRecord, type SynodReply } from './index.js';

interface Node {
  readonly id: number;
  synod: Synod | undefined;
  life: number;
  /** On disk, and on the way there. */
  disk: SynodRecord[];
  writes: { readonly lsn: number; readonly records: readonly SynodRecord[] }[];
}

interface Chaos {
  readonly seed: number;
  readonly nodes?: number;
  readonly bugs?: readonly string[];
  /** Of a hundred steps, so many are crashes, lost messages, and second copies. */
  readonly crashes?: number;
  readonly losses?: number;
  readonly copies?: number;
  readonly steps?: number;
  /** How many steps a millisecond has: more steps, less time for pauses to pass. */
  readonly stepsPerMs?: number;
}

interface Outcome {
  /** Every answer that a client got, by key. */
  readonly answers: ReadonlyMap<string, readonly unknown[]>;
  readonly proposed: ReadonlySet<unknown>;
  readonly preemptions: number;
}

/** Nodes whose messages arrive in any order, at any time, once, twice or never, and which crash and start again with what is on their disks. */
function chaos({ seed, nodes = 3, bugs = [], crashes = 1, losses = 3, copies = 3, steps = 1500, stepsPerMs = 4 }: Chaos): Outcome {
  const random = new CoreRandom(seed);
  const below = (n: number): number => Math.floor(random.float() * n);
  const ids = Array.from({ length: nodes }, (_, i) => i + 1);
  const all: Node[] = ids.map((id) => ({ id, synod: undefined, life: 0, disk: [], writes: [] }));
  const network: { readonly from: number; readonly to: number; readonly message: SynodMessage }[] = [];
  const answers = new Map<string, unknown[]>();
  const proposed = new Set<unknown>();
  const keyOf = new Map<number, string>();
  let now = 0;
  let requests = 0;
  let preemptions = 0;
  const start = (node: Node): void => {
    node.synod = new Synod({ self: node.id, nodes: ids, retryMs: 20, requestTimeoutMs: 1000, seed: seed * 31 + node.id * 7 + node.life++, bugs: new Set(bugs) }, node.disk, now);
  };
  const give = (node: Node, event: SynodEvent): void => {
    for (const effect of node.synod?.step(event) ?? []) carryOut(node, effect);
  };
  const carryOut = (node: Node, effect: SynodEffect): void => {
    if (effect.kind === 'send') network.push({ from: node.id, to: effect.to, message: effect.message });
    else if (effect.kind === 'persist') node.writes.push(effect);
    else answer(effect.requestId, effect.reply);
  };
  const answer = (requestId: number, reply: SynodReply): void => {
    const key = keyOf.get(requestId) ?? '';
    if (reply.ok) answers.set(key, [...(answers.get(key) ?? []), reply.value]);
  };
  for (const node of all) start(node);
  for (let n = 0; n < steps; n++) {
    now = n / stepsPerMs;
    const node = all[below(nodes)] as Node;
    const dice = below(100);
    if (dice < crashes) {
      preemptions += node.synod?.counters.preemptions ?? 0;
      // Of the writes under way some may have come down.
      const left = below(node.writes.length + 1);
      node.disk.push(...node.writes.slice(0, left).flatMap(({ records }) => records));
      node.writes = [];
      start(node);
    } else if (dice < 10) give(node, { kind: 'tick', now });
    else if (dice < 18 && n < steps * 0.7) {
      const requestId = ++requests;
      keyOf.set(requestId, `k${Math.floor(n / 200)}`);
      proposed.add(requestId);
      give(node, { kind: 'propose', now, requestId, key: `k${Math.floor(n / 200)}`, value: requestId });
    } else if (dice < 40) {
      const written = node.writes.splice(0, 1 + below(3));
      node.disk.push(...written.flatMap(({ records }) => records));
      const upTo = written.at(-1)?.lsn;
      if (upTo !== undefined) give(node, { kind: 'persisted', now, upTo });
    } else if (network.length > 0) {
      const at = below(network.length);
      const sent = network[at] as (typeof network)[number];
      const fate = below(100);
      if (fate >= copies) network.splice(at, 1);
      const receiver = all[sent.to - 1] as Node;
      if (fate < 100 - losses) give(receiver, { kind: 'message', now, from: sent.from, message: sent.message });
    }
  }
  for (const node of all) preemptions += node.synod?.counters.preemptions ?? 0;
  return { answers, proposed, preemptions };
}

/** Keys for which clients were told different values, or one that nobody proposed. */
function splits({ answers, proposed }: Outcome): readonly string[] {
  return [...answers].filter(([, values]) => new Set(values).size > 1 || values.some((value) => !proposed.has(value))).map(([key]) => key);
}

/** Those that need several things to come together: mutants.test.ts has the interleavings. */
const DIRECTED: ReadonlySet<string> = new Set(['accept-no-promise-bump', 'tally-across-ballots']);

/** Where bugs like to show themselves, unless it is anywhere. */
const SURROUNDINGS: Readonly<Record<string, Partial<Chaos>>> = {
  'forget-promise': { crashes: 4 },
  'forget-accepted': { crashes: 4 },
  'ballot-reuse-after-restart': { nodes: 3, crashes: 5, copies: 30 },
  'count-acks-not-nodes': { nodes: 3, crashes: 5, copies: 30, losses: 20 },
};

const SEEDS = Array.from({ length: 150 }, (_, i) => i + 1);

describe('single-decree Paxos', () => {
  it.each([1, 2, 3, 4, 5])('of %d nodes decides each key once, whatever is lost, repeated, reordered and crashes', (nodes) => {
    let decided = 0;
    for (const seed of SEEDS) {
      const outcome = chaos({ seed, nodes });
      expect([seed, splits(outcome)]).toEqual([seed, []]);
      decided += outcome.answers.size;
    }
    expect(decided).toBeGreaterThan(300);
  });

  it('is safe, and gets on, when proposers duel', () => {
    const duel = { nodes: 5, crashes: 0, losses: 0, copies: 0, steps: 4000, stepsPerMs: 20 };
    const run = (bugs: readonly string[]): { readonly decided: number; readonly preemptions: number } => {
      const outcomes = SEEDS.slice(0, 40).map((seed) => chaos({ ...duel, seed, bugs }));
      for (const outcome of outcomes) expect(splits(outcome)).toEqual([]);
      return { decided: outcomes.reduce((sum, { answers }) => sum + answers.size, 0), preemptions: outcomes.reduce((sum, outcome) => sum + outcome.preemptions, 0) };
    };
    const [paused, headlong] = [run([]), run(['no-backoff'])];
    expect(paused.decided).toBeGreaterThan(2 * headlong.decided);
    expect(headlong.preemptions).toBeGreaterThan(2 * paused.preemptions);
  });

  it.each(SYNOD_BUGS.filter(({ name, kind }) => kind === 'safety' && !DIRECTED.has(name)).map(({ name }) => name))('%s shows itself to clients', (name) => {
    const shown = Array.from({ length: 3000 }, (_, i) => i + 1).some((seed) => splits(chaos({ seed, nodes: seed % 2 === 0 ? 3 : 4, bugs: [name], ...SURROUNDINGS[name] })).length > 0);
    expect(shown).toBe(true);
  });
});
