import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { OpenFile } from '../../../src/index.js';
import { Computer, FOLDER } from './testing/computer.js';
import { ReferenceDisk } from './testing/reference.js';

const NAMES = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...NAMES);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((each) => Buffer.from(each));
/** On the spot, later but waited for, or later while more is done. */
const how = fc.constantFrom('now', 'later', 'meanwhile');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), name, bytes, how: fc.constantFrom('now', 'later', 'durably') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('patch' as const), name, bytes, at: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), name, length: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('empty' as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('sync' as const), name, how }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), name, to: name, later: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name, later: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sync-folder' as const), how }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), seed: fc.nat() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does a step on the disk and on the reference. */
async function perform(computer: Computer, reference: ReferenceDisk, todo: Step): Promise<void> {
  const { files, machine } = computer;
  const path = 'name' in todo ? `${FOLDER}/${todo.name}` : FOLDER;
  const before = 'name' in todo ? reference.content(todo.name) : undefined;
  const opened = async (mode: 'a' | 'r+' | 'w', work: (file: OpenFile) => Promise<unknown> | void): Promise<void> => {
    const file = files.open(path, mode);
    const done = work(file);
    if (done !== undefined) await machine.outcome(done);
    file.close();
  };
  switch (todo.do) {
    case 'append':
      reference.make(todo.name);
      reference.set(todo.name, Buffer.concat([before ?? Buffer.alloc(0), todo.bytes]));
      return opened('a', (file) => {
        if (todo.how === 'now') return file.write(todo.bytes);
        if (todo.how === 'later') return file.writeLater(Buffer.concat([Buffer.from('x'), todo.bytes]), 1);
        const done = reference.beginSync(todo.name);
        return new Promise<void>((resolve, reject) => file.appendDurably(todo.bytes, (error) => (error === undefined ? resolve() : reject(error)))).then(done);
      });
    case 'patch': {
      if (before === undefined) return expect(() => files.open(path, 'r+')).toThrow(/ENOENT/);
      const patched = Buffer.concat([before, Buffer.alloc(Math.max(0, todo.at + todo.bytes.length - before.length))]);
      todo.bytes.copy(patched, todo.at);
      reference.set(todo.name, patched);
      return opened('r+', (file) => file.write(todo.bytes, todo.at));
    }
    case 'truncate':
      if (before === undefined) return;
      reference.set(todo.name, Buffer.concat([before.subarray(0, todo.length), Buffer.alloc(Math.max(0, todo.length - before.length))]));
      return opened('r+', (file) => file.truncate(todo.length));
    case 'empty':
      reference.make(todo.name);
      reference.set(todo.name, Buffer.alloc(0));
      return opened('w', () => undefined);
    case 'sync': {
      if (before === undefined) return;
      const done = reference.beginSync(todo.name);
      return opened('r+', (file) => {
        if (todo.how === 'now') return void [file.sync(), done()];
        const synced = file.syncLater().then(done);
        return todo.how === 'later' ? synced : undefined;
      });
    }
    case 'rename':
      if (before === undefined) return expect(() => files.rename(path, `${FOLDER}/${todo.to}`)).toThrow(/ENOENT/);
      reference.rename(todo.name, todo.to);
      return todo.later ? machine.outcome(files.renameLater(path, `${FOLDER}/${todo.to}`)) : files.rename(path, `${FOLDER}/${todo.to}`);
    case 'remove':
      reference.remove(todo.name);
      return todo.later ? machine.outcome(files.removeLater(path)) : files.remove(path);
    case 'sync-folder': {
      const done = reference.beginFolderSync();
      if (todo.how === 'now') return void [files.syncFolder(FOLDER), done()];
      const synced = files.syncFolderLater(FOLDER).then(done);
      return todo.how === 'later' ? machine.outcome(synced) : undefined;
    }
    case 'kill':
      return computer.restart();
    case 'cut':
      computer.cut(todo.seed);
      return expect(reference.afterCut(computer.content())).toBeUndefined();
  }
}

it('a simulated disk reads what was written, also after a kill; a power cut leaves what was synced, and of the rest what a disk may', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (seed, steps) => {
      const computer = new Computer(seed, { zeros: 0.3, writeBack: 0.5, writeMs: [1, 20], nameMs: [1, 20], syncMs: [1, 20] });
      const reference = new ReferenceDisk();
      for (const todo of steps) {
        await perform(computer, reference, todo);
        expect(computer.content()).toEqual(new Map(NAMES.flatMap((each) => (reference.names.has(each) ? [[each, reference.content(each) as Buffer]] : []))));
      }
    }),
    { numRuns: 600 },
  );
});
