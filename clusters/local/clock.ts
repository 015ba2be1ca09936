import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock, Support } from '../../src/index.js';
import { faketimeEnvironment, faketimeText } from '../shared/faketime.js';
import { SteppedClock } from '../shared/stepped-clock.js';

/** How often a drifting clock is set anew, milliseconds: it moves in steps of this times the rate's excess. */
const DRIFT_STEP_MS = 10;

const LIBRARY = 'libfaketimeMT.so.1';

/** Where libfaketime is on this machine, or undefined. */
export function findFaketime(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime')) : [];
  return folders.map((folder) => join(folder, LIBRARY)).find((path) => existsSync(path));
}

/** Whether programs on this machine can be given a clock of their own. */
export function clockSupport(): Support {
  if (process.platform !== 'linux') return { ok: false, why: `libfaketime is not used on ${process.platform}` };
  if (existsSync('/lib') && readdirSync('/lib').some((name) => name.startsWith('ld-musl'))) return { ok: false, why: 'libfaketime does not work with musl' };
  const library = findFaketime();
  return library === undefined ? { ok: false, why: 'libfaketime is not installed', remedy: 'apt-get install libfaketime' } : { ok: true, by: `libfaketime at ${library}` };
}

/** The wall clock that a node's programs see; it holds over restarts. */
export class NodeClock extends SteppedClock {
  readonly environment: Readonly<Record<string, string>>;

  constructor(file: string, library: string, clock: Clock) {
    super(clock, DRIFT_STEP_MS, async (offsetMs) => writeOffset(file, offsetMs));
    this.environment = faketimeEnvironment(library, file);
    writeOffset(file, 0);
  }
}

/** Renamed into place: a program never reads half a setting. */
function writeOffset(file: string, offsetMs: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${faketimeText({ offsetMs })}\n`);
  renameSync(`${file}.new`, file);
}

/** Where shared memory is seen as files (shm_overview(7)). */
const SHARED_MEMORY = '/dev/shm';

/** What libfaketime has in shared memory for a process, and for those that it started and that have its environment; of one that was killed it stays. */
export function faketimeLeftovers(pid: number): readonly string[] {
  return [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`].map((name) => join(SHARED_MEMORY, name)).filter((path) => existsSync(path));
}

/** Removes that of a process that is gone. */
export function forgetFaketime(pid: number): void {
  for (const path of faketimeLeftovers(pid)) rmSync(path, { force: true });
}
