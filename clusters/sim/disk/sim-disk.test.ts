import { describe, expect, it } from 'vitest';
import type { DiskModel } from './index.js';
import { Computer, FOLDER } from './testing/computer.js';

/** What a power cut leaves, by many seeds. */
function outcomes(prepare: (computer: Computer) => void, seen: (computer: Computer) => string, model: Partial<DiskModel> = {}): ReadonlySet<string> {
  return new Set(Array.from({ length: 200 }, (_, seed) => {
    const computer = new Computer(seed, model);
    prepare(computer);
    computer.cut(seed);
    return seen(computer);
  }));
}

describe('a power cut', () => {
  const names = (computer: Computer): string => computer.files.list(FOLDER).join();

  it('leaves of what was appended nothing, all, a part that ends anywhere, or zeros', () => {
    const append = (computer: Computer): void => {
      computer.durable({ a: '12' });
      computer.files.open('/data/a', 'a').write(Buffer.from('34'));
    };
    expect([...outcomes(append, (computer) => computer.text('a'), { zeros: 0 })].sort()).toEqual(['12', '123', '1234']);
    expect([...outcomes(append, (computer) => computer.text('a'), { torn: 0, zeros: 1 })].sort()).toEqual(['12\0', '12\0\0', '1234']);
  });

  it('leaves what was overwritten within a sector old or new, and something between if that got there by itself', () => {
    const overwrite = (computer: Computer): void => {
      computer.durable({ a: 'one' });
      const file = computer.files.open('/data/a', 'r+');
      for (const text of ['two', 'six']) file.write(Buffer.from(text), 0);
    };
    expect([...outcomes(overwrite, (computer) => computer.text('a'), { writeBack: 0 })].sort()).toEqual(['one', 'six']);
    expect([...outcomes(overwrite, (computer) => computer.text('a'), { writeBack: 0.5 })].sort()).toEqual(['one', 'six', 'two']);
  });

  it('tears what is longer than a sector between sectors', () => {
    const overwrite = (computer: Computer): void => {
      computer.durable({ a: 'o'.repeat(1600) });
      computer.files.open('/data/a', 'r+').write(Buffer.from('n'.repeat(1400)), 100);
    };
    const ends = outcomes(overwrite, (computer) => String(computer.text('a').lastIndexOf('n')));
    expect([...ends].map(Number).sort((a, b) => a - b)).toEqual([-1, 511, 1023, 1499]);
  });

  it('undoes what happened to names since the folder was synced, the last first, whatever was synced of the content', () => {
    const prepare = (computer: Computer): void => {
      computer.durable({ a: 'old', b: '' });
      computer.put('new', 'content').sync();
      computer.files.rename('/data/new', '/data/a');
      computer.files.remove('/data/b');
    };
    expect([...outcomes(prepare, (computer) => `${names(computer)}: ${computer.text('a')}`)].sort()).toEqual(['a,b,new: old', 'a,b: content', 'a,b: old', 'a: content']);
  });

  it('leaves a file that was renamed before its content was synced without it, or with a part', () => {
    const prepare = (computer: Computer): void => {
      computer.durable({ a: 'old' });
      computer.put('new', 'xy');
      computer.files.rename('/data/new', '/data/a');
      computer.files.syncFolder(FOLDER);
    };
    expect([...outcomes(prepare, (computer) => computer.text('a'), { zeros: 0 })].sort()).toEqual(['', 'x', 'xy']);
  });

  it('leaves what a sync was under way for when the file was cut, and what was added meanwhile or not', async () => {
    const [cut, added] = [new Set<string>(), new Set<string>()];
    for (let seed = 0; seed < 50; seed++) {
      const computer = new Computer(seed, { zeros: 0 });
      computer.durable({ a: 'old', b: '' });
      const [a, b] = [computer.files.open('/data/a', 'r+'), computer.files.open('/data/b', 'a')];
      a.write(Buffer.from('new'), 0);
      b.write(Buffer.from('1'));
      const synced = Promise.all([a.syncLater(), b.syncLater()]);
      a.truncate(1);
      b.write(Buffer.from('2'));
      await computer.machine.outcome(synced);
      computer.cut(seed);
      cut.add(computer.text('a'));
      added.add(computer.text('b'));
    }
    expect([...cut].sort()).toEqual(['n', 'new']);
    expect([...added].sort()).toEqual(['1', '12']);
  });

  it('in the middle of a durable append leaves a part of it that was written, and all of it when it was done', async () => {
    const left = new Map<string, Set<string>>([['killed', new Set()], ['cut', new Set()], ['done', new Set()]]);
    for (let seed = 0; seed < 300; seed++) {
      const computer = new Computer(seed, { zeros: 0, writeMs: [4, 4], syncMs: [4, 4] });
      const { machine } = computer;
      computer.durable({ a: '1' });
      let done = false;
      computer.files.open('/data/a', 'a').appendDurably(Buffer.from('234'), (error, written) => {
        expect([error, written]).toEqual([undefined, 3]);
        done = true;
      });
      machine.after((seed % 5) * 2 + 1, () => (seed % 3 === 0 ? computer.restart() : computer.cut(seed)));
      await machine.run();
      expect(done).toBe(seed % 5 === 4);
      const text = computer.text('a');
      left.get(done ? 'done' : seed % 3 === 0 ? 'killed' : 'cut')?.add(`${seed % 5 < 2 ? 'while it was written' : 'afterwards'}: ${text}`);
    }
    const parts = ['1', '12', '123', '1234'].map((text) => `while it was written: ${text}`);
    expect([...(left.get('done') ?? [])]).toEqual(['afterwards: 1234']);
    expect([...(left.get('killed') ?? [])].sort()).toEqual(['afterwards: 1234', ...parts]);
    expect([...(left.get('cut') ?? [])].sort()).toEqual([...parts.map((each) => each.replace('while it was written', 'afterwards')), ...parts]);
  });

  it('says what was lost', () => {
    const computer = new Computer(1, { torn: 0, zeros: 0 });
    expect(computer.cut(1)).toBe('lost nothing: all of it was durable');
    const words = new Set(Array.from({ length: 50 }, (_, seed) => {
      computer.files.remove('/data/c');
      computer.durable({ a: '', b: '' });
      for (const each of ['a', 'b']) computer.files.open(`/data/${each}`, 'a').write(Buffer.from('12345'));
      computer.put('c', '').close();
      return computer.cut(seed);
    }));
    expect([...words].sort()).toEqual([
      'lost 10 of the 10 bytes that were not durable (a, b)',
      'lost 10 of the 10 bytes that were not durable (a, b), and what had been done to names (c)',
      'lost 5 of the 10 bytes that were not durable (a)',
      'lost 5 of the 10 bytes that were not durable (a), and what had been done to names (c)',
      'lost 5 of the 10 bytes that were not durable (b)',
      'lost 5 of the 10 bytes that were not durable (b), and what had been done to names (c)',
      'lost nothing: what was not durable had got there all the same',
      'lost what had been done to names (c)',
    ]);
  });

  it('gives the same for the same seed', () => {
    const left = (): readonly string[] => Array.from({ length: 30 }, (_, seed) => {
      const computer = new Computer(seed);
      computer.durable({ a: '' });
      computer.files.open('/data/a', 'a').write(Buffer.alloc(1000, 'x'));
      return `${computer.cut(seed)} ${computer.text('a').length}`;
    });
    expect(left()).toEqual(left());
    expect(new Set(left()).size).toBeGreaterThan(10);
  });
});

describe('a life of a program', () => {
  it('is told of what it does later when that is done, in virtual time', async () => {
    const computer = new Computer(1, { writeMs: [2, 3], syncMs: [10, 20], nameMs: [4, 5] });
    const { machine, files } = computer;
    const file = files.open('/data/a', 'a');
    const took = async (promise: Promise<unknown>): Promise<number> => {
      const began = machine.now;
      await machine.outcome(promise);
      return machine.now - began;
    };
    for (let i = 0; i < 20; i++) {
      const spans = [await took(file.writeLater(Buffer.from('x'), 0)), await took(file.syncLater()), await took(files.syncFolderLater(FOLDER)), await took(files.renameLater('/data/a', '/data/b')), await took(files.removeLater('/data/c'))];
      for (const [at, [least, most]] of [[2, 3], [10, 20], [10, 20], [4, 5], [4, 5]].entries()) {
        expect(spans[at]).toBeGreaterThanOrEqual(least as number);
        expect(spans[at]).toBeLessThanOrEqual(most as number);
      }
      files.rename('/data/b', '/data/a');
    }
  });

  it('leaves at its end a part of what it was writing, and nothing of it comes later; of what it was renaming all or nothing', async () => {
    const left = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const computer = new Computer(seed);
      computer.durable({ a: '' });
      let told = false;
      const tell = (): void => void (told = true);
      void computer.files.open('/data/a', 'a').writeLater(Buffer.from('xy'), 0).then(tell);
      void computer.files.renameLater('/data/a', '/data/b').then(tell);
      computer.restart();
      const [found] = [...computer.content()].map(([each, content]) => `${each} ${content.toString()}`);
      left.add(found ?? '');
      await computer.machine.run();
      expect([...computer.content()].map(([each, content]) => `${each} ${content.toString()}`)).toEqual([found]);
      expect(told).toBe(false);
    }
    expect([...left].sort()).toEqual(['a ', 'a x', 'a xy', 'b ', 'b x', 'b xy']);
  });

  it('has no effect once it is over', async () => {
    const computer = new Computer(1);
    computer.durable({ a: 'x' });
    const { files } = computer;
    const file = files.open('/data/a', 'r+');
    computer.restart();
    file.write(Buffer.from('y'), 0);
    file.truncate(0);
    file.sync();
    files.rename('/data/a', '/data/b');
    files.remove('/data/a');
    files.open('/data/c', 'ax').write(Buffer.from('y'));
    void file.writeLater(Buffer.from('y'), 0).then(() => expect.unreachable());
    await computer.machine.run();
    expect(computer.content()).toEqual(new Map([['a', Buffer.from('x')]]));
  });

  it('is told after a pause of what was done meanwhile', async () => {
    const computer = new Computer(1);
    computer.durable({ a: '' });
    let told = false;
    void computer.files.open('/data/a', 'a').writeLater(Buffer.from('x'), 0).then(() => (told = true));
    computer.life.pause();
    await computer.machine.run();
    expect([computer.text('a'), told]).toEqual(['x', false]);
    computer.life.resume();
    await computer.machine.outcome(Promise.resolve());
    expect(told).toBe(true);
  });

  it('is refused what a file system refuses', () => {
    const { files } = new Computer(1);
    files.makeFolder('/data/sub/deep');
    files.open('/data/a', 'a').close();
    const closed = files.open('/data/a', 'a');
    closed.close();
    expect(() => files.open('/data/a', 'ax')).toThrow(/^EEXIST: file already exists, open '\/data\/a'$/);
    expect(() => files.read('/data/b')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => files.open('/none/b', 'w')).toThrow(/ENOENT/);
    expect(() => files.list('/data/a')).toThrow(/ENOTDIR/);
    expect(() => files.size('/data/sub')).toThrow(/EISDIR/);
    expect(() => files.rename('/data/a', '/data/sub/a')).toThrow(/EXDEV/);
    expect(() => files.remove('/data/sub')).toThrow(/EISDIR/);
    expect(() => closed.sync()).toThrow(/EBADF/);
    expect([files.exists('/data/sub/deep'), files.exists('/data/none')]).toEqual([true, false]);
  });
});
