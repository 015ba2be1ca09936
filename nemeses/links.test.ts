import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partitionNemesis, slowNemesis } from './index.js';
import { PARTITION_KINDS } from './partition/kinds.js';
import { SLOW_KINDS } from './slow/kinds.js';
import { AtWork, TestRun } from './testing/run.js';

const ORDER = ['n2', 'n3', 'n1'];

let test: TestRun;

beforeEach(async () => {
  test = await TestRun.start(3);
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

describe('partition', () => {
  let partition: AtWork;

  beforeEach(() => {
    partition = new AtWork(partitionNemesis, test.run);
  });

  it.each(['stall', 'reset'] as const)('by %s bites and is gone, both seen on the links', async (drop) => {
    const value = await partition.start({ kind: 'one-node', order: ORDER, drop });
    expect(value).toEqual({ kind: 'one-node', targets: ['n2'], grudge: { n1: ['n2'], n2: ['n1', 'n3'], n3: ['n2'] }, drop, by: 'relay', interval: [expect.any(Number), expect.any(Number)] });
    await test.bitten();
    const cut = (await test.run.cluster.net.stats()).filter((link) => link.cut);
    expect(cut.map(({ from, to }) => `${from}${to}`).sort()).toEqual(['n1n2', 'n2n1', 'n2n3', 'n3n2']);
    const end = await partition.stop();
    expect(end).toMatchObject({ kind: 'one-node', effect: { observed: true }, healed: { observed: true, evidence: '4 of 4 links carry what we send again' } });
    expect(end.effect.evidence).toMatch(/^no probe passed any of 4 cut links; \d+ chunks of the nodes held.* on 4 of 4 cut links$/);
    expect(test.run.cluster.net.faulty()).toBe(false);
  });

  it.each(['stall', 'reset'] as const)('one-way by %s cuts one direction and leaves the other', async (drop) => {
    test.primaries = async () => ['n3', 'n1'];
    const value = await partition.start({ kind: 'leader-deaf', order: ORDER, drop });
    expect(value).toEqual({ kind: 'leader-deaf', targets: ['n3'], leader: 'n3', grudge: { n3: ['n1', 'n2'] }, drop, by: 'relay', interval: [expect.any(Number), expect.any(Number)] });
    const before = await test.delivered();
    await test.bitten();
    await test.carried(['n1n2', 'n2n1', 'n3n1', 'n3n2']);
    const after = await test.delivered();
    expect(['n1n3', 'n2n3'].map((link) => after.get(link))).toEqual(['n1n3', 'n2n3'].map((link) => before.get(link)));
    const end = await partition.stop();
    expect(end).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
    expect(end.effect.evidence).toContain('on 2 of 2 cut links');
  });

  it.each([
    ['nobody leads', async () => [], 'nobody leads now: aimed at n2 instead'],
    ['the question fails', async () => Promise.reject(new Error('no route')), 'asking who leads failed (no route): aimed at n2 instead'],
    ['nobody answers', () => new Promise<readonly string[]>(() => undefined), 'nobody said within 500 ms who leads: aimed at n2 instead'],
  ])('at the leader falls back to the node of the plan if %s, and says so', async (_when, primaries, note) => {
    test.primaries = primaries;
    expect(await partition.start({ kind: 'leader', order: ORDER, drop: 'stall' })).toMatchObject({ targets: ['n2'], leader: null, note });
  });

  it('is seen to hold although no node wants to pass it', async () => {
    for (const node of test.run.cluster.nodes) await node.signal('SIGSTOP');
    await test.quiet();
    await partition.start({ kind: 'one-node', order: ORDER, drop: 'stall' });
    expect(await partition.stop()).toMatchObject({ effect: { observed: true, evidence: 'no probe passed any of 4 cut links; 0 chunks of the nodes held on 0 of 4 cut links' }, healed: { observed: true } });
  });

  it('that somebody undid behind its back had no effect', async () => {
    test.primaries = async () => [];
    const begun = partition.start({ kind: 'one-node', order: ORDER, drop: 'stall' });
    await begun;
    await test.run.cluster.net.clear('nemesis/partition');
    expect((await partition.stop()).effect).toMatchObject({ observed: false, evidence: expect.stringMatching(/bytes passed links that were cut|probes passed/) as unknown });
  });

  it('that flaps cuts and joins again and again', async () => {
    await partition.start({ kind: 'flapping', order: ORDER, drop: 'stall', downMs: 20, upMs: 20 });
    const isCut = async (): Promise<boolean> => (await test.run.cluster.net.stats()).some((link) => link.cut);
    for (let times = 0; times < 2; times++) {
      await test.eventually('a whole link', async () => !(await isCut()));
      await test.eventually('a cut', isCut);
    }
    await test.bitten();
    const end = await partition.stop();
    expect(end).toMatchObject({ effect: { observed: true, evidence: expect.stringMatching(/^changed \d+ times; \d+ chunks of the nodes ran into a cut/) as unknown }, healed: { observed: true } });
    expect(test.run.cluster.net.faulty()).toBe(false);
  });

  it('that moves cuts others off with every step, and never has all joined between two', async () => {
    const moves = [{ order: ['n1', 'n2', 'n3'], shape: 'alone' }, { order: ['n2', 'n1', 'n3'], shape: 'deaf' }, { order: ['n3', 'n1', 'n2'], shape: 'mute' }];
    await partition.start({ kind: 'moving', order: ORDER, drop: 'stall', stepMs: 60, moves });
    const cuts = async (): Promise<string> => (await test.run.cluster.net.stats()).filter((link) => link.cut).map(({ from, to }) => `${from}${to}`).sort().join();
    const seen = new Set<string>();
    await test.eventually('all steps', async () => seen.add(await cuts()).size === 3);
    expect([...seen].sort()).toEqual(['n1n2,n1n3,n2n1,n3n1', 'n1n2,n3n2', 'n3n1,n3n2']);
    expect(await partition.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
    expect(test.run.cluster.net.faulty()).toBe(false);
  });

  it('that follows the leader cuts off whoever leads then, and stays where it is while nobody does', async () => {
    let leaders = ['n1'];
    test.primaries = async () => leaders;
    await partition.start({ kind: 'leader-after-leader', order: ORDER, drop: 'stall', stepMs: 20, moves: [{ order: ORDER, shape: 'alone' }] });
    const isAlone = async (node: string): Promise<boolean> => (await test.run.cluster.net.stats()).every((link) => link.cut === (link.from === node || link.to === node));
    expect(await isAlone('n1')).toBe(true);
    leaders = ['n3'];
    await test.eventually('n3 alone', () => isAlone('n3'));
    leaders = [];
    await test.bitten();
    expect(await isAlone('n3')).toBe(true);
    expect(await partition.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
  });

  it('that swizzles stops links one by one, and lets them go on in another order', async () => {
    const stops = [['n1', 'n2'], ['n2', 'n3'], ['n3', 'n1']];
    await partition.start({ kind: 'swizzle', order: ORDER, drop: 'stall', stepMs: 60, stops, goesOn: [...stops].reverse() });
    const cuts = async (): Promise<string> => (await test.run.cluster.net.stats()).filter((link) => link.cut).map(({ from, to }) => `${from}${to}`).sort().join();
    const seen: string[] = [];
    await test.eventually('a round', async () => {
      const now = await cuts();
      if (now !== seen.at(-1)) seen.push(now);
      return seen.length >= 7;
    });
    expect(seen.slice(0, 7)).toEqual(['n1n2', 'n1n2,n2n3', 'n1n2,n2n3,n3n1', 'n1n2,n2n3', 'n1n2', '', 'n1n2']);
    expect(await partition.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true, evidence: '3 of 3 links carry what we send again' } });
  });

  it('whose victim dies meanwhile does not wait for it', async () => {
    await partition.start({ kind: 'one-node', order: ORDER, drop: 'stall' });
    await test.bitten();
    await test.node('n2').signal('SIGKILL');
    const end = await partition.stop();
    expect(end.effect.observed).toBe(true);
    expect(end.healed).toEqual({ observed: true, evidence: '4 of 4 links carry what we send again' });
  });

  it('and slowness act on the same links, and each is removed alone', async () => {
    const slow = new AtWork(slowNemesis, test.run);
    await slow.start({ kind: 'all-delay', order: ORDER, delayMs: 10, jitterMs: 10 });
    await partition.start({ kind: 'one-node', order: ORDER, drop: 'stall' });
    await test.bitten();
    expect(await partition.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
    expect(test.run.cluster.net.faulty()).toBe(true);
    expect(await slow.stop()).toMatchObject({ effect: { observed: true }, healed: { observed: true } });
    expect(test.run.cluster.net.faulty()).toBe(false);
  });

  it('is healed once, and then no more', async () => {
    await partition.start({ kind: 'majorities-ring', order: ORDER, drop: 'stall' });
    await test.bitten();
    expect(await partition.heal()).toMatchObject([{ kind: 'majorities-ring', effect: { observed: true }, healed: { observed: true } }]);
    expect(await partition.heal()).toEqual([]);
    expect(await partition.stop()).toMatchObject({ kind: 'none', effect: { observed: false } });
  });

  it('starts over if the fault before was not stopped', async () => {
    await partition.start({ kind: 'one-node', order: ORDER, drop: 'stall' });
    await partition.start({ kind: 'leader-mute', order: ['n3', 'n1', 'n2'], drop: 'stall' });
    const cut = (await test.run.cluster.net.stats()).filter((link) => link.cut);
    expect(cut.map(({ from, to }) => `${from}${to}`).sort()).toEqual(['n3n1', 'n3n2']);
  });

  it('refuses a start that it does not understand, and goes on', async () => {
    const refused: readonly (readonly [unknown, string])[] = [
      [{ kind: 'diagonal', order: ORDER, drop: 'stall' }, 'no kind "diagonal"'],
      [{ kind: 'leader', order: ['n9'], drop: 'stall' }, 'no node "n9"'],
      [{ kind: 'leader', order: ORDER, drop: 'burn' }, 'drop:'],
      [null, 'the start of a partition fault'],
    ];
    for (const [value, message] of refused) await expect(partition.start(value)).rejects.toThrow(message);
    expect(await partition.heal()).toEqual([]);
    expect(test.run.cluster.net.faulty()).toBe(false);
  });

  it('does what every kind says that does not change', async () => {
    for (const [kind] of Object.entries(PARTITION_KINDS).filter(([, { course }]) => course === undefined)) {
      const value = await partition.start({ kind, order: ORDER, drop: 'stall' });
      const grudge = Object.entries(value.grudge ?? {}).flatMap(([to, senders]) => senders.map((from) => `${from}${to}`));
      const cut = (await test.run.cluster.net.stats()).filter((link) => link.cut);
      expect([kind, cut.map(({ from, to }) => `${from}${to}`).sort()]).toEqual([kind, grudge.sort()]);
      expect(grudge.length).toBeGreaterThan(0);
    }
  });
});

describe('slow', () => {
  it.each(Object.keys(SLOW_KINDS))('%s bites and is gone', async (kind) => {
    const slow = new AtWork(slowNemesis, test.run);
    test.primaries = async () => ['n1'];
    const slowness = SLOW_KINDS[kind]?.sort === 'bandwidth' ? { bytesPerSecond: 100 } : { delayMs: 20, jitterMs: 20 };
    const value = await slow.start({ kind, order: ORDER, ...slowness });
    expect(value).toMatchObject({ kind, ...slowness });
    expect(value.targets?.[0]).toBe(SLOW_KINDS[kind]?.atLeader === true ? 'n1' : 'n2');
    await test.eventually('slowness', async () => (await test.run.cluster.net.stats()).filter((link) => link.delayedChunks > 0).length === (value.links as unknown[]).length);
    expect(await slow.stop()).toMatchObject({ kind, effect: { observed: true }, healed: { observed: true } });
    expect(test.run.cluster.net.faulty()).toBe(false);
  });

  it('that somebody undid behind its back had no effect', async () => {
    const slow = new AtWork(slowNemesis, test.run);
    await slow.start({ kind: 'all-delay', order: ORDER, delayMs: 20, jitterMs: 0 });
    await test.run.cluster.net.clear('nemesis/slow');
    expect(await slow.stop()).toMatchObject({ effect: { observed: false }, healed: { observed: true } });
  });

  it('on narrow links that nobody uses had no effect', async () => {
    const slow = new AtWork(slowNemesis, test.run);
    for (const node of test.run.cluster.nodes) await node.signal('SIGKILL');
    await test.quiet();
    await slow.start({ kind: 'node-bandwidth', order: ORDER, bytesPerSecond: 100 });
    expect(await slow.stop()).toMatchObject({ effect: { observed: false }, healed: { observed: true } });
  });
});
