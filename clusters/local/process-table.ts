import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What the operating system says of a process. */
export interface ProcessInfo {
  readonly pid: number;
  /** Process group. */
  readonly pgid: number;
  /** `stopped` by a signal; `dead` and not yet reaped by its parent. */
  readonly state: 'alive' | 'stopped' | 'dead';
  /** When it was started, in the machine's own terms: with the pid it names a process for ever. */
  readonly startTicks: string;
}

const onLinux = process.platform === 'linux';

/** A process by its id, or undefined if there is none. */
export function findProcess(pid: number): ProcessInfo | undefined {
  return onLinux ? readStat(pid) : listWithPs(['-p', String(pid)])[0];
}

/** All processes that can be seen. */
export function listProcesses(): readonly ProcessInfo[] {
  if (!onLinux) return listWithPs(['-A']);
  return readdirSync('/proc').flatMap((name) => {
    const info = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    return info === undefined ? [] : [info];
  });
}

/** The living processes of a group. */
export function groupMembers(pgid: number): readonly ProcessInfo[] {
  return listProcesses().filter((info) => info.pgid === pgid && info.state !== 'dead');
}

/** A variable of a process's environment as it was started; undefined if it has none, is gone, or is not ours to read. */
export function environmentOf(pid: number, name: string): string | undefined {
  const prefix = `${name}=`;
  return environment(pid)
    .find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length);
}

/** What a process was started as, for messages. */
export function commandOf(pid: number): string {
  try {
    return onLinux ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim() : ps(['-o', 'command=', '-p', String(pid)]).trim();
  } catch {
    return '';
  }
}

/** Sends a signal to a process group; says whether anyone was there to get it. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  return send(-pgid, signal);
}

/** Sends a signal to one process; says whether it was there to get it. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return send(pid, signal);
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    // macOS says EPERM of a group of which only the dead are left.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Fields of /proc/<pid>/stat (proc(5)): after the command in parentheses, which may hold anything, the state is the third. */
function readStat(pid: number): ProcessInfo | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, pgid: Number(fields[2]), state: stateOf(fields[0] ?? ''), startTicks: fields[19] ?? '' };
}

function stateOf(letter: string): ProcessInfo['state'] {
  if (/^[Tt]/.test(letter)) return 'stopped';
  return /^[ZXx]/.test(letter) ? 'dead' : 'alive';
}

function environment(pid: number): readonly string[] {
  try {
    return onLinux ? readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0') : ps(['-E', '-ww', '-o', 'command=', '-p', String(pid)]).split(/\s+/);
  } catch {
    return [];
  }
}

/** Where there is no /proc (macOS, BSD). */
function listWithPs(selection: readonly string[]): readonly ProcessInfo[] {
  const line = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/;
  return ps(['-o', 'pid=,pgid=,stat=,lstart=', ...selection])
    .split('\n')
    .flatMap((text) => {
      const [, pid, pgid, state = '', started = ''] = line.exec(text) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), pgid: Number(pgid), state: stateOf(state), startTicks: started.replaceAll(/\s+/g, '-') }];
    });
}

/** ps gives no lines and an error if nothing was found. */
function ps(args: readonly string[]): string {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
