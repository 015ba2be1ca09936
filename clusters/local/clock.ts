import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NS_PER_MS, type Clock, type ClockSetting, type Support } from '../../src/index.js';
import { faketimeEnvironment, faketimeText } from '../shared/faketime.js';

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

/**
 * The wall clock that a node's programs see; it holds over restarts. A rate is made of many small offsets, by a timer, until the clock is set again or closed:
 * a process that has once read a rate keeps it when it reads an offset (libfaketime 0.9.10, measured), an offset means the same to every process.
 */
export class NodeClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;
  readonly #clock: Clock;
  #offsetMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, library: string, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.environment = faketimeEnvironment(library, file);
  }

  /** See Node.setClock. */
  set(setting: ClockSetting): void {
    this.close();
    if ('offsetMs' in setting) {
      this.#write(setting.offsetMs);
      return;
    }
    const [fromMs, sinceNs] = [this.#offsetMs, this.#clock.now()];
    this.#timer = setInterval(() => this.#write(fromMs + ((setting.rate - 1) * (this.#clock.now() - sinceNs)) / NS_PER_MS), DRIFT_STEP_MS).unref();
  }

  /** Ends the drift. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Renamed into place: a program never reads half a setting. */
  #write(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, `${faketimeText({ offsetMs })}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
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
