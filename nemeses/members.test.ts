import { writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random, type GeneratorContext, type Members, type Node } from '../src/index.js';
import { killNemesis, membersNemesis } from './index.js';
import { AtWork, TestRun } from './testing/run.js';

const ORDER = ['n2', 'n3', 'n1', 'n5', 'n4'];

let test: TestRun;
let members: AtWork;
let kill: AtWork;
/** Who is a member, under which identity. */
let identities: Map<string, number>;
/** What the cluster refuses, the next time. */
let refusals: { remove: number; add: number };

/** A cluster that does as it is told: members are names in a table. */
function book(): Members {
  let highest = 5;
  const unlessRefused = (what: 'remove' | 'add'): void => {
    if (refusals[what]-- > 0) throw new Error(`no leader to ${what} anybody`);
  };
  return {
    remove: async (nodes) => {
      unlessRefused('remove');
      for (const { name } of nodes) identities.delete(name);
    },
    add: async (node, run) => {
      expect([await node.state(), await readdir(node.dataDir)]).toEqual(['stopped', []]);
      unlessRefused('add');
      await run.system.start(node, run);
      identities.set(node.name, ++highest);
    },
    settled: async () => undefined,
  list: async () => [...identities.keys()],
  };
}

beforeEach(async () => {
  test = await TestRun.start(5);
  identities = new Map(test.run.cluster.nodes.map(({ name }, i) => [name, i + 1]));
  refusals = { remove: 0, add: 0 };
  Object.assign(test.run.system, { members: book() });
  for (const node of test.run.cluster.nodes) await writeFile(join(node.dataDir, 'data'), 'old');
  members = new AtWork(membersNemesis, test.run);
  kill = new AtWork(killNemesis, test.run);
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

const filesOf = (node: Node): Promise<readonly string[]> => readdir(node.dataDir);
const allRun = ['running', 'running', 'running', 'running', 'running'];

describe('members', () => {
  it.each([
    ['remove-one', ['n2']],
    ['remove-minority', ['n2', 'n3']],
    ['remove-leader', ['n4']],
  ])('%s: takes its targets out, lets them go on, and takes new ones in in their places', async (kind, targets) => {
    test.primaries = async () => ['n4'];
    expect(await members.start({ kind, order: ORDER })).toMatchObject({ kind, targets });
    expect([...identities.keys()].sort()).toEqual(['n1', 'n2', 'n3', 'n4', 'n5'].filter((name) => !targets.includes(name)));
    expect(await test.states()).toEqual(allRun);
    const names = targets.join(', ');
    const end = await members.stop();
    expect(end).toMatchObject({ effect: { observed: true, evidence: expect.stringMatching(new RegExp(`^${names}: no member; members: n1`)) as unknown }, healed: { observed: true, evidence: `${names}: a member again, and answering` } });
    expect(targets.map((name) => identities.get(name))).toEqual(targets.map((_, i) => 6 + i));
    expect(await test.states()).toEqual(allRun);
    for (const name of targets) expect(await filesOf(test.node(name))).toEqual([]);
    expect(await filesOf(test.node('n1'))).toEqual(['data']);
    expect(test.run.cluster.unexpectedExits()).toEqual([]);
  });

  it('replace: puts a new node in the place of one that has lost its disk, at once', async () => {
    expect(await members.start({ kind: 'replace', order: ORDER })).toMatchObject({ targets: ['n2'] });
    expect([identities.get('n2'), await filesOf(test.node('n2')), await test.states()]).toEqual([6, [], allRun]);
    expect(await members.stop()).toMatchObject({ effect: { observed: true, evidence: 'n2: lost its disk; a new node is a member in its place' }, healed: { observed: true } });
  });

  it('replace: that was held up when it began is a fault with effect when it is done', async () => {
    refusals.add = 1;
    expect(await members.start({ kind: 'replace', order: ORDER })).toMatchObject({ targets: ['n2'] });
    expect([identities.get('n2'), await test.node('n2').state()]).toEqual([2, 'stopped']);
    expect(await members.stop()).toMatchObject({ effect: { observed: true, evidence: 'n2: lost its disk; a new node is a member in its place' }, healed: { observed: true } });
    expect([identities.get('n2'), await test.states()]).toEqual([6, allRun]);
  });

  it('replace: is not drawn where the others could not elect a leader without the node', () => {
    const kindsOf = (losses: number): ReadonlySet<unknown> => {
      Object.assign(test.run.system, { members: { ...book(), bearableLosses: () => losses } });
      const threads = ['nemesis/members'];
      const at = (time: number): GeneratorContext => ({ time, threads, free: threads, processOf: (thread) => thread, threadOf: (process) => process, path: 0, at: () => at(time), draw: () => 0, on: () => at(time) });
      const kinds = new Set<unknown>();
      let generator = membersNemesis.create({ ...test.run, timeMs: 600_000 }).generator(Random.fromSeed(1));
      for (let time = 0; time < 600e9; time += 100e6) {
        const next = generator.next(at(time));
        if (next.kind === 'done') break;
        if (next.kind === 'op' && next.op.f === 'start') kinds.add((next.op.value as { kind: string }).kind);
        generator = next.rest;
      }
      return kinds;
    };
    expect(kindsOf(1)).toEqual(new Set(['remove-one', 'remove-minority', 'remove-leader', 'replace']));
    expect(kindsOf(0)).toEqual(new Set(['remove-one', 'remove-minority', 'remove-leader']));
  });

  it('that could not be taken out are, before they are wiped and taken in', async () => {
    refusals.remove = 2;
    expect(await members.start({ kind: 'remove-minority', order: ORDER })).toMatchObject({ targets: ['n2', 'n3'] });
    expect(await members.stop()).toMatchObject({ effect: { observed: false }, healed: { observed: false, evidence: 'n2, n3: could not be taken out: no leader to remove anybody' } });
    for (const name of ['n2', 'n3']) expect(await filesOf(test.node(name))).toEqual(['data']);
    expect(await members.heal()).toMatchObject([{ effect: { observed: true }, healed: { observed: true } }]);
    expect(['n2', 'n3'].map((name) => identities.get(name))).toEqual([6, 7]);
  });

  it('that could not be taken in stay out, in these hands, until they can', async () => {
    await members.start({ kind: 'remove-one', order: ORDER });
    refusals.add = 1;
    expect((await members.stop()).healed).toEqual({ observed: false, evidence: 'n2: could not be taken in: no leader to add anybody' });
    await kill.start({ kind: 'all', order: ORDER });
    expect((await kill.stop()).effect.evidence).toContain('n2: in the hands of members');
    expect(await members.heal()).toMatchObject([{ healed: { observed: true, evidence: 'n2: a member again, and answering' } }]);
    expect(await members.heal()).toEqual([]);
    expect(await test.states()).toEqual(allRun);
  });

  it('leaves nodes that are in other hands', async () => {
    await kill.start({ kind: 'all', order: ORDER });
    expect(await members.start({ kind: 'replace', order: ORDER })).toMatchObject({ targets: ['n2'] });
    expect(await members.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: in the hands of kill' }, healed: { observed: true } });
    await kill.stop();
    expect([...identities.values()]).toEqual([1, 2, 3, 4, 5]);
  });
});
