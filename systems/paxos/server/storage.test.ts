import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { WalRecord } from '../core/index.js';
import { initDataFolder, openDataFolder } from './data-folder.js';
import { DurableCopy } from './durable-copy.js';
import { diskFailure, lastWords, type ServerError } from './failure.js';
import { listData, pieceName, snapshotName } from './files.js';
import { lock } from './lock.js';
import { nodeFiles } from './node-files.js';
import { parseOptions } from './options.js';
import { Storage, type OpenedStorage } from './storage.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-storage-'));
const tools = { files: nodeFiles, lock };
const inUse: InUse[] = [];
afterAll(() => {
  for (const disk of inUse) disk.opened.storage.close();
  rmSync(folder, { recursive: true });
});
let folders = 0;

/** The folder of a new node. */
function fresh(): string {
  const path = join(folder, `n${folders++}`);
  initDataFolder(tools, path, 'c', 1);
  return path;
}

/** What a node would find if it ended now. */
function frozen(path: string): string {
  // What was given to the operating system goes on while this process stands still, and a copy takes its time: it is good if nothing has changed meanwhile.
  for (;;) {
    const copy = join(folder, `n${folders++}`);
    try {
      const before = sizesIn(path);
      cpSync(path, copy, { recursive: true });
      if (sizesIn(path) === before) return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function sizesIn(path: string): string {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => `${name} ${statSync(join(path, name)).size}`).join();
}

/** A disk in use: record n says that slot n was accepted; a snapshot of slot n holds it and those before. */
class InUse {
  readonly warnings: string[] = [];
  readonly opened: OpenedStorage;
  readonly folder: string;
  durable = 0;
  saved = 0;
  readonly #waiting: { readonly until: () => boolean; readonly done: () => void }[] = [];
  #lsn = 0;
  #slot: number;

  constructor(path: string, more: { readonly copy?: DurableCopy; readonly bugs?: readonly string[]; readonly sync?: boolean } = {}) {
    this.folder = path;
    const changed = (): void => this.#waiting.filter(({ until }) => until()).forEach(({ done }) => done());
    this.opened = Storage.open(path, {
      files: nodeFiles,
      sleep,
      sync: true,
      copy: undefined,
      bugs: [],
      ...more,
      onDurable: (upTo) => {
        this.durable = upTo;
        changed();
      },
      onSnapshot: (slot) => {
        this.saved = slot;
        changed();
      },
      onFull: () => this.warnings.push('full'),
      onFailure: (error) => {
        throw error;
      },
      onWarning: (text) => this.warnings.push(text),
    });
    inUse.push(this);
    this.#slot = this.slots().length;
  }

  /** The slots that it holds, which must be those from 1 to some number, each known by the snapshot or by the log. */
  slots(): readonly number[] {
    const { snapshot, records } = this.opened.recovered;
    const held = new Set([...Array.from({ length: snapshot?.slot ?? 0 }, (_, i) => i + 1), ...records.flatMap((record) => (record.type === 'chosen' ? [record.upTo] : []))]);
    if (snapshot !== undefined) expect(snapshot.parts.join('')).toBe(textOf(snapshot.slot));
    expect([...held].sort((a, b) => a - b)).toEqual(Array.from({ length: held.size }, (_, i) => i + 1));
    return [...held];
  }

  /** Accepts so many more slots. */
  async accept(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const slot = ++this.#slot;
      this.opened.storage.append(++this.#lsn, [{ type: 'accepted', slot, ballot: { round: 1, node: 1 }, command: { kind: 'noop' } }, { type: 'chosen', upTo: slot }], false);
    }
    await this.until(() => this.durable === this.#lsn);
  }

  /** Begins a snapshot of what there is, and gives its parts; resolves when it is durable. */
  async snapshot(more: readonly WalRecord[] = []): Promise<void> {
    const slot = this.#slot;
    this.opened.storage.append(++this.#lsn, [{ type: 'promised', ballot: { round: 1, node: 1 } }, ...more], true);
    const text = textOf(slot);
    const middle = text.length >> 1;
    this.opened.storage.saveSnapshot(slot, [text.slice(0, middle)], false);
    this.opened.storage.saveSnapshot(slot, [text.slice(middle)], true);
    await this.until(() => this.saved === slot);
  }

  /** Takes another node's snapshot of a later slot. */
  async install(slot: number): Promise<void> {
    this.#slot = slot;
    await this.snapshot();
  }

  async until(condition: () => boolean): Promise<void> {
    if (!condition()) await new Promise<void>((done) => this.#waiting.push({ until: condition, done }));
  }
}

const textOf = (slot: number): string => `state after ${slot}: ${'x'.repeat(2000)}`;
const held = (path: string): ReturnType<typeof listData> => listData(nodeFiles, path);

describe('the disk of a node', () => {
  it('gives back snapshot and log, and keeps the two newest snapshots with what belongs to them', async () => {
    const path = fresh();
    for (let life = 0; life < 3; life++) {
      const disk = new InUse(path);
      expect(disk.slots().length).toBe(life * 15);
      for (let round = 0; round < 3; round++) {
        await disk.accept(4);
        await disk.snapshot();
        await disk.accept(1);
      }
      await expect.poll(() => held(path)).toEqual({ snapshots: [3 * life + 2, 3 * life + 3], pieces: [3 * life + 2, 3 * life + 3] });
      disk.opened.storage.close();
    }
    const { snapshot, records } = new InUse(path).opened.recovered;
    expect(snapshot?.slot).toBe(44);
    expect(records).toMatchObject([{ type: 'promised', ballot: { round: 1, node: 1 } }, { type: 'accepted', slot: 45 }, { type: 'chosen', upTo: 45 }]);
  });

  it('loses nothing that was durable, wherever it ends, and if the power fails there', async () => {
    const path = fresh();
    const copy = DurableCopy.open(join(path, '.durable'), path);
    const disk = new InUse(path, { copy });
    const ends: { readonly path: string; readonly durable: number }[] = [];
    let accepted = 0;
    const work = (async () => {
      for (let round = 0; round < 12; round++) {
        await disk.accept(2);
        accepted += 2;
        await disk.snapshot();
      }
    })();
    let working = true;
    void work.then(() => (working = false));
    while (working) {
      // The order matters: what is durable only grows.
      const durable = accepted;
      ends.push({ path: frozen(path), durable });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(ends.length).toBeGreaterThan(12);
    for (const end of ends) {
      expect(new InUse(end.path).slots().length).toBeGreaterThanOrEqual(end.durable);
      expect(new InUse(join(end.path, '.durable')).slots().length).toBeGreaterThanOrEqual(end.durable);
    }
    // Some of them ended between the beginning of a snapshot and its place on the disk.
    expect(ends.some((end) => (held(end.path).pieces.at(-1) ?? 0) > (held(end.path).snapshots.at(-1) ?? 0))).toBe(true);
  });

  it('goes on after it ended between a checkpoint and its snapshot', async () => {
    const path = fresh();
    const first = new InUse(path);
    await first.accept(3);
    first.opened.storage.append(4, [{ type: 'promised', ballot: { round: 1, node: 1 } }], true);
    await first.until(() => first.durable === 4);
    const second = new InUse(frozen(path));
    expect(held(second.folder)).toEqual({ snapshots: [], pieces: [0, 1] });
    expect(second.slots()).toEqual([1, 2, 3]);
    await second.accept(2);
    await second.snapshot();
    await second.accept(1);
    const third = new InUse(frozen(second.folder));
    expect(held(third.folder)).toEqual({ snapshots: [2], pieces: [0, 1, 2] });
    expect(third.slots().length).toBe(6);
  });
});

/** A folder with two snapshots, 4 and 8 of 9 slots. */
async function withSnapshots(): Promise<string> {
  const disk = new InUse(fresh());
  for (let round = 0; round < 2; round++) {
    await disk.accept(4);
    await disk.snapshot();
  }
  await disk.accept(1);
  return frozen(disk.folder);
}

describe('damage to the disk of a node', () => {
  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  };

  it.each([
    ['a bit of the newest snapshot', (path: string) => flip(join(path, snapshotName(2)), 500)],
    ['the end of the newest snapshot', (path: string) => truncateSync(join(path, snapshotName(2)), 1000)],
    ['the last record of the newest snapshot', (path: string) => truncateSync(join(path, snapshotName(2)), readFileSync(join(path, snapshotName(2))).length - 1)],
  ])('%s: it is put aside, said, and does not matter', async (_, damage) => {
    const path = await withSnapshots();
    damage(path);
    const disk = new InUse(path);
    expect(disk.opened.recovered.snapshot?.slot).toBe(4);
    expect(disk.slots().length).toBe(9);
    expect(disk.warnings).toEqual([expect.stringMatching(/snapshot-000002\.dat cannot be used: it is damaged\. It is put aside/)]);
    expect(readdirSync(path)).toContain('snapshot-000002.dat.damaged');
    await disk.accept(1);
    await disk.snapshot();
    expect(new InUse(frozen(path)).slots().length).toBe(10);
  });

  it('the newest snapshot, which came from another node: nothing else here holds its slots; it is left in its place, and put right the node starts', async () => {
    const disk = new InUse(fresh());
    await disk.accept(3);
    await disk.install(20);
    await disk.accept(2);
    const path = frozen(disk.folder);
    const snapshot = join(path, snapshotName(1));
    const whole = readFileSync(snapshot);
    flip(snapshot, 500);
    expect(() => new InUse(path)).toThrow(/snapshot-000001\.dat cannot be used: it is damaged; and it came from another node: slot 4 is in nothing else here\. Replace this node/);
    writeFileSync(snapshot, whole);
    expect(new InUse(path).slots().length).toBe(22);
  });

  it('both snapshots: the log is whole since the beginning, as long as it is', async () => {
    const path = await withSnapshots();
    // The third start has its pieces from the first snapshot on only.
    for (const generation of [1, 2]) flip(join(path, snapshotName(generation)), 500);
    if (existsSync(join(path, pieceName(0)))) rmSync(join(path, pieceName(0)));
    expect(() => new InUse(path)).toThrow(/snapshot-000001\.dat cannot be used: it is damaged; and what came before it has been removed\. Replace this node/);
    const young = new InUse(fresh());
    await young.accept(4);
    await young.snapshot();
    const whole = frozen(young.folder);
    flip(join(whole, snapshotName(1)), 500);
    expect(new InUse(whole).slots().length).toBe(4);
  });

  it.each([
    ['a piece that is gone', (path: string) => rmSync(join(path, pieceName(2))), /log-000002\.wal is missing, and the log goes from piece 2 to 2/],
    ['a piece that is gone below another', (path: string) => { rmSync(join(path, snapshotName(2))); rmSync(join(path, pieceName(1))); }, /log-000001\.wal is missing, and the log goes from piece 1 to 2/],
    ['a piece that is cut below another', (path: string) => { rmSync(join(path, snapshotName(2))); truncateSync(join(path, pieceName(1)), 70); }, /log-000001\.wal ends in the middle of a record, and a later piece/],
    ['a changed bit in a piece below another', (path: string) => { rmSync(join(path, snapshotName(2))); flip(join(path, pieceName(1)), 30); }, /log-000001\.wal is corrupt/],
    ['lost records at the end', (path: string) => truncateSync(join(path, pieceName(2)), 0), /log-000002\.wal has lost records/],
  ])('%s is refused', async (_, damage, message) => {
    const path = await withSnapshots();
    damage(path);
    const before = readdirSync(path);
    expect(() => new InUse(path)).toThrow(message);
    expect(readdirSync(path)).toEqual(before);
  });

  it('removes what is left of a snapshot that was being written', async () => {
    const path = await withSnapshots();
    writeFileSync(join(path, `${snapshotName(7)}.tmp`), 'half');
    new InUse(path);
    expect(readdirSync(path)).not.toContain(`${snapshotName(7)}.tmp`);
  });

  it('is what compact-before-snapshot-durable takes for health', async () => {
    const disk = new InUse(fresh(), { bugs: ['compact-before-snapshot-durable'] });
    await disk.accept(4);
    disk.opened.storage.append(5, [{ type: 'promised', ballot: { round: 1, node: 1 } }], true);
    await expect.poll(() => held(disk.folder).pieces).toEqual([1]);
    expect(() => new InUse(frozen(disk.folder))).toThrow(/is missing/);
    expect(new InUse(frozen(disk.folder), { bugs: ['compact-before-snapshot-durable'] }).slots()).toEqual([]);
  });
});

const tiny = ((): string | undefined => {
  const path = join(folder, 'tiny');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,nr_inodes=100', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    return undefined;
  }
})();
afterAll(() => {
  if (tiny !== undefined) execFileSync('umount', ['-l', tiny]);
});

describe.skipIf(tiny === undefined)(`a full disk${tiny === undefined ? ' (skipped: this user may not mount a small file system)' : ''}`, () => {
  it('is waited for, by log and snapshot: what was not written is not acknowledged, and nothing of it is lost', async () => {
    const path = join(tiny ?? '', 'n1');
    initDataFolder(tools, path, 'c', 1);
    const disk = new InUse(path);
    await disk.accept(3);
    const { bavail, bsize } = statfsSync(path);
    writeFileSync(join(tiny ?? '', 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 4096)));
    const done = disk.snapshot().then(() => disk.accept(100));
    await expect.poll(() => disk.warnings, { timeout: 5000 }).toContain('full');
    const durable = disk.durable;
    expect(durable).toBeLessThan(100);
    rmSync(join(tiny ?? '', 'ballast'));
    await done;
    expect(new InUse(frozen(path)).slots().length).toBe(103);
  });

  it('is waited for where a file is to be made', async () => {
    const path = join(tiny ?? '', 'n2');
    initDataFolder(tools, path, 'c', 1);
    const disk = new InUse(path);
    await disk.accept(3);
    const ballast = Array.from({ length: statfsSync(path).ffree }, (_, i) => join(tiny ?? '', `empty${i}`));
    for (const file of ballast) writeFileSync(file, '');
    const done = disk.snapshot();
    // Once for the new piece of the log, once for the snapshot.
    await expect.poll(() => disk.warnings, { timeout: 5000 }).toEqual(['full', 'full']);
    for (const file of ballast) rmSync(file);
    await done;
    expect(new InUse(frozen(path)).slots().length).toBe(3);
  });

  it('ends a start, which says so and can be made again', () => {
    const path = join(tiny ?? '', 'n3');
    initDataFolder(tools, path, 'c', 1);
    const { bavail, bsize } = statfsSync(path);
    writeFileSync(join(tiny ?? '', 'ballast'), Buffer.alloc(bavail * bsize));
    const start = (): { readonly text: string; readonly exitCode: number } | number => {
      try {
        const data = openDataFolder(tools, path, 'c', 1);
        data.release();
        return data.identity.incarnation;
      } catch (error) {
        return lastWords(error);
      }
    };
    expect(start()).toEqual({ text: expect.stringMatching(/^the disk is full: ENOSPC.*Make some, and start it again/) as unknown, exitCode: 74 });
    rmSync(join(tiny ?? '', 'ballast'));
    expect(start()).toBe(1);
  });
});

it('an fsync that fails is not tried again: a full disk is told from a broken one', () => {
  const failed = (code: string): ServerError => diskFailure(Object.assign(new Error(`${code}: fdatasync`), { code }));
  for (const code of ['ENOSPC', 'EDQUOT']) expect(failed(code)).toMatchObject({ message: expect.stringMatching(/the disk is full.*Make space, and start this node again/) as unknown, exitCode: 74 });
  expect(failed('EIO').message).toBe('the disk failed: EIO: fdatasync. What it holds is unknown; this node stops.');
});

it('skip-fsync: what is acknowledged outlives a power failure, not only a kill', async () => {
  const afterFailures = async (...flags: readonly string[]): Promise<{ readonly killed: number; readonly power: number }> => {
    const options = parseOptions(['--id', '1', '--client', 'h:1', '--peer', 'h:2', '--data', 'd', ...flags], () => 1);
    if (options === 'help') throw new Error('no options');
    const path = fresh();
    const disk = new InUse(path, { copy: DurableCopy.open(join(path, '.durable'), path), sync: options.sync, bugs: options.bugs });
    await disk.accept(5);
    const end = frozen(path);
    return { killed: new InUse(end).slots().length, power: new InUse(join(end, '.durable')).slots().length };
  };
  const [right, wrong] = [await afterFailures(), await afterFailures('--bug', 'skip-fsync')];
  expect([right, wrong]).toEqual([{ killed: 5, power: 5 }, { killed: 5, power: 0 }]);
});

describe('the fsync of the folder', () => {
  /** What is left of slots 1 to 3, and of those up to 5 in a new piece, if the power fails; and of many more after several snapshots, when the old files have been removed. */
  async function afterPowerFailures(bugs: readonly string[]): Promise<{ readonly once: readonly number[]; readonly late: number; readonly files: ReturnType<typeof listData> }> {
    const path = fresh();
    const copyFolder = join(path, '.durable');
    const disk = new InUse(path, { copy: DurableCopy.open(copyFolder, path), bugs });
    await disk.accept(3);
    await disk.snapshot();
    await disk.accept(2);
    const once = new InUse(join(frozen(path), '.durable')).slots();
    for (let round = 0; round < 3; round++) {
      await disk.accept(2);
      await disk.snapshot();
    }
    await expect.poll(() => held(path).pieces).toEqual([3, 4]);
    expect(new InUse(frozen(path)).slots().length).toBe(11);
    return { once, late: new InUse(join(frozen(path), '.durable')).slots().length, files: held(copyFolder) };
  }

  it('skip-folder-sync: what is acknowledged is in a file that a power failure does not take', async () => {
    const [right, wrong] = [await afterPowerFailures([]), await afterPowerFailures(['skip-folder-sync'])];
    expect(right).toEqual({ once: [1, 2, 3, 4, 5], late: 11, files: { snapshots: [3, 4], pieces: [3, 4] } });
    expect(wrong).toEqual({ once: [1, 2, 3], late: 3, files: { snapshots: [], pieces: [0] } });
  });

  it('at a start makes durable what an earlier life left without it', async () => {
    const path = fresh();
    const copyFolder = join(path, '.durable');
    const careless = new InUse(path, { copy: DurableCopy.open(copyFolder, path), bugs: ['skip-folder-sync'] });
    await careless.accept(3);
    await careless.snapshot();
    await careless.accept(2);
    const next = frozen(path);
    new InUse(next, { copy: DurableCopy.open(join(next, '.durable'), next) });
    expect(held(join(next, '.durable'))).toEqual({ snapshots: [1], pieces: [0, 1] });
    expect(new InUse(join(next, '.durable')).slots().length).toBe(5);
  });

  it('counts for what had come to the folder when it was begun', () => {
    const path = fresh();
    const copyFolder = join(path, '.durable');
    const copy = DurableCopy.open(copyFolder, path);
    writeFileSync(join(path, pieceName(1)), 'durable, and not');
    copy.newPiece(1);
    copy.moreLog(Buffer.from('durable'));
    const done = copy.folderSync();
    writeFileSync(join(path, snapshotName(1)), 'state');
    copy.renamed(snapshotName(1));
    expect(held(copyFolder)).toEqual({ snapshots: [], pieces: [0] });
    done();
    expect(held(copyFolder)).toEqual({ snapshots: [], pieces: [0, 1] });
    copy.moreLog(Buffer.from(', more'));
    expect(readFileSync(join(copyFolder, pieceName(1)), 'utf8')).toBe('durable, more');
    copy.remove(pieceName(0));
    expect(held(copyFolder).pieces).toEqual([0, 1]);
    copy.folderSync()();
    expect(held(copyFolder)).toEqual({ snapshots: [1], pieces: [1] });
    copy.close();
  });
});

describe('careless starts', () => {
  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  };

  it('with wal-truncate-on-bad-crc go on with what lies before the damage: what was acknowledged after it is forgotten', async () => {
    const disk = new InUse(fresh());
    await disk.accept(5);
    const path = frozen(disk.folder);
    // In the second of five records of the same size.
    const piece = join(path, pieceName(0));
    flip(piece, Math.round(readFileSync(piece).length * 0.3));
    expect(() => new InUse(frozen(path))).toThrow(/is corrupt/);
    const careless = new InUse(path, { bugs: ['wal-truncate-on-bad-crc'] });
    expect(careless.slots()).toEqual([1]);
    await careless.accept(1);
    expect(new InUse(frozen(path), { bugs: ['wal-truncate-on-bad-crc'] }).slots()).toEqual([1, 2]);
  });

  it('with wal-no-crc take a changed bit for what was written', async () => {
    const disk = new InUse(fresh());
    await disk.accept(3);
    const path = frozen(disk.folder);
    const at = readFileSync(join(path, pieceName(0))).indexOf('"upTo":3') + 7;
    flip(join(path, pieceName(0)), at);
    expect(new InUse(path, { bugs: ['wal-no-crc'] }).slots()).toEqual([1, 2]);
  });
});

it('a data folder with a log in pieces is one that has its log', async () => {
  const path = await withSnapshots();
  openDataFolder(tools, path, 'c', 1).release();
  for (const piece of held(path).pieces) rmSync(join(path, pieceName(piece)));
  expect(() => openDataFolder(tools, path, 'c', 1)).toThrow(/has lost its log/);
});
