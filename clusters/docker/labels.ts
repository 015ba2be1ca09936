import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Labels of everything that is made on an engine for a run. */
export const LABEL = {
  run: 'faultline.run',
  node: 'faultline.node',
  /** `holder` or `program`, `exec`, `network`, `volume`. */
  role: 'faultline.role',
  /** Whose it is: see `controllerName`. */
  controller: 'faultline.controller',
} as const;

export type Role = 'holder' | 'program' | 'exec' | 'network' | 'volume';

const HIDDEN = 'hidden';

/** The labels of something of a run. */
export function labelsOf(runId: string, role: Role, node?: string): Record<string, string> {
  return { [LABEL.run]: runId, [LABEL.role]: role, [LABEL.controller]: controllerName(), ...(node === undefined ? {} : { [LABEL.node]: node }) };
}

/** This process, for ever: host, boot, process id and its start, and whose process ids those are. Ids are used again, ids with their start are not. */
export function controllerName(): string {
  return [hostname(), bootId(), process.pid, startOf(process.pid) ?? '0', namespaceOfIds()].join(' ');
}

/** Whether the controller that a label names lives; undefined: it is (or was) on another host or in another container, and nobody here can tell. */
export function controllerLives(name: string): boolean | undefined {
  const [host, boot, pid, start, ids] = name.split(' ');
  if (host !== hostname()) return undefined;
  if (boot !== bootId()) return false;
  if (ids !== namespaceOfIds()) return undefined;
  const now = startOf(Number(pid));
  return now === start || now === HIDDEN;
}

/** The start of a process in clock ticks since the boot; undefined if there is none; HIDDEN for one of which we may only know that it lives. Where the system has no /proc, the id alone has to do. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // Without /proc, or one that hides the processes of others (hidepid), a signal tells.
  }
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' ? HIDDEN : '0';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? HIDDEN : undefined;
  }
}

function namespaceOfIds(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '-';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}
