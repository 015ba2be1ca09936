import { readFileSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { SERVER_EXIT, ServerError } from './failure.js';

/** How often a lock may change its holder before whoever wants it gives up. */
const ATTEMPTS = 10;

/** Who holds a lock, or wants it. */
export interface Holder {
  /** Of this life of this process, and of no other: may stand in the name of a file. */
  readonly name: string;
  /** Whether another holder still runs, by its name. */
  isAlive(other: string): boolean;
}

/** This process, by its number and, where there is /proc, by when it was started: the number alone goes to somebody else in time. In a container it is the same in every life. */
export const thisProcess: Holder = { name: nameOf(process.pid, startOf(process.pid)?.time), isAlive };

/**
 * Takes a lock, and gives what releases it: a symbolic link whose target names the holder. It is made in one step, and left behind harmlessly by a killed process.
 *
 * A stale link is never removed, since what is removed may by then be another's: of two that find the same stale holder X the slower would take the place of the quicker. It is replaced by
 * the one that holds the lock beside it which has the name of X: under that, nobody else replaces X, and X itself is dead. So `lock` is looked at again, and if it still names X it is
 * replaced by one rename, which is also the end of the lock beside it. That one may be stale as well, and is taken in the same way. Throws ServerError: somebody holds it, or it cannot be made.
 */
export function lock(path: string, self: Holder = thisProcess): () => void {
  acquire(path, self, path);
  return () => unlinkQuietly(path);
}

function acquire(path: string, self: Holder, wanted: string): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (make(path, self)) return;
    const holder = holderOf(path);
    if (holder === self.name) return;
    if (holder === undefined) continue;
    if (self.isAlive(holder)) throw new ServerError(SERVER_EXIT.config, `${wanted}: process ${holder.split('-')[0]} uses this data folder. Stop it, or give --data another folder.`);
    const beside = `${path}.${holder}`;
    acquire(beside, self, wanted);
    if (holderOf(path) === holder) return renameSync(beside, path);
    unlinkQuietly(beside);
  }
  throw new ServerError(SERVER_EXIT.io, `cannot lock ${wanted}: another process is starting on it`);
}

/** False: there is one. */
function make(path: string, self: Holder): boolean {
  try {
    symlinkSync(self.name, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new ServerError(SERVER_EXIT.io, `cannot lock ${path}: ${(error as Error).message}`);
  }
}

function holderOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ServerError(SERVER_EXIT.io, `cannot read the lock ${path}: ${(error as Error).message}`);
  }
}

function nameOf(pid: number, start: string | undefined): string {
  return start === undefined ? String(pid) : `${pid}-${start}`;
}

function isAlive(other: string): boolean {
  const [pid, start] = other.split('-');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(Number(pid));
  // Nothing can be said about it: it is there.
  if (now === undefined || start === undefined) return true;
  // One that has ended and that nobody has waited for yet still has its number.
  return now.time === start && now.state !== 'Z' && now.state !== 'X';
}

/** When a process was started, in ticks since the machine was (field 22 of /proc/PID/stat), and its state. The name of the program, in brackets before, may hold anything. */
function startOf(pid: number): { readonly time: string; readonly state: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, time: rest[18] ?? '' };
  } catch {
    return undefined;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already.
  }
}
