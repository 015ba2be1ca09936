import { describe, expect, it } from 'vitest';
import { Random, type DiskFault } from '../../../src/index.js';
import { Computer, FOLDER } from './testing/computer.js';

async function content({ disk: { outside } }: Computer): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(await Promise.all((await outside.list()).map(async ({ path, bytes }) => {
    const text = (await outside.read(path)).toString();
    expect(text.length).toBe(bytes);
    return [path, text] as const;
  })));
}

function withFiles(files: Readonly<Record<string, string>>, seed = 1): Computer {
  const computer = new Computer(seed);
  for (const [path, text] of Object.entries(files)) {
    computer.files.makeFolder(`${FOLDER}/${path}`.slice(0, `${FOLDER}/${path}`.lastIndexOf('/')));
    computer.put(path, text);
  }
  return computer;
}

describe('the data folder of a simulated disk', () => {
  it('is listed, patched, cut and moved about, which a power cut does not undo', async () => {
    const computer = withFiles({ 'b/c': 'hello', a: 'x', '.copy/a': 'old' });
    const { outside } = computer.disk;
    expect((await outside.list()).map(({ path }) => path)).toEqual(['.copy/a', 'a', 'b/c']);
    await outside.patch('b/c', 1, Buffer.from('E'));
    await outside.patch('a', 1, Buffer.from('yz'));
    await outside.truncate('b/c', 3);
    await outside.rename('a', '.lost/deep/a');
    expect(await content(computer)).toEqual({ '.copy/a': 'old', '.lost/deep/a': 'xyz', 'b/c': 'hEl' });
    await expect(outside.rename('.lost/deep', 'b')).rejects.toMatchObject({ code: 'disk', message: "n1: cannot move .lost/deep: ENOTEMPTY: directory not empty, rename 'b'" });
    computer.cut(1);
    expect(await content(computer)).toMatchObject({ '.lost/deep/a': 'xyz' });
  });

  it('is replaced by another folder, but for what is to be kept', async () => {
    const computer = withFiles({ a: 'new', 'b/c': 'new', '.copy/a': 'old', '.copy/d/e': 'old' });
    const { outside } = computer.disk;
    await outside.replace('.copy', '.', ['.copy']);
    expect(await content(computer)).toEqual({ '.copy/a': 'old', '.copy/d/e': 'old', a: 'old', 'd/e': 'old' });
    // They are copies.
    await outside.patch('a', 0, Buffer.from('A'));
    expect(await content(computer)).toMatchObject({ '.copy/a': 'old', a: 'Ald' });
    computer.cut(1);
    expect(await content(computer)).toMatchObject({ a: 'Ald', 'd/e': 'old' });
  });

  it('is left as it is by what cannot be done', async () => {
    const computer = withFiles({ a: 'x', 'b/c': 'y' });
    const { outside } = computer.disk;
    for (const path of ['..', '../x', 'b/../../x', '/data/a']) await expect(outside.read(path)).rejects.toMatchObject({ code: 'bad-path' });
    for (const wrong of [outside.read('none'), outside.patch('none', 0, Buffer.from('x')), outside.truncate('b', 0), outside.rename('none', 'd'), outside.rename('b', 'b/d'), outside.replace('none', '.', [])]) {
      await expect(wrong).rejects.toMatchObject({ code: 'disk' });
    }
    expect(await content(computer)).toEqual({ a: 'x', 'b/c': 'y' });
  });

  it('is gone when the disk is wiped, for good', async () => {
    const computer = withFiles({ a: 'x' });
    computer.disk.wipe();
    computer.cut(1);
    expect(await content(computer)).toEqual({});
    expect(computer.files.exists(FOLDER)).toBe(false);
  });
});

/** Ends a fault, twice. */
async function ended(fault: DiskFault): Promise<unknown> {
  const end = await fault.end();
  expect(await fault.end()).toEqual(end);
  expect(fault.by).toBe('simulated disk');
  return end;
}

describe('a full disk', () => {
  it('takes no new files and no more bytes than a few, until there is space again', async () => {
    const computer = withFiles({ a: 'x' });
    const { disk, files, machine } = computer;
    const fault = await disk.outside.fill();
    expect(() => files.open('/data/b', 'w')).toThrow(/^ENOSPC: no space left on device, open '\/data\/b'$/);
    const file = files.open('/data/a', 'a');
    const large = Buffer.alloc(10_000, 'y');
    const written = await machine.outcome(file.writeLater(large, 0));
    expect(written).toBeLessThan(4096);
    expect(computer.text('a')).toBe(`x${'y'.repeat(written)}`);
    await expect(machine.outcome(file.writeLater(large, written))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(() => file.write(large)).toThrow(/ENOSPC/);
    // What is written over needs none.
    files.open('/data/a', 'r+').write(Buffer.from('z'), 0);
    expect(await ended(fault)).toEqual({ observed: true, evidence: '4 times there was no space for what was to be written' });
    expect(await machine.outcome(file.writeLater(large, written))).toBe(10_000 - written);
    expect(computer.text('a')).toBe(`z${'y'.repeat(10_000)}`);
  });

  it('has as much space again as what is removed took', async () => {
    const computer = withFiles({ a: 'x', old: 'o'.repeat(20_000) });
    await computer.disk.outside.fill();
    const file = computer.files.open('/data/a', 'a');
    expect(() => file.write(Buffer.alloc(19_000))).toThrow(/ENOSPC/);
    computer.files.remove('/data/old');
    file.write(Buffer.alloc(19_000));
  });

  it('need not be noticed', async () => {
    expect(await ended(await new Computer(1).disk.outside.fill())).toMatchObject({ observed: false });
  });
});

describe('a slow disk', () => {
  it('takes longer for every sync that is not waited for on the spot', async () => {
    const { machine, files, disk } = withFiles({ a: 'x' });
    const file = files.open('/data/a', 'a');
    const fault = await disk.outside.slow(500);
    const began = machine.now;
    await machine.outcome(file.syncLater());
    expect(machine.now - began).toBeGreaterThan(500);
    await machine.outcome(files.syncFolderLater(FOLDER));
    expect(machine.now - began).toBeGreaterThan(1000);
    expect(await ended(fault)).toEqual({ observed: true, evidence: '2 calls of fsync took 500 ms longer' });
    const after = machine.now;
    await machine.outcome(file.syncLater());
    expect(machine.now - after).toBeLessThan(500);
  });

  it('that stalls lets no sync return before it ends; what was to be synced is not durable', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const computer = withFiles({}, seed);
      const { machine, files, disk } = computer;
      computer.durable({ a: '' });
      const file = files.open('/data/a', 'a');
      file.write(Buffer.from('x'));
      const [stall, other] = [await disk.outside.slow(Infinity), await disk.outside.slow(Infinity)];
      let done = false;
      const sync = file.syncLater().then(() => (done = true));
      await machine.run();
      await stall.end();
      await machine.run();
      expect(done).toBe(false);
      if (seed % 2 === 0) {
        expect(await ended(other)).toEqual({ observed: true, evidence: '1 call of fsync did not return' });
        await machine.outcome(sync);
      } else computer.cut(seed);
      await other.end();
      await machine.run();
      expect(done).toBe(seed % 2 === 0);
    }
  });
});

describe('a disk that fails to sync', () => {
  it('says so; what it did not write is read as if it were there, no later sync writes it, and who writes it again has it', async () => {
    const left = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const computer = withFiles({}, seed);
      const { machine, files, disk } = computer;
      computer.durable({ a: '12', b: '12' });
      const fault = await disk.outside.failSync();
      for (const name of ['a', 'b']) {
        const file = files.open(`/data/${name}`, 'a');
        file.write(Buffer.from('34'));
        if (seed % 2 === 0) await expect(machine.outcome(file.syncLater())).rejects.toMatchObject({ code: 'EIO' });
        else expect(() => file.sync()).toThrow(/^EIO: i\/o error, fsync$/);
      }
      expect(() => files.syncFolder(FOLDER)).toThrow(/EIO/);
      expect(await ended(fault)).toEqual({ observed: true, evidence: '3 calls of fsync failed with EIO' });
      files.open('/data/a', 'a').sync();
      const again = files.open('/data/b', 'r+');
      again.write(Buffer.from('34'), 2);
      again.sync();
      expect([computer.text('a'), computer.text('b')]).toEqual(['1234', '1234']);
      disk.powerCut(Random.fromSeed(seed));
      computer.restart();
      left.add(computer.text('a').replaceAll('\0', '0'));
      expect(computer.text('b')).toBe('1234');
    }
    expect([...left].sort()).toEqual(expect.arrayContaining(['12', '123', '1234']));
  });
});
