import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random, type Disk, type Node } from '../src/index.js';
import { tracerSupport } from '../clusters/local/tracer.js';
import { drawLuck } from './disk/damage.js';
import { diskNemesis, killNemesis, powerNemesis } from './index.js';
import { AtWork, TestRun } from './testing/run.js';

const ORDER = ['n2', 'n3', 'n1'];
const DATA = Buffer.from('0123456789');

let test: TestRun;
let disk: AtWork;
let kill: AtWork;

beforeEach(async () => {
  test = await TestRun.start(3, ['slow-disk']);
  for (const node of test.run.cluster.nodes) {
    await writeFile(join(node.dataDir, 'log'), DATA);
    await writeFile(join(node.dataDir, '.hidden'), 'not for programs');
  }
  disk = new AtWork(diskNemesis, test.run);
  kill = new AtWork(killNemesis, test.run);
});

afterEach(async () => {
  await test[Symbol.asyncDispose]();
});

function contentOf(node: Node): Promise<Buffer> {
  return readFile(join(node.dataDir, 'log'));
}

/** Lets the node's program look at its log first, as a careful one does, and end if it is not what it wrote. */
async function careful(node: Node): Promise<void> {
  await node.signal('SIGKILL');
  const check = 'test "$(cat log)" = 0123456789 || { echo the log is damaged; exit 65; }';
  const port = String(node.listen('peer').port);
  await node.start({ argv: ['sh', '-c', `${check}; exec "$0" -e 'require("net").createServer((s) => s.resume().on("error", () => {})).listen(Number(process.argv[1]), "127.0.0.1")' ${port}`, process.execPath], logFile: 'node.log' });
}

describe('damage to durable data', () => {
  it.each([
    ['bit-flip', { file: 0, place: 0.35, bit: 1 }, { file: 'log', bytes: 10, offset: 3, bit: 1 }, 'bit 1 of byte 3 of log changed', 'log put right'],
    ['truncate', { file: 0, place: 0.7 }, { file: 'log', bytes: 10, cut: 4 }, '4 of the 10 bytes of log cut off', 'log put right'],
    ['lost-directory', { file: 0 }, { files: ['log'] }, 'log taken away', 'its files put back'],
  ])('%s: is recorded exactly, refused by the node, and undone', async (kind, luck, detail, words, undone) => {
    const node = test.node('n2');
    await careful(node);
    expect(await disk.start({ kind, order: ORDER, luck: [luck] })).toEqual({ kind, targets: ['n2'], damage: { n2: detail } });
    expect(await node.state()).toBe('stopped');
    if (kind !== 'lost-directory') expect((await contentOf(node)).equals(DATA)).toBe(false);
    expect(await disk.stop()).toMatchObject({
      effect: { observed: true, evidence: `n2: ${words}; does not start (exit code 65: the log is damaged)` },
      healed: { observed: true, evidence: `n2: ${undone}; running and answering again` },
    });
    expect(await contentOf(node)).toEqual(DATA);
    expect(test.run.cluster.unexpectedExits()).toEqual([]);
  });

  it('that the node serves on with is seen to be, and undone all the same', async () => {
    await disk.start({ kind: 'bit-flip', order: ORDER, luck: [{ file: 0, place: 0, bit: 0 }] });
    expect(await test.node('n2').state()).toBe('running');
    expect(await disk.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: bit 0 of byte 0 of log changed; answers all the same' }, healed: { observed: true } });
    expect(await contentOf(test.node('n2'))).toEqual(DATA);
  });

  it.each([
    ['bit-flip', { file: 0, place: 0, bit: 0 }, '!0123456789'],
    ['truncate', { file: 0, place: 0 }, '012345678 and more'],
  ])('%s that the program has written over is left', async (kind, luck, now) => {
    await disk.start({ kind, order: ORDER, luck: [luck] });
    await writeFile(join(test.node('n2').dataDir, 'log'), now);
    expect((await disk.stop()).healed).toEqual({ observed: true, evidence: 'n2: log was written over; running and answering again' });
    expect((await contentOf(test.node('n2'))).toString()).toBe(now);
  });

  it('of a node that took itself for a new one: what it made goes', async () => {
    const node = test.node('n2');
    for (let round = 0; round < 2; round++) {
      await disk.start({ kind: 'lost-directory', order: ORDER });
      await writeFile(join(node.dataDir, 'log'), 'a new life');
      await writeFile(join(node.dataDir, 'more'), 'of it');
      await disk.stop();
      expect(await contentOf(node)).toEqual(DATA);
      expect((await readdir(node.dataDir)).filter((name) => !name.startsWith('.'))).toEqual(['log']);
      expect(await readFile(join(node.dataDir, '.hidden'), 'utf8')).toBe('not for programs');
    }
  });

  it('that cannot be undone stays in force, and its node down, until it can', async () => {
    const node = test.node('n2');
    await careful(node);
    await disk.start({ kind: 'truncate', order: ORDER, luck: [{ file: 0, place: 0 }] });
    const patch = node.disk.patch.bind(node.disk);
    node.disk.patch = () => Promise.reject(new Error('no space'));
    expect((await disk.stop()).healed).toEqual({ observed: false, evidence: 'n2: could not be mended: no space' });
    expect(await kill.start({ kind: 'all', order: ORDER })).toMatchObject({ killed: ['n1', 'n3'] });
    node.disk.patch = patch;
    await kill.stop();
    expect(await node.state()).toBe('stopped');
    expect(await disk.heal()).toMatchObject([{ healed: { observed: true } }]);
    expect(await contentOf(node)).toEqual(DATA);
  });
});

/** Lets the next change of a disk fail, after or instead of doing it. */
function failNext(disk: Disk, { after }: { readonly after: boolean }, message: string): void {
  const [patch, truncate, rename] = [disk.patch.bind(disk), disk.truncate.bind(disk), disk.rename.bind(disk)];
  const failing = async (work: () => Promise<void>): Promise<void> => {
    Object.assign(disk, { patch, truncate, rename });
    if (after) await work();
    throw new Error(message);
  };
  disk.patch = (...args) => failing(() => patch(...args));
  disk.truncate = (...args) => failing(() => truncate(...args));
  disk.rename = (...args) => failing(() => rename(...args));
}

describe('damage that is cut short', () => {
  it.each(['bit-flip', 'truncate', 'lost-directory'])('%s: done but reported as failed, it is undone', async (kind) => {
    const node = test.node('n2');
    failNext(node.disk, { after: true }, 'the answer was lost');
    await expect(disk.start({ kind, order: ORDER, luck: [{ file: 0, place: 0 }] })).rejects.toThrow('the answer was lost');
    expect(await node.state()).toBe('stopped');
    const heal = async (): Promise<boolean> => (await disk.heal()).every(({ healed }) => healed.observed);
    expect((await heal()) || (await heal())).toBe(true);
    expect(await contentOf(node)).toEqual(DATA);
    expect(await test.states()).toEqual(['running', 'running', 'running']);
  });

  it('before anything was done, is nothing to undo', async () => {
    const node = test.node('n2');
    for (const kind of ['bit-flip', 'truncate', 'lost-directory']) {
      failNext(node.disk, { after: false }, 'the request was lost');
      await expect(disk.start({ kind, order: ORDER, luck: [{ file: 0, place: 0 }] })).rejects.toThrow('the request was lost');
      expect(await disk.heal()).toMatchObject([{ healed: { observed: true } }]);
      expect(await contentOf(node)).toEqual(DATA);
    }
  });
});

it('a system that does not heed its signal holds no fault up', async () => {
  Object.assign(test.run.system, { ready: () => new Promise<void>(() => undefined) });
  await disk.start({ kind: 'torn-tail', order: ORDER });
  const began = performance.now();
  expect(await disk.running.heal(AbortSignal.timeout(300))).toMatchObject([{ healed: { observed: false, evidence: expect.stringContaining('does not answer') as unknown } }]);
  expect(performance.now() - began).toBeLessThan(5000);
}, 20_000);

describe('a torn tail', () => {
  it('that repeats the head of a log is shorter than the shortest whole record of the bundled systems: 16 bytes of header and an empty list', () => {
    const random = Random.fromSeed(1);
    const repeated = Array.from({ length: 500 }, () => drawLuck('torn-tail', random).tail).filter((tail) => typeof tail === 'number');
    expect(repeated.length).toBeGreaterThan(100);
    expect(Math.max(...repeated)).toBe(17);
  });

  it.each([['ffff', 'ffff'], [3, Buffer.from('012').toString('hex')]])('%j is left at the end of the log, for the node to cope with', async (tail, hex) => {
    Object.assign(test.run.system, { appendOnlyFiles: () => ['log'] });
    expect(await disk.start({ kind: 'torn-tail', order: ORDER, luck: [{ file: 0, tail }] })).toMatchObject({ damage: { n2: { file: 'log', bytes: 10, tail: hex } } });
    expect(await disk.stop()).toMatchObject({ effect: { observed: true, evidence: expect.stringMatching(/at the end of log; answers$/) as unknown }, healed: { observed: true } });
    expect((await contentOf(test.node('n2'))).toString('hex')).toBe(DATA.toString('hex') + hex);
  });

  it('with which a node does not cope is a crash', async () => {
    Object.assign(test.run.system, { appendOnlyFiles: () => ['log'] });
    await careful(test.node('n2'));
    await disk.start({ kind: 'torn-tail', order: ORDER, luck: [{ file: 0, tail: 'ff' }] });
    expect((await disk.stop()).healed).toEqual({ observed: false, evidence: 'n2: started, but ended: exit code 65: the log is damaged' });
    expect(test.run.cluster.unexpectedExits()).toMatchObject([{ node: 'n2', code: 65 }]);
  });
});

describe.skipIf(!tracerSupport().ok)('a disk that is slow or fails', () => {
  it('of a node that does not sync is not seen to bite, and leaves it running', async () => {
    for (const kind of ['slow-fsync', 'fsync-error']) {
      expect(await disk.start({ kind, order: ORDER, delayMs: 50 })).toMatchObject({ kind, targets: ['n2'], by: 'strace' });
      expect(await disk.stop()).toMatchObject({ effect: { observed: false }, healed: { observed: true, evidence: 'n2: running and answering' } });
    }
    expect(await test.states()).toEqual(['running', 'running', 'running']);
    expect(test.run.cluster.unexpectedExits()).toEqual([]);
  });

  it('slow, under a node that is killed, is over with it', async () => {
    await disk.start({ kind: 'slow-fsync', order: ORDER, delayMs: 50 });
    await kill.start({ kind: 'one', order: ORDER });
    expect(await disk.stop()).toMatchObject({ healed: { observed: true, evidence: 'n2: stopped by another fault' } });
    expect(await kill.stop()).toMatchObject({ healed: { observed: true } });
  });

  it('that is reported not to fail, but has ended its program, is started again', async () => {
    const node = test.node('n2');
    node.disk.failSync = async () => {
      await node.signal('SIGKILL');
      throw new Error('the answer was lost');
    };
    expect(await disk.start({ kind: 'fsync-error', order: ORDER })).toEqual({ kind: 'fsync-error', targets: ['n2'] });
    expect(await node.state()).toBe('running');
    expect(await kill.start({ kind: 'one', order: ORDER })).toMatchObject({ killed: ['n2'] });
    await kill.stop();
  });

  it('failing is not laid upon a node in other hands', async () => {
    await kill.start({ kind: 'all', order: ORDER });
    expect(await disk.start({ kind: 'fsync-error', order: ORDER })).toEqual({ kind: 'fsync-error', targets: ['n2'] });
    expect(await disk.stop()).toMatchObject({ effect: { observed: false, evidence: 'n2: in the hands of kill' }, healed: { observed: true } });
    await kill.stop();
  });
});

describe('power', () => {
  it('takes back what was not durable when the program is gone, and starts it again', async () => {
    const seen: string[] = [];
    Object.assign(test.run.system, { powerLoss: async (node: Node) => (seen.push(`${node.name} ${await node.state()}`), 'lost 3 bytes') });
    const power = new AtWork(powerNemesis, test.run);
    expect(await power.start({ kind: 'majority', order: ORDER })).toMatchObject({ unpowered: ['n2', 'n3'] });
    expect(seen.sort()).toEqual(['n2 stopped', 'n3 stopped']);
    expect(await power.stop()).toMatchObject({ effect: { observed: true, evidence: 'n2, n3: lost 3 bytes' }, healed: { observed: true } });
  });
});

it('kill, power and disk at once, again and again, never start a node whose files are in other hands, and leave all running and whole', async () => {
  const inHand = new Set<string>();
  Object.assign(test.run.system, {
    powerLoss: async (node: Node) => {
      inHand.add(node.name);
      await test.run.clock.sleep(30);
      expect(await node.state()).toBe('stopped');
      inHand.delete(node.name);
      return 'lost nothing';
    },
  });
  for (const node of test.run.cluster.nodes) {
    const restart = node.restart.bind(node);
    node.restart = async (options) => {
      expect(inHand.has(node.name)).toBe(false);
      await restart(options);
    };
  }
  const power = new AtWork(powerNemesis, test.run);
  for (let round = 0; round < 5; round++) {
    const order = [...ORDER.slice(round % 3), ...ORDER.slice(0, round % 3)];
    await Promise.all([kill.start({ kind: 'majority', order }), power.start({ kind: 'all', order }), disk.start({ kind: 'truncate', order, luck: [{ file: 0, place: 0.5 }] })]);
    await Promise.all(round % 2 === 0 ? [kill.stop(), power.stop(), disk.stop()] : [disk.heal(), kill.heal(), power.heal()]);
    expect(await test.states()).toEqual(['running', 'running', 'running']);
    for (const node of test.run.cluster.nodes) expect(await contentOf(node)).toEqual(DATA);
  }
  expect(test.run.cluster.unexpectedExits()).toEqual([]);
}, 60_000);
