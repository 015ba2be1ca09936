import { readFileSync } from 'node:fs';
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

/** The labels of something of a run. */
export function labelsOf(runId: string, role: Role, node?: string): Record<string, string> {
  return { [LABEL.run]: runId, [LABEL.role]: role, [LABEL.controller]: controllerName(), ...(node === undefined ? {} : { [LABEL.node]: node }) };
}

/** This process, for ever: host, boot, process id and its start. Ids are used again, ids with their start are not. */
export function controllerName(): string {
  return [hostname(), bootId(), process.pid, startOf(process.pid) ?? '0'].join(' ');
}

/** Whether the controller that a label names lives; undefined: it is (or was) on another host, and nobody here can tell. */
export function controllerLives(name: string): boolean | undefined {
  const [host, boot, pid, start] = name.split(' ');
  if (host !== hostname()) return undefined;
  if (boot !== bootId()) return false;
  return startOf(Number(pid)) === start;
}

/** The start of a process in clock ticks since the boot; undefined if there is none. Where the system has no /proc, the id alone has to do. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return '0';
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}
