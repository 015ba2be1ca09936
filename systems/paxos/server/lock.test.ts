import { spawn } from 'node:child_process';
import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lock, thisProcess } from './lock.js';

const folder = mkdtempSync(join(tmpdir(), 'faultline-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));
let locks = 0;
const fresh = (): string => join(folder, `lock${locks++}`);
const beside = (path: string): readonly string[] => readdirSync(folder).filter((name) => name.startsWith(`${path.slice(folder.length + 1)}.`));

/** Takes the lock under a name; whoever is alive according to the list, or `meanwhile` has something done, is believed to be. */
const take = (path: string, name: string, alive: readonly string[], meanwhile: (other: string) => void = () => undefined): (() => void) =>
  lock(path, { name, isAlive: (other) => (meanwhile(other), alive.includes(other)) });

describe('the lock of a folder', () => {
  it('is held by one, until it is released or its holder is dead', () => {
    const path = fresh();
    const release = take(path, '1-7', []);
    expect(() => take(path, '2-7', ['1-7'])).toThrow(/process 1 uses this data folder/);
    release();
    take(path, '2-7', ['1-7']);
    take(path, '3-7', []);
    expect([readlinkSync(path), beside(path)]).toEqual(['3-7', []]);
  });

  it('has one of two that find the same stale holder', () => {
    const path = fresh();
    symlinkSync('1-1', path);
    // The quicker has been through with it by the time the slower knows that the holder is dead.
    expect(() => take(path, '3-3', ['2-2'], (other) => other === '1-1' && take(path, '2-2', []))).toThrow(/process 2 uses/);
    expect([readlinkSync(path), beside(path)]).toEqual(['2-2', []]);
  });

  it('goes over from one that died while it took the lock over', () => {
    const path = fresh();
    symlinkSync('1-1', path);
    symlinkSync('2-2', `${path}.1-1`);
    expect(() => take(path, '3-3', ['2-2'])).toThrow(/process 2 uses/);
    symlinkSync('3-3', `${path}.1-1.2-2`);
    take(path, '4-4', []);
    expect([readlinkSync(path), beside(path)]).toEqual(['4-4', []]);
  });

  it('has one holder at most, whoever comes in while others look who is alive, and whoever dies there', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ come: fc.nat(2), dies: fc.boolean() }), { maxLength: 12 }), (looks) => {
        const path = fresh();
        symlinkSync('1-1', path);
        const holders = new Set<string>();
        const alive = new Set<string>();
        let [names, at] = [1, 0];
        const come = (): void => {
          const name = `${++names}-1`;
          alive.add(name);
          const isAlive = (other: string): boolean => {
            const { come: more, dies } = looks[at++] ?? { come: 0, dies: false };
            const was = alive.has(other);
            for (let i = 0; i < more && names < 12; i++) come();
            if (dies) {
              alive.delete(name);
              throw new Error('dies here');
            }
            return was;
          };
          try {
            lock(path, { name, isAlive });
            holders.add(name);
          } catch {
            alive.delete(name);
          }
          expect([...holders].filter((holder) => alive.has(holder)).length).toBeLessThanOrEqual(1);
        };
        for (let i = 0; i < 3; i++) come();
        looks.length = 0;
        come();
        expect([...holders].filter((holder) => alive.has(holder)).length).toBe(1);
        expect([alive.has(readlinkSync(path)), beside(path)]).toEqual([true, []]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a process that holds a lock', () => {
  const startTime = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';

  it.skipIf(process.platform !== 'linux')('is known by its start: not whatever it is called, and not another that has its number now', () => {
    const other = spawn('sleep', ['60']);
    const pid = other.pid ?? 0;
    const path = fresh();
    symlinkSync(`${pid}-${startTime(pid)}`, path);
    expect(() => lock(path)).toThrow(new RegExp(`process ${pid} uses this data folder`));
    rmSync(path);
    symlinkSync(`${pid}-1`, path);
    lock(path);
    expect(readlinkSync(path)).toBe(`${process.pid}-${startTime(process.pid)}`);
    other.kill('SIGKILL');
  });

  it.skipIf(process.platform !== 'linux')('is dead when it has ended, whether or not anybody has taken note', async () => {
    // The shell becomes a program that does not wait for its child.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
    const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)));
    const name = `${pid}-${startTime(pid)}`;
    expect(thisProcess.isAlive(name)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect(thisProcess.isAlive(name)).toBe(false);
    parent.kill('SIGKILL');
  });
});
