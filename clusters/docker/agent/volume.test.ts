import { execFileSync } from 'node:child_process';
import { chmod, lchown, lstat, mkdtemp, readFile, readlink, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Volume } from './volume.js';

describe('a node\'s volume', () => {
  let root: string;
  let volume: Volume;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'faultline-volume-'));
    volume = new Volume(root);
    await volume.prepare();
    await mkdir(join(root, 'data/log'));
    await writeFile(join(root, 'data/log/1'), 'hello world');
    await writeFile(join(root, 'data/vote'), 'x');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const text = async (path: string): Promise<string> => Buffer.from(await volume.read(path), 'base64').toString();

  test('lists regular files by path', async () => {
    expect(await volume.list()).toEqual([{ path: 'log/1', bytes: 11 }, { path: 'vote', bytes: 1 }]);
  });

  test('patches in place and beyond the end, and truncates', async () => {
    await volume.patch('log/1', 0, Buffer.from('J').toString('base64'));
    await volume.patch('log/1', 12, Buffer.from('!').toString('base64'));
    expect(await text('log/1')).toBe('Jello world\0!');
    await volume.truncate('log/1', 5);
    expect(await text('log/1')).toBe('Jello');
    await expect(volume.patch('none', 0, '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('renames, also into a folder that is not there', async () => {
    await volume.rename('log', 'old/log');
    expect((await volume.list()).map(({ path }) => path)).toEqual(['old/log/1', 'vote']);
  });

  test('replaces a folder but for what is kept', async () => {
    await mkdir(join(root, 'data/copy'));
    await writeFile(join(root, 'data/copy/stale'), 'a');
    await writeFile(join(root, 'data/copy/kept'), 'b');
    await volume.replace('log', 'copy', ['kept']);
    expect((await volume.list()).map(({ path }) => path)).toEqual(['copy/1', 'copy/kept', 'log/1', 'vote']);
    await volume.replace('log', '.', ['log']);
    expect((await volume.list()).map(({ path }) => path)).toEqual(['1', 'log/1']);
  });

  const owned = async (path: string): Promise<string> => {
    const { uid, gid, mode } = await lstat(join(root, 'data', path));
    return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
  };
  const stranger = process.getuid?.() === 0 ? test : test.skip;

  stranger(`gives back to its owner what it restores, moves aside and makes on the way${process.getuid?.() === 0 ? '' : ' (skipped: not root)'}`, async () => {
    await symlink('1', join(root, 'data/log/newest'));
    for (const [path, mode] of [['log', 0o2750], ['log/1', 0o600]] as const) {
      await lchown(join(root, 'data', path), 1234, 1235);
      await chmod(join(root, 'data', path), mode);
    }
    await lchown(join(root, 'data/log/newest'), 1234, 1235);
    await volume.rename('log', '.lost/deep/log');
    expect([await owned('.lost'), await owned('.lost/deep')]).toEqual(['1234:1235 755', '1234:1235 755']);
    await volume.replace('.lost/deep', '.', ['.lost']);
    expect([await owned('log'), await owned('log/1'), await readlink(join(root, 'data/log/newest'))]).toEqual(['1234:1235 2750', '1234:1235 600', '1']);
    expect((await lstat(join(root, 'data/log/newest'))).uid).toBe(1234);
    // What is copied into a folder that is kept, too.
    await volume.replace('log', '.lost/deep/log', ['1']);
    expect(await owned('.lost/deep/log/1')).toBe('1234:1235 600');
  });

  test('leaves out what holds no data', async () => {
    execFileSync('mkfifo', [join(root, 'data/log/pipe')]);
    await volume.replace('log', 'copy', []);
    expect((await volume.list()).map(({ path }) => path)).toEqual(['copy/1', 'log/1', 'vote']);
  });

  test.each(['../clock/rc', '/etc/passwd', 'log/../../x', '..'])('refuses %s', async (path) => {
    await expect(volume.read(path)).rejects.toMatchObject({ code: 'bad-path' });
    await expect(volume.rename('vote', path)).rejects.toMatchObject({ code: 'bad-path' });
    await expect(volume.replace('log', path, [])).rejects.toMatchObject({ code: 'bad-path' });
  });

  test('refuses a way out through a symbolic link', async () => {
    await symlink('/etc', join(root, 'data/out'));
    await expect(volume.read('out/hostname')).rejects.toMatchObject({ code: 'bad-path' });
  });

  test('replaces the clock\'s file in one step', async () => {
    for (const text of ['+0.250000', '-12345.678901', '+0', '+0.000000 x1.000001', '+0.5']) {
      await volume.setClock(text);
      expect(await readFile(join(root, 'clock/rc'), 'utf8')).toBe(text);
    }
  });
});
